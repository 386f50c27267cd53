import { dayOf, easterSunday, weekdayOf } from '../civil-dates.ts';
import type { CalendarRules } from './rule-set.ts';

const HOURS = { open: -7 * 60, close: 16 * 60 };

function holidays(year: number): Set<number> {
  const newYear = dayOf(year, 1, 1);
  const christmas = dayOf(year, 12, 25);
  const weekday = weekdayOf(christmas);
  return new Set([
    weekdayOf(newYear) === 0 ? newYear + 1 : newYear,
    easterSunday(year) - 2,
    weekday === 6 ? christmas - 1 : weekday === 0 ? christmas + 1 : christmas,
  ]);
}

/** CME, 17:00 of the previous day to 16:00 Chicago; early closes are not modelled. Source: data.md 14, C2. */
export const cme: CalendarRules = {
  name: 'cme',
  timezone: 'America/Chicago',
  sessionsPerYear: 258,
  regular: HOURS,
  extended: HOURS,
  days: 'weekdays',
  holidays,
  earlyCloses: () => new Map(),
};
