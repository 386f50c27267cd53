import type { PeriodCloses } from './period-closes.ts';
import type { Metrics, TearSheetInput } from './tear-sheet-input.ts';

/** What extrapolates the run to a year. */
const YEARLY = ['cagr', 'calmar', 'cost_drag'];

/** What is printed of a run, and why its yearly rates are not; null where they are. */
export interface PrintedInput extends TearSheetInput {
  readonly noYear: string | null;
}

/**
 * Fewer sessions than a month of them say nothing of a year: the metrics keep their value, the page prints a dash and
 * the reason.
 */
export function printedInput(input: TearSheetInput, sessions: PeriodCloses): PrintedInput {
  const month = (input.run.sessions_per_year ?? 252) / 12;
  const n = Math.max(0, sessions.equity.length - 1);
  if (n >= month || !YEARLY.some((key) => Number.isFinite(input.metrics[key]))) return { ...input, noYear: null };
  const unit = input.run.interval === '1w' ? 'week' : 'session';
  const metrics: Metrics = { ...input.metrics, ...Object.fromEntries(YEARLY.map((key) => [key, null])) };
  return { ...input, metrics, noYear: `no yearly rate from ${n} ${unit}${n === 1 ? '' : 's'}, less than a month` };
}

/** Whether the value of this metric is left out for that reason. */
export function isYearly(key: string): boolean {
  return YEARLY.includes(key);
}
