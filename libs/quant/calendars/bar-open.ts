import type { Calendar } from './calendar.ts';
import { DAY_MS } from './civil-dates.ts';
import { mondayOf } from './weeks.ts';

const WEEK_DAYS = 7;
/** No calendar is closed for so long: holidays of one to a few days, and New York 2001-09-11 to 14. */
const LONGEST_CLOSURE_DAYS = 30;

/**
 * Open of a regular session of this date, days since 1970: of its own, where the calendar is lenient also of one that
 * there is not. NaN without one.
 */
function dayOpen(calendar: Calendar, day: number): number {
  const open = calendar.openOf(day);
  return open === open || !calendar.lenient ? open : calendar.regularOpen(day * DAY_MS);
}

/**
 * The instant at which a bar opens, ms UTC, from its label: an intraday bar at its label, a `1d` bar at the regular
 * open of its session, a `1w` bar at the regular open of the first session of its ISO week. Extended hours move none of
 * them. A bar of LOCAL on a date without a session opens at the regular open of that date. NaN where the calendar has
 * no such session.
 */
export function barOpen(calendar: Calendar, interval: string, label: number): number {
  if (interval !== '1d' && interval !== '1w') return label;
  const day = Math.floor(label / DAY_MS);
  if (interval === '1d') return dayOpen(calendar, day);
  for (let at = mondayOf(day), end = at + WEEK_DAYS; at < end; at++) {
    const open = calendar.openOf(at);
    if (open === open) return open;
  }
  return calendar.lenient ? calendar.regularOpen(day * DAY_MS) : Number.NaN;
}

/** Whether the pre-market belongs to the session: intraday bars of a run with extended hours begin there. */
type Hours = 'regular' | 'extended';

function opened(calendar: Calendar, day: number, hours: Hours): number {
  const open = calendar.openOf(day);
  return hours === 'regular' || open !== open ? open : calendar.extended(calendar.sessionByLabel(day * DAY_MS)!).open;
}

/**
 * Open of the first session on or after this day (days since 1970), ms UTC; Infinity beyond the years that are kept.
 */
export function firstOpenFrom(calendar: Calendar, day: number, hours: Hours): number {
  for (let at = day; at < day + LONGEST_CLOSURE_DAYS; at++) {
    const open = opened(calendar, at, hours);
    if (open === open) return open;
  }
  return Number.POSITIVE_INFINITY;
}

/**
 * Date, days since 1970, of the last session that had opened before this instant; −Infinity beyond the years that are
 * kept.
 */
export function lastSessionBefore(calendar: Calendar, instant: number, hours: Hours): number {
  const newest = Math.floor(instant / DAY_MS) + 1;
  for (let at = newest; at > newest - LONGEST_CLOSURE_DAYS; at--) if (opened(calendar, at, hours) < instant) return at;
  return Number.NEGATIVE_INFINITY;
}
