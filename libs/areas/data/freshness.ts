import { calendarFor } from '#quant/calendars';
import { type AnyInterval, coverage, dateOfDay } from '#quant/market-data';

const DAY_MS = 86_400_000;

/** Sessions that have closed since the newest bar and brought none (data.md 8.7). `newest` is its label, `now` the present, ms UTC; `delistedAt` `YYYY-MM-DD`. */
export function freshness(exchange: string, interval: AnyInterval, newest: number, delistedAt: string | null, now: number): number {
  // A session may bear the date before or after that of its bars in UTC.
  const range = { from: dateOfDay(Math.floor(newest / DAY_MS) - 1), to: delistedAt ?? dateOfDay(Math.floor(now / DAY_MS) + 1), now };
  return coverage(calendarFor(exchange), interval, Float64Array.of(newest), range, 0).behind;
}
