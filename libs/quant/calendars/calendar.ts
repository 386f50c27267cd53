/** One trading session of an exchange. Instants are milliseconds since the Unix epoch, UTC. */
export interface Session {
  /** Exchange-local date of the session, `YYYY-MM-DD` (the date of the close). */
  readonly date: string;
  /** The label of its daily bar: that date at 00:00:00Z. */
  readonly label: number;
  readonly open: number;
  readonly close: number;
  readonly early: boolean;
}

/** When the sessions of each day of one year open and close, ms UTC; NaN where there is none. */
export interface YearHours {
  /** First day of the year, days since 1970. */
  readonly firstDay: number;
  readonly opens: Float64Array;
  readonly closes: Float64Array;
}

/** Sessions of one exchange: IANA zone, weekly sessions, holidays, early closes; daylight saving applied. */
export interface Calendar {
  readonly exchange: string;
  readonly version: number;
  /** IANA name. */
  readonly timezone: string;
  /** A of trading.md 7.9: 252 for US equities, 253 LSE, 258 CME, 260 FX, 365 for 24x7. */
  readonly sessionsPerYear: number;
  /** True where the calendar never calls a bar off session (LOCAL). */
  readonly lenient: boolean;
  /** Length of a full regular session in minutes (390 US equities, 1440 for 24x7). */
  readonly sessionMinutes: number;
  /** Sessions with `from <= date <= to`, ascending. Dates `YYYY-MM-DD`. */
  sessions(from: string, to: string): readonly Session[];
  /** The session labelled with this 00:00Z label, or undefined. O(1). */
  sessionByLabel(label: number): Session | undefined;
  /**
   * Close of the session of this date, days since 1970; NaN when there is none. For walks over many days: a day of the
   * year asked for last costs nothing.
   */
  closeOf(day: number): number;
  /** Open of the session of this date, likewise. */
  openOf(day: number): number;
  /** Both, of all days of the year that holds this date. Empty beyond the years that are kept. */
  hoursOfYear(day: number): YearHours;
  /** When a regular session of the date with this 00:00Z label would open, whether or not there is one. */
  regularOpen(label: number): number;
  /** When a regular session of the date with this 00:00Z label would close, whether or not there is one. */
  regularClose(label: number): number;
  /** The regular session that contains the instant (open inclusive, close exclusive), or undefined. O(log n). */
  sessionAt(instant: number): Session | undefined;
  /** Pre- and post-market window around the session, equal to the session where the exchange has none. */
  extended(session: Session): { open: number; close: number };
}
