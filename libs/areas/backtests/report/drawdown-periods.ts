import type { PeriodCloses } from './period-closes.ts';

/** Peak, valley and recovery are session dates, as 00:00Z in ms. */
export interface DrawdownPeriod {
  readonly peak: number;
  readonly valley: number;
  /** Null while equity has not come back to the peak. */
  readonly recovery: number | null;
  /** E_valley / E_peak - 1. */
  readonly depth: number;
  /** Periods from peak to valley. */
  readonly decline: number;
  /** Periods from peak to recovery, or to the end. */
  readonly length: number;
}

/** The `count` deepest spans between a peak and the return to it, deepest first, earlier first among equals. */
export function worstDrawdowns(closes: PeriodCloses, count: number): DrawdownPeriod[] {
  const periods: DrawdownPeriod[] = [];
  const { session, equity } = closes;
  let peak = 0;
  let valley = 0;
  const close = (end: number, recovered: boolean): void => {
    if (valley === peak || !(equity[peak]! > 0)) return;
    periods.push({
      peak: session[peak]!,
      valley: session[valley]!,
      recovery: recovered ? session[end]! : null,
      depth: equity[valley]! / equity[peak]! - 1,
      decline: valley - peak,
      length: end - peak,
    });
  };
  for (let i = 1; i < equity.length; i++) {
    if (equity[i]! >= equity[peak]!) {
      close(i, true);
      peak = i;
      valley = i;
    } else if (equity[i]! < equity[valley]!) valley = i;
  }
  close(equity.length - 1, false);
  return periods.sort((a, b) => a.depth - b.depth || a.peak - b.peak).slice(0, count);
}
