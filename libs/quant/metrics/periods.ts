import { INTERVAL_MS } from '../bars/index.ts';
import { mondayOf, type Calendar } from '../calendars/index.ts';
import type { BacktestKwargs } from '../recipe/index.ts';

const WEEKS_PER_YEAR = 52;

/** Rows at which a session date begins, and those dates, days since 1970; ascending. */
export interface SessionDays {
  starts: ArrayLike<number>;
  dates: ArrayLike<number>;
}

/** The session dates of a column that holds one for each row. */
export function daysOf(sessionDay: Int32Array | Float64Array): SessionDays {
  const starts: number[] = [];
  for (let row = 0; row < sessionDay.length; row++)
    if (row === 0 || sessionDay[row] !== sessionDay[row - 1]) starts.push(row);
  return { starts, dates: starts.map((row) => sessionDay[row]!) };
}

/**
 * Rows at which equity is sampled: the first decision, then each later session close (the last row of each session date
 * of the calendar, of weekly bars that of each ISO week, and the last row of all), or with `metrics_freq: bar` every
 * later row. None without a first decision (row −1).
 */
export function sampleRows(
  days: SessionDays,
  length: number,
  firstRow: number,
  calendar: Calendar,
  { interval, metrics_freq: freq }: Pick<BacktestKwargs, 'interval' | 'metrics_freq'>,
): Int32Array {
  if (firstRow < 0) return new Int32Array(0);
  if (freq === 'bar') {
    const every = new Int32Array(length - firstRow);
    for (let i = 0; i < every.length; i++) every[i] = firstRow + i;
    return every;
  }
  const rows = new Int32Array(days.starts.length + 1);
  let count = 0;
  rows[count++] = firstRow;
  const last = days.starts.length - 1;
  for (let i = 0; i <= last; i++) {
    const row = i === last ? length - 1 : days.starts[i + 1]! - 1;
    if (row > firstRow && (i === last || closesPeriod(days.dates[i]!, days.dates[i + 1]!, calendar, interval)))
      rows[count++] = row;
  }
  return rows.subarray(0, count);
}

/** Whether a period ends with this date: weeks of several calendars begin on different days. */
function closesPeriod(date: number, next: number, calendar: Calendar, interval: BacktestKwargs['interval']): boolean {
  if (interval === '1w') return mondayOf(date) !== mondayOf(next);
  return calendar.lenient || !Number.isNaN(calendar.closeOf(date));
}

/** A of trading.md 7.9: sessions per year, times the bars of a session with `metrics_freq: bar`; 52 for weekly bars. */
export function periodsPerYear(calendar: Calendar, options: Pick<BacktestKwargs, 'interval' | 'metrics_freq'>): number {
  if (options.interval === '1w') return WEEKS_PER_YEAR;
  const length = INTERVAL_MS[options.interval];
  if (options.metrics_freq === 'session' || length === undefined) return calendar.sessionsPerYear;
  return Math.ceil((calendar.sessionMinutes * 60_000) / length) * calendar.sessionsPerYear;
}
