import type { Calendar } from '../calendars/index.ts';
import { type AnyInterval, expectedLabels } from './intervals.ts';

export interface GapRange {
  readonly start: number;
  /** The last missing label. */
  readonly end: number;
  readonly count: number;
}

export interface Coverage {
  readonly expected: number;
  readonly missing: number;
  /** The oldest labels without a bar, `shown` at most. */
  readonly gaps: readonly number[];
  readonly ranges: readonly GapRange[];
  /** Greatest expected label, or null. */
  readonly lastExpected: number | null;
  /** Expected session labels after the newest bar. */
  readonly behind: number;
}

/**
 * Which expected bars between two session dates are not stored. Sessions that are not over at `now` are expected by
 * nobody. `times` ascending. Source: data.md 8.7 and 14, B5.
 */
export function coverage(
  calendar: Calendar,
  interval: AnyInterval,
  times: Float64Array,
  range: { from: string; to: string; now: number; fromInstant?: number; toInstant?: number },
  shown = 200,
): Coverage {
  const gaps: number[] = [];
  const ranges: { start: number; end: number; count: number }[] = [];
  let expected = 0;
  let missing = 0;
  let at = 0;
  let open: { start: number; end: number; count: number } | undefined;
  let lastExpected: number | null = null;
  let behind = 0;
  let lastSession = '';
  const newest = times.length > 0 ? times[times.length - 1]! : Infinity;
  for (const { time, session } of expectedLabels(calendar, interval, range.from, range.to)) {
    if (session.close > range.now) break;
    if (range.fromInstant !== undefined && time < range.fromInstant) continue;
    if (range.toInstant !== undefined && time >= range.toInstant) break;
    expected++;
    lastExpected = time;
    while (at < times.length && times[at]! < time) at++;
    if (at < times.length && times[at] === time) {
      open = undefined;
      continue;
    }
    missing++;
    if (time > newest && session.date !== lastSession) {
      behind++;
      lastSession = session.date;
    }
    if (gaps.length < shown) gaps.push(time);
    if (open) {
      open.end = time;
      open.count++;
    } else {
      open = { start: time, end: time, count: 1 };
      if (ranges.length < shown) ranges.push(open);
    }
  }
  return { expected, missing, gaps, ranges, lastExpected, behind };
}
