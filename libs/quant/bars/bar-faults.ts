import type { BarColumns } from '#kernel';

/**
 * Rounding of a vendor's own making: so far, relative to the higher of the two, a high may lie below the bar's open or
 * close and a low above them.
 */
const HAIR = 1e-6;
/** The limit itself is within it, however the doubles of both prices were rounded. */
const isHair = (higher: number, lower: number): boolean =>
  higher > lower && higher - lower <= HAIR * higher * (1 + 1e-9);

type Prices = Pick<BarColumns, 'open' | 'high' | 'low' | 'close'>;

/** What is wrong with the numbers of a bar: code and words, or null. */
export function faultOf(
  { open, high, low, close, volume }: Prices & Pick<BarColumns, 'volume'>,
  row: number,
): [code: string, message: string] | null {
  const [o, h, l, c] = [open[row]!, high[row]!, low[row]!, close[row]!];
  if (!(o > 0 && h > 0 && l > 0 && c > 0)) return ['price_not_positive', 'prices must be above 0'];
  if (h < l) return ['high_low_inverted', 'high is below low'];
  if (o > h || c > h) return ['high_too_low', 'open or close is above high'];
  if (o < l || c < l) return ['low_too_high', 'open or close is below low'];
  return volume[row]! < 0 ? ['negative_volume', 'volume is below 0'] : null;
}

/**
 * The highs and lows, moved to the bar's open or close where they miss it by a hair, and the rows where one was. The
 * columns given stay as they are.
 */
export function clampedRange({ open, high, low, close }: Prices): {
  high: Float64Array;
  low: Float64Array;
  rows: number[];
} {
  const clamped = { high: high.slice(), low: low.slice(), rows: [] as number[] };
  for (let row = 0; row < high.length; row++) {
    const above = Math.max(open[row]!, close[row]!);
    const below = Math.min(open[row]!, close[row]!);
    const [raise, lower] = [isHair(above, high[row]!), isHair(low[row]!, below)];
    if (raise) clamped.high[row] = above;
    if (lower) clamped.low[row] = below;
    if (raise || lower) clamped.rows.push(row);
  }
  return clamped;
}
