import type { Session, YearHours } from './calendar.ts';
import { DAY_MS, dayOf, textOfDay, weekdayOf } from './civil-dates.ts';
import type { CalendarRules } from './rules/rule-set.ts';
import { localToInstant } from './zone-offsets.ts';

/** The rules are kept for these years; outside there are no sessions. */
export const FIRST_YEAR = 1900;
export const LAST_YEAR = 2199;

export interface YearTable extends YearHours {
  readonly sessions: readonly Session[];
  readonly byLabel: ReadonlyMap<number, Session>;
}

const MINUTE = 60_000;
const EMPTY: YearTable = {
  sessions: [],
  byLabel: new Map(),
  firstDay: 0,
  closes: new Float64Array(0),
  opens: new Float64Array(0),
};
const tables = new WeakMap<CalendarRules, Map<number, YearTable>>();

/** Sessions of one rule set in one year, worked out once. */
export function yearTable(rules: CalendarRules, year: number): YearTable {
  if (!(year >= FIRST_YEAR && year <= LAST_YEAR)) return EMPTY;
  let years = tables.get(rules);
  if (!years) tables.set(rules, (years = new Map()));
  let table = years.get(year);
  if (!table) years.set(year, (table = build(rules, year)));
  return table;
}

function build(rules: CalendarRules, year: number): YearTable {
  const holidays = rules.holidays(year);
  const isSession = (day: number): boolean =>
    !holidays.has(day) && (rules.days === 'all' || (weekdayOf(day) !== 0 && weekdayOf(day) !== 6));
  const early = rules.earlyCloses(year, isSession);
  const sessions: Session[] = [];
  const byLabel = new Map<number, Session>();
  const firstDay = dayOf(year, 1, 1);
  const end = dayOf(year + 1, 1, 1);
  const closes = new Float64Array(end - firstDay).fill(Number.NaN);
  const opens = closes.slice();
  for (let day = firstDay; day < end; day++) {
    if (!isSession(day)) continue;
    const label = day * DAY_MS;
    const earlyClose = early.get(day);
    const session = {
      date: textOfDay(day),
      label,
      open: localToInstant(rules.timezone, year, label + rules.regular.open * MINUTE),
      close: localToInstant(rules.timezone, year, label + (earlyClose ?? rules.regular.close) * MINUTE),
      early: earlyClose !== undefined,
    };
    sessions.push(session);
    byLabel.set(label, session);
    closes[day - firstDay] = session.close;
    opens[day - firstDay] = session.open;
  }
  return { sessions, byLabel, firstDay, closes, opens };
}
