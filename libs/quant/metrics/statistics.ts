/** A standard deviation below this counts as 0 (trading.md 7.10). */
export const NO_SPREAD = 1e-12;

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Sums of the powers of the deviations from the mean. */
interface Deviations {
  readonly mean: number;
  readonly squares: number;
  readonly cubes: number;
  readonly fourths: number;
}

function deviations(values: ArrayLike<number>): Deviations {
  const centre = mean(values);
  let squares = 0;
  let cubes = 0;
  let fourths = 0;
  for (let i = 0; i < values.length; i++) {
    const off = values[i]! - centre;
    const square = off * off;
    squares += square;
    cubes += square * off;
    fourths += square * square;
  }
  return { mean: centre, squares, cubes, fourths };
}

/** Standard deviation with ddof 1; null below two values. */
export function deviation(values: ArrayLike<number>): number | null {
  return values.length < 2 ? null : spread(deviations(values).squares, values.length - 1);
}

function spread(squares: number, over: number): number {
  const result = Math.sqrt(squares / over);
  return result < NO_SPREAD ? 0 : result;
}

/**
 * What the ratios need of the returns. Without a spread there is no skew m3/m2^1.5 and no kurtosis m4/m2² (normal = 3).
 */
export interface Shape {
  readonly mean: number;
  readonly deviation: number | null;
  readonly skew: number | null;
  readonly kurtosis: number | null;
}

export function shapeOf(values: ArrayLike<number>): Shape {
  const n = values.length;
  const { mean: centre, squares, cubes, fourths } = deviations(values);
  const m2 = squares / n;
  const flat = !(Math.sqrt(m2) >= NO_SPREAD);
  return {
    mean: n === 0 ? 0 : centre,
    deviation: n < 2 ? null : spread(squares, n - 1),
    skew: flat ? null : cubes / n / m2 ** 1.5,
    kurtosis: flat ? null : fourths / n / (m2 * m2),
  };
}

/** Quantile by linear interpolation (type 7 of Hyndman, Fan 1996). */
export function quantile(values: ArrayLike<number>, p: number): number {
  const ranked = Float64Array.from(values);
  const at = (ranked.length - 1) * p;
  const below = Math.floor(at);
  const low = select(ranked, below);
  if (below + 1 >= ranked.length) return low;
  let high = Number.POSITIVE_INFINITY;
  for (let i = below + 1; i < ranked.length; i++) if (ranked[i]! < high) high = ranked[i]!;
  return low + (at - below) * (high - low);
}

/** The value of this rank, 0 the smallest; those below it end up before it, those above it after it (Hoare 1961). */
function select(values: Float64Array, rank: number): number {
  let left = 0;
  let right = values.length - 1;
  while (left < right) {
    const pivot = values[(left + right) >> 1]!;
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const swapped = values[i]!;
      values[i++] = values[j]!;
      values[j--] = swapped;
    }
    if (rank <= j) right = j;
    else if (rank >= i) left = i;
    else break;
  }
  return values[rank]!;
}

/** How far each value lies below the greatest one up to it, as a fraction <= 0. */
export function drawdowns(values: Float64Array): Float64Array {
  const falls = new Float64Array(values.length);
  let peak = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    if (values[i]! > peak) peak = values[i]!;
    falls[i] = values[i]! / peak - 1;
  }
  return falls;
}
