import type { Calendar, Session, YearHours } from './calendar.ts';
import { DAY_MS } from './civil-dates.ts';
import type { CalendarRules } from './rules/rule-set.ts';
import { FIRST_YEAR, LAST_YEAR, yearTable } from './session-tables.ts';
import { localToInstant } from './zone-offsets.ts';

const MINUTE = 60_000;

/** A calendar worked out from a rule set, year by year as it is asked for. */
export class RuleCalendar implements Calendar {
  readonly exchange: string;
  readonly version: number;
  readonly timezone: string;
  readonly sessionsPerYear: number;
  readonly lenient: boolean;
  readonly sessionMinutes: number;
  readonly #rules: CalendarRules;
  /** The year that `closeOf` or `openOf` was asked for last. */
  #year: YearHours | null = null;

  constructor(exchange: string, rules: CalendarRules, options: { version?: number; lenient?: boolean } = {}) {
    this.exchange = exchange;
    this.version = options.version ?? 1;
    this.timezone = rules.timezone;
    this.sessionsPerYear = rules.sessionsPerYear;
    this.lenient = options.lenient ?? false;
    this.sessionMinutes = rules.regular.close - rules.regular.open;
    this.#rules = rules;
  }

  sessions(from: string, to: string): readonly Session[] {
    if (from > to) return [];
    const result: Session[] = [];
    const last = Math.min(Number(to.slice(0, 4)), LAST_YEAR);
    for (let year = Math.max(Number(from.slice(0, 4)), FIRST_YEAR); year <= last; year++)
      for (const session of yearTable(this.#rules, year).sessions)
        if (session.date >= from && session.date <= to) result.push(session);
    return result;
  }

  sessionByLabel(label: number): Session | undefined {
    return yearTable(this.#rules, new Date(label).getUTCFullYear()).byLabel.get(label);
  }

  closeOf(day: number): number {
    const { closes, firstDay } = this.hoursOfYear(day);
    return closes[day - firstDay] ?? Number.NaN;
  }

  openOf(day: number): number {
    const { opens, firstDay } = this.hoursOfYear(day);
    return opens[day - firstDay] ?? Number.NaN;
  }

  hoursOfYear(day: number): YearHours {
    const year = this.#year;
    if (year !== null && day >= year.firstDay && day < year.firstDay + year.closes.length) return year;
    return (this.#year = yearTable(this.#rules, new Date(day * DAY_MS).getUTCFullYear()));
  }

  regularOpen(label: number): number {
    return localToInstant(this.timezone, new Date(label).getUTCFullYear(), label + this.#rules.regular.open * MINUTE);
  }

  regularClose(label: number): number {
    return localToInstant(this.timezone, new Date(label).getUTCFullYear(), label + this.#rules.regular.close * MINUTE);
  }

  sessionAt(instant: number): Session | undefined {
    // A session may open on the day before its date and close on the day after it, in UTC.
    const day = Math.floor(instant / DAY_MS) * DAY_MS;
    for (const label of [day, day + DAY_MS, day - DAY_MS]) {
      const session = this.sessionByLabel(label);
      if (session && session.open <= instant && instant < session.close) return session;
    }
    return undefined;
  }

  extended(session: Session): { open: number; close: number } {
    const { extended, regular, timezone } = this.#rules;
    if (extended.open === regular.open && extended.close === regular.close)
      return { open: session.open, close: session.close };
    const year = Number(session.date.slice(0, 4));
    return {
      open: localToInstant(timezone, year, session.label + extended.open * MINUTE),
      close: localToInstant(timezone, year, session.label + extended.close * MINUTE),
    };
  }
}
