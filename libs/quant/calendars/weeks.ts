import type { Calendar } from './calendar.ts';
import { DAY_MS, weekdayOf } from './civil-dates.ts';

/** Monday of the ISO week of a day; both in days since 1970. */
export function mondayOf(day: number): number {
  return day - ((weekdayOf(day) + 6) % 7);
}

/** Label of a weekly bar that is dated so (00:00Z): the first session of the ISO week, for which its Monday may stand. NaN for another day. Source: data.md 14, V5. */
export function weekLabel(calendar: Calendar, date: number): number {
  const monday = mondayOf(Math.floor(date / DAY_MS)) * DAY_MS;
  let first = monday;
  while (first < monday + 7 * DAY_MS && calendar.sessionByLabel(first) === undefined) first += DAY_MS;
  if (first === monday + 7 * DAY_MS) first = monday;
  return date === monday || date === first ? first : Number.NaN;
}
