import { calendarFor, type Session } from '#quant/calendars';
import { type AnyInterval, coverage, dateOfDay, intradayMs } from '#quant/market-data';

const DAY_MS = 86_400_000;

/**
 * Sessions that have closed since the newest bar and brought none (data.md 8.7). `newest` is its label, `now` the
 * present, ms UTC; `delistedAt` `YYYY-MM-DD`.
 */
export function freshness(
  exchange: string,
  interval: AnyInterval,
  newest: number,
  delistedAt: string | null,
  now: number,
): number {
  const calendar = calendarFor(exchange);
  // A session may bear the date before or after that of its bars in UTC.
  const range = {
    from: dateOfDay(Math.floor(newest / DAY_MS) - 1),
    to: delistedAt ?? dateOfDay(Math.floor(now / DAY_MS) + 1),
    now,
  };
  const length = intradayMs(interval);
  if (length === undefined && interval !== '1d')
    return coverage(calendar, interval, Float64Array.of(newest), range, 0).behind;
  // By sessions: years of seconds are a great many labels.
  const lastLabel = ({ label, open, close }: Session): number =>
    length === undefined ? label : open + Math.floor((close - open - 1) / length) * length;
  return calendar
    .sessions(range.from, range.to)
    .filter((session) => session.close <= now && lastLabel(session) > newest).length;
}
