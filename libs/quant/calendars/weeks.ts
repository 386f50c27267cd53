import type { Calendar } from './calendar.ts';
import { DAY_MS, weekdayOf } from './civil-dates.ts';

/** Monday of the ISO week of a day; both in days since 1970. */
export function mondayOf(day: number): number {
  return day - ((weekdayOf(day) + 6) % 7);
}

function mondayLabel(date: number): number {
  return mondayOf(Math.floor(date / DAY_MS)) * DAY_MS;
}

/** Labels of the sessions of the ISO week that holds this date (00:00Z), ascending. */
function sessionsOfWeek(calendar: Calendar, date: number): number[] {
  const monday = mondayLabel(date);
  return [0, 1, 2, 3, 4, 5, 6]
    .map((day) => monday + day * DAY_MS)
    .filter((day) => calendar.sessionByLabel(day) !== undefined);
}

/**
 * Label of the weekly bar of the ISO week that holds this date (00:00Z): its first session, its Monday where it has
 * none. Source: data.md 14, V5.
 */
export function weekOf(calendar: Calendar, date: number): number {
  return sessionsOfWeek(calendar, date)[0] ?? mondayLabel(date);
}

/** True for the last session of its ISO week. */
export function endsWeek(calendar: Calendar, date: number): boolean {
  return sessionsOfWeek(calendar, date).at(-1) === date;
}

/**
 * Label of a weekly bar that is dated so (00:00Z): the first session of the ISO week, for which its Monday may stand.
 * NaN for another day. Source: data.md 14, V5.
 */
export function weekLabel(calendar: Calendar, date: number): number {
  const first = weekOf(calendar, date);
  return date === first || date === mondayLabel(date) ? first : Number.NaN;
}
