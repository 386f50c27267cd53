import { normalCdf, normalQuantile } from './normal.ts';

const EULER = 0.5772156649;

/**
 * Probabilistic Sharpe ratio: Φ((SR−SR*)√(n−1)/√(1−γ3·SR+(γ4−1)/4·SR²)), SR per period over n returns with skew γ3 and
 * kurtosis γ4 (normal = 3). Null where the variance term is not positive or there is less than two returns. Bailey,
 * López de Prado 2012.
 */
export function psr(of: {
  sharpe: number;
  threshold?: number;
  n: number;
  skew: number;
  kurtosis: number;
}): number | null {
  const variance = 1 - of.skew * of.sharpe + ((of.kurtosis - 1) / 4) * of.sharpe * of.sharpe;
  if (!(variance > 0) || of.n < 2) return null;
  return normalCdf(((of.sharpe - (of.threshold ?? 0)) * Math.sqrt(of.n - 1)) / Math.sqrt(variance));
}

/**
 * Sharpe ratio to be expected of the best of N trials without skill: √V·((1−γ)Φ⁻¹(1−1/N)+γΦ⁻¹(1−1/(N·e))), V variance
 * of the trials' ratios.
 */
export function expectedMaximumSharpe(variance: number, trials: number): number {
  return (
    Math.sqrt(variance) *
    ((1 - EULER) * normalQuantile(1 - 1 / trials) + EULER * normalQuantile(1 - 1 / (trials * Math.E)))
  );
}

/** Deflated Sharpe ratio: psr against the expected maximum of the trials. Bailey, López de Prado 2014. */
export function dsr(of: {
  sharpe: number;
  n: number;
  skew: number;
  kurtosis: number;
  variance: number;
  trials: number;
}): number | null {
  return psr({ ...of, threshold: expectedMaximumSharpe(of.variance, of.trials) });
}
