import type { Calendar } from './calendar.ts';
import { DAY_MS } from './civil-dates.ts';

/** 00:00Z of the Monday of the ISO week of a date (00:00Z). */
function mondayOf(date: number): number {
  return date - ((new Date(date).getUTCDay() + 6) % 7) * DAY_MS;
}

/** Labels of the sessions of the ISO week that holds this date (00:00Z), ascending. */
function sessionsOfWeek(calendar: Calendar, date: number): number[] {
  const monday = mondayOf(date);
  return [0, 1, 2, 3, 4, 5, 6].map((day) => monday + day * DAY_MS).filter((day) => calendar.sessionByLabel(day) !== undefined);
}

/** Label of the weekly bar of the ISO week that holds this date (00:00Z): its first session, its Monday where it has none. Source: data.md 14, V5. */
export function weekOf(calendar: Calendar, date: number): number {
  return sessionsOfWeek(calendar, date)[0] ?? mondayOf(date);
}

/** True for the last session of its ISO week. */
export function endsWeek(calendar: Calendar, date: number): boolean {
  return sessionsOfWeek(calendar, date).at(-1) === date;
}

/** Label of a weekly bar that is dated so (00:00Z): the first session of the ISO week, for which its Monday may stand. NaN for another day. Source: data.md 14, V5. */
export function weekLabel(calendar: Calendar, date: number): number {
  const first = weekOf(calendar, date);
  return date === first || date === mondayOf(date) ? first : Number.NaN;
}
