import { dayOf } from '../civil-dates.ts';
import type { CalendarRules } from './rule-set.ts';

const HOURS = { open: -7 * 60, close: 17 * 60 };

/**
 * Spot FX, 24 x 5: Sunday 17:00 to Friday 17:00 New York, one session a weekday, named by the date of its close; closed
 * on 1 January and 25 December.
 */
export const fx: CalendarRules = {
  name: 'fx',
  timezone: 'America/New_York',
  sessionsPerYear: 260,
  regular: HOURS,
  extended: HOURS,
  days: 'weekdays',
  holidays: (year) => new Set([dayOf(year, 1, 1), dayOf(year, 12, 25)]),
  earlyCloses: () => new Map(),
};
