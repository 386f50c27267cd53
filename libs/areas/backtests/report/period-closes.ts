import { toMillis } from './number-format.ts';
import type { EquityColumns, TearSheetRun } from './tear-sheet-input.ts';

const DAY = 86_400_000;

/** E_0..E_n of trading.md 7.9 with their instants. */
export interface PeriodCloses {
  readonly ts: Float64Array;
  readonly equity: Float64Array;
}

/**
 * E_0 is the equity of the first decision, then one close per UTC day. Regular and extended US hours, and crypto days,
 * lie within one UTC day once a close at midnight is counted to the day it ends.
 */
export function sessionCloses(run: TearSheetRun, columns: EquityColumns): PeriodCloses {
  const first = firstDecisionRow(run, columns.ts);
  const ts = columns.ts.slice(first);
  const equity = columns.equity.slice(first);
  let kept = Math.min(1, ts.length);
  let day = dayOf(ts[0] ?? 0);
  for (let i = 1; i < ts.length; i++) {
    const next = dayOf(ts[i]!);
    if (next !== day || kept === 1) kept++;
    ts[kept - 1] = ts[i]!;
    equity[kept - 1] = equity[i]!;
    day = next;
  }
  return { ts: ts.subarray(0, kept), equity: equity.subarray(0, kept) };
}

/** The periods the metrics are made of: sessions, or bars when the recipe says `metrics_freq: bar`. */
export function periodCloses(run: TearSheetRun, columns: EquityColumns): PeriodCloses {
  if (run.metrics_freq !== 'bar') return sessionCloses(run, columns);
  const first = firstDecisionRow(run, columns.ts);
  return { ts: columns.ts.subarray(first), equity: columns.equity.subarray(first) };
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

function firstDecisionRow(run: TearSheetRun, ts: Float64Array): number {
  const decision = toMillis(run.first_decision);
  if (decision === null) return 0;
  const row = ts.findIndex((at) => at >= decision);
  return row < 0 ? ts.length : row;
}

function dayOf(closeMillis: number): number {
  return Math.floor((closeMillis - 1) / DAY);
}
