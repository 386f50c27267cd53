import { INTERVAL_MS, type BarSeries } from '../bars/index.ts';
import type { Calendar } from '../calendars/index.ts';
import type { BacktestKwargs } from '../recipe/index.ts';

const DAY_MS = 86_400_000;
const WEEKS_PER_YEAR = 52;

/**
 * Rows at which equity is sampled: the first decision, then each later session close (the last row of each session date of the calendar, and the last
 * row of all), or with `metrics_freq: bar` every later row.
 */
export function sampleRows(days: Int32Array, firstRow: number, calendar: Calendar, freq: BacktestKwargs['metrics_freq']): Int32Array {
  const rows = [firstRow];
  const n = days.length;
  const sessions = freq === 'bar' || n === 0 ? null : sessionDays(calendar, days[firstRow]!, days[n - 1]!);
  for (let row = firstRow + 1; row < n; row++) {
    const closes = sessions === null || row === n - 1 || (days[row + 1] !== days[row] && (sessions.has(days[row]!) || calendar.lenient));
    if (closes) rows.push(row);
  }
  return Int32Array.from(rows);
}

function sessionDays(calendar: Calendar, from: number, to: number): Set<number> {
  const date = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
  return new Set(calendar.sessions(date(from), date(to)).map((session) => session.label / DAY_MS));
}

/** A of trading.md 7.9: sessions per year, times the bars of a session with `metrics_freq: bar`; 52 for weekly bars. */
export function periodsPerYear(calendar: Calendar, options: BacktestKwargs): number {
  if (options.interval === '1w') return WEEKS_PER_YEAR;
  const length = INTERVAL_MS[options.interval];
  if (options.metrics_freq === 'session' || length === undefined) return calendar.sessionsPerYear;
  return Math.ceil((calendar.sessionMinutes * 60_000) / length) * calendar.sessionsPerYear;
}

/** Last benchmark close known at each instant; NaN before the first. Daily bars are known at the close of their session. */
export function closesAt(series: BarSeries, instants: Float64Array, calendar: Calendar, interval: BacktestKwargs['interval']): Float64Array {
  const length = INTERVAL_MS[interval];
  const known = (i: number): number => {
    const label = series.time[i]!;
    return length === undefined ? (calendar.sessionByLabel(label)?.close ?? label + DAY_MS) : label + length;
  };
  const out = new Float64Array(instants.length);
  let next = 0;
  for (let i = 0; i < instants.length; i++) {
    while (next < series.time.length && known(next) <= instants[i]!) next++;
    out[i] = next === 0 ? Number.NaN : series.close[next - 1]!;
  }
  return out;
}
