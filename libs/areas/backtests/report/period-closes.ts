import type { Interval } from '#quant/bars';
import { calendarFor } from '#quant/calendars';
import { daysOf, sampleRows } from '#quant/metrics';
import { toMillis } from './number-format.ts';
import type { EquityColumns, Instant, TearSheetRun } from './tear-sheet-input.ts';

const DAY = 86_400_000;

/** E_0..E_n of trading.md 7.9 with their instants and session dates. */
export interface PeriodCloses {
  readonly ts: Float64Array;
  /** As in the equity columns: 00:00Z of the session date, ms. */
  readonly session: Float64Array;
  readonly equity: Float64Array;
}

/**
 * E_0 is the equity of the first decision, then one close per session: the rows that the metrics are made of, whatever
 * their own frequency.
 */
export function sessionCloses(run: TearSheetRun, columns: EquityColumns): PeriodCloses {
  return closesOf(run, columns, 'session');
}

/** The periods the metrics are made of: sessions, or bars when the recipe says `metrics_freq: bar`. */
export function periodCloses(run: TearSheetRun, columns: EquityColumns): PeriodCloses {
  return closesOf(run, columns, run.metrics_freq ?? 'session');
}

/** r_1..r_n; NaN after the equity has gone to zero. */
export function periodReturns(equity: Float64Array): Float64Array {
  const returns = new Float64Array(Math.max(0, equity.length - 1));
  for (let i = 0; i < returns.length; i++) {
    const before = equity[i]!;
    returns[i] = before > 0 ? equity[i + 1]! / before - 1 : NaN;
  }
  return returns;
}

/** Session date of the row at an instant, or of the first one after it; null where there is none. */
export function sessionAt({ ts, session }: EquityColumns, instant: Instant | null | undefined): number | null {
  return atInstant(ts, session, instant);
}

/** Value of a column at the row of an instant, likewise. */
export function atInstant(ts: Float64Array, column: Float64Array, instant: Instant | null | undefined): number | null {
  const at = toMillis(instant);
  if (at === null) return null;
  let [low, high] = [0, ts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ts[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return column[low] ?? null;
}

function closesOf(run: TearSheetRun, { ts, session, equity }: EquityColumns, freq: 'session' | 'bar'): PeriodCloses {
  const first = firstDecisionRow(run, ts);
  if (freq === 'bar' && first >= 0)
    return { ts: ts.subarray(first), session: session.subarray(first), equity: equity.subarray(first) };
  const { starts, dates } = daysOf(session);
  const days = { starts, dates: Float64Array.from(dates, (label) => label / DAY) };
  const rows = sampleRows(days, ts.length, first, calendarFor(run.calendar), {
    interval: run.interval as Interval,
    metrics_freq: freq,
  });
  const picked = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row]!);
  return { ts: picked(ts), session: picked(session), equity: picked(equity) };
}

/** −1 where there is none. */
function firstDecisionRow(run: TearSheetRun, ts: Float64Array): number {
  const decision = toMillis(run.first_decision);
  if (decision === null) return ts.length > 0 ? 0 : -1;
  return ts.findIndex((at) => at >= decision);
}
