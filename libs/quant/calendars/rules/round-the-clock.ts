import type { CalendarRules } from './rule-set.ts';

const HOURS = { open: 0, close: 24 * 60 };

/** Markets that never close: the session is the UTC day. Source: data.md 14, C2. */
export const roundTheClock: CalendarRules = {
  name: '24x7',
  timezone: 'UTC',
  sessionsPerYear: 365,
  regular: HOURS,
  extended: HOURS,
  days: 'all',
  holidays: () => new Set(),
  earlyCloses: () => new Map(),
};
