export interface Histogram {
  /** Left edges, multiples of `step`, so that no bin mixes gains with losses. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  readonly step: number;
  /** Values counted in the outermost bins although they lie beyond them. */
  readonly beyond: number;
  /** Values that are exactly zero, in no bin: the sessions without a position would dwarf all others. */
  readonly unchanged: number;
}

/** Displayed span on either side of the mean, in standard deviations. */
const SPAN = 5;
const TARGET_BINS = 44;

/** Bins of a round width (1, 2, 2.5 or 5 times a power of ten); null without a finite value other than zero. */
export function histogram(values: Float64Array): Histogram | null {
  const binned = new Float64Array(values.length);
  let n = 0;
  let unchanged = 0;
  let sum = 0;
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value === 0) unchanged++;
    else if (Number.isFinite(value)) {
      binned[n++] = value;
      sum += value;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (n === 0) return null;
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (binned[i]! - mean) ** 2;
  const reach = SPAN * Math.sqrt(squares / n);
  const from = Math.max(low, mean - reach);
  const to = Math.min(high, mean + reach);
  const step = roundStep((to - from) / TARGET_BINS || Math.abs(mean) / 10 || 0.001);
  const first = Math.floor(from / step);
  const bins = Math.floor(to / step) - first + 1;
  const counts = new Array<number>(bins).fill(0);
  let beyond = 0;
  for (let i = 0; i < n; i++) {
    const bin = Math.floor(binned[i]! / step) - first;
    if (bin < 0 || bin >= bins) beyond++;
    counts[Math.min(bins - 1, Math.max(0, bin))]!++;
  }
  return { edges: counts.map((_, i) => (first + i) * step), counts, step, beyond, unchanged };
}

/** The next width of the series 1, 2, 2.5, 5, 10. */
export function roundStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  return ([1, 2, 2.5, 5].find((factor) => factor * power >= raw * (1 - 1e-9)) ?? 10) * power;
}
