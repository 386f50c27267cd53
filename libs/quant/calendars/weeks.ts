import type { Calendar } from './calendar.ts';
import { DAY_MS } from './civil-dates.ts';

/** 00:00Z of the Monday of the ISO week of a date (00:00Z). */
function mondayOf(date: number): number {
  return date - ((new Date(date).getUTCDay() + 6) % 7) * DAY_MS;
}

/** Label of the weekly bar of the ISO week that holds this date (00:00Z): its first session, its Monday where it has none. Source: data.md 14, V5. */
export function weekOf(calendar: Calendar, date: number): number {
  const monday = mondayOf(date);
  for (let day = monday; day < monday + 7 * DAY_MS; day += DAY_MS) if (calendar.sessionByLabel(day) !== undefined) return day;
  return monday;
}

/** Label of a weekly bar that is dated so (00:00Z): the first session of the ISO week, for which its Monday may stand. NaN for another day. Source: data.md 14, V5. */
export function weekLabel(calendar: Calendar, date: number): number {
  const first = weekOf(calendar, date);
  return date === first || date === mondayOf(date) ? first : Number.NaN;
}
