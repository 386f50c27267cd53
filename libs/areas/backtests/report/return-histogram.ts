export interface Histogram {
  /** Left edges, multiples of `step`, so that no bin mixes gains with losses. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  readonly step: number;
  /** Values counted in the outermost bins although they lie beyond them. */
  readonly beyond: number;
}

/** Displayed span on either side of the mean, in standard deviations. */
const SPAN = 5;
const TARGET_BINS = 44;

/** Bins of a round width (1, 2, 2.5 or 5 times a power of ten); null without a finite value. */
export function histogram(values: Float64Array): Histogram | null {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return null;
  let sum = 0;
  let low = Infinity;
  let high = -Infinity;
  for (const value of finite) {
    sum += value;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const mean = sum / finite.length;
  let squares = 0;
  for (const value of finite) squares += (value - mean) ** 2;
  const reach = SPAN * Math.sqrt(squares / finite.length);
  const from = Math.max(low, mean - reach);
  const to = Math.min(high, mean + reach);
  const step = roundStep((to - from) / TARGET_BINS || Math.abs(mean) / 10 || 0.001);
  const first = Math.floor(from / step);
  const bins = Math.floor(to / step) - first + 1;
  const counts = new Array<number>(bins).fill(0);
  let beyond = 0;
  for (const value of finite) {
    const bin = Math.floor(value / step) - first;
    if (bin < 0 || bin >= bins) beyond++;
    counts[Math.min(bins - 1, Math.max(0, bin))]!++;
  }
  return { edges: counts.map((_, i) => (first + i) * step), counts, step, beyond };
}

/** The next width of the series 1, 2, 2.5, 5, 10. */
export function roundStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  return (([1, 2, 2.5, 5].find((factor) => factor * power >= raw * (1 - 1e-9)) ?? 10) * power);
}
