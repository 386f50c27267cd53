/** Clock time of the exchange in minutes after local midnight; negative means on the day before. */
export interface SessionHours {
  readonly open: number;
  readonly close: number;
}

/** When an exchange trades: the rules behind one row of `market_calendars`. Days are days since 1970-01-01. */
export interface CalendarRules {
  readonly name: string;
  /** IANA name. */
  readonly timezone: string;
  readonly sessionsPerYear: number;
  readonly regular: SessionHours;
  readonly extended: SessionHours;
  /** Every day of the week, or Monday to Friday. */
  readonly days: 'all' | 'weekdays';
  /** Days of the year without a session; weekends may be among them. */
  holidays(year: number): ReadonlySet<number>;
  /** Day -> minute of the early close. Days that are no session are ignored. */
  earlyCloses(year: number, isSession: (day: number) => boolean): ReadonlyMap<number, number>;
}
