/** A standard deviation below this counts as 0 (trading.md 7.10). */
export const NO_SPREAD = 1e-12;

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Standard deviation with ddof 1; null below two values. */
export function deviation(values: ArrayLike<number>): number | null {
  if (values.length < 2) return null;
  const centre = mean(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - centre) ** 2;
  const result = Math.sqrt(squares / (values.length - 1));
  return result < NO_SPREAD ? 0 : result;
}

/** Population central moment of order k. */
export function centralMoment(values: ArrayLike<number>, k: number): number {
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - centre) ** k;
  return sum / values.length;
}

/** m3/m2^1.5, null without spread. */
export function skewness(values: ArrayLike<number>): number | null {
  const m2 = centralMoment(values, 2);
  return Math.sqrt(m2) < NO_SPREAD ? null : centralMoment(values, 3) / m2 ** 1.5;
}

/** m4/m2² (normal = 3), null without spread. */
export function kurtosis(values: ArrayLike<number>): number | null {
  const m2 = centralMoment(values, 2);
  return Math.sqrt(m2) < NO_SPREAD ? null : centralMoment(values, 4) / (m2 * m2);
}

/** Quantile by linear interpolation (type 7 of Hyndman, Fan 1996). */
export function quantile(values: ArrayLike<number>, p: number): number {
  const sorted = Float64Array.from(values).sort();
  const at = (sorted.length - 1) * p;
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!);
}
