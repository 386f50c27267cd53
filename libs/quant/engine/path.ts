import { decimal } from '../decimal/index.ts';
import type { BacktestKwargs } from '../recipe/index.ts';

/**
 * A moment within a bar: segment 0 is the open, 1..3 the legs of the path, 4 the close; `distance` is how far into the
 * leg.
 */
export interface Moment {
  readonly segment: number;
  readonly distance: number;
}

export function isBefore(a: Moment, b: Moment): boolean {
  return a.segment !== b.segment ? a.segment < b.segment : a.distance < b.distance;
}

/** When and at what price before slippage an order acts; `kind` says which rule fixed the price. */
export interface Act extends Moment {
  readonly price: number;
  readonly kind: 'open' | 'limit' | 'stop' | 'close';
}

/**
 * The bar as orders meet it: the four corners of its path in the order the price visits them, and what is the same for
 * every order that acts at its ends.
 */
export interface BarPath {
  /** Open, first extreme, second extreme, close. */
  readonly corners: Float64Array;
  readonly atOpen: Act;
  readonly atClose: Act;
  readonly firstOfSession: boolean;
  readonly closesSession: boolean;
  /** A limit fills when its price is touched, not only when it is traded through. */
  readonly touch: boolean;
}

/**
 * Whether the price visits the high before the low (trading.md 7.4): `adverse_first` goes to the low first when net
 * long, to the high first when net short, to the nearer extreme first when flat, as `adaptive` always does; equally
 * near means the low first.
 */
export function highFirst(
  rule: BacktestKwargs['intrabar'],
  position: number,
  open: number,
  high: number,
  low: number,
): boolean {
  if (rule === 'ohlc' || rule === 'olhc') return rule === 'ohlc';
  if (rule === 'adverse_first' && position !== 0) return position < 0;
  return isNearer(high, low, open);
}

/** Differences of doubles further apart than this share of the price are those of the decimals. */
const NOISE = 1e-12;

/**
 * Whether the high is nearer to the open than the low, as decimals: 19.95 and 19.75 are equally near to 19.85, which
 * their doubles are not.
 */
function isNearer(high: number, low: number, open: number): boolean {
  const difference = high - open - (open - low);
  if (Math.abs(difference) > open * NOISE) return difference < 0;
  const middle = decimal.exact(open);
  return decimal.compare(decimal.add(decimal.exact(high), decimal.exact(low)), decimal.add(middle, middle)) < 0;
}

/**
 * First moment at or after `from` at which the price falls to a buyer's limit (strictly through it, unless `touch`); a
 * seller's mirrored.
 */
export function reachesLimit(
  limit: number,
  sign: 1 | -1,
  { corners, atOpen, touch }: BarPath,
  from: Moment,
): Act | null {
  if (from.segment === 0 && (limit - corners[0]!) * sign >= 0) return atOpen;
  for (let segment = Math.max(1, from.segment); segment <= 3; segment++) {
    const start = corners[segment - 1]!;
    const depth = (limit - corners[segment]!) * sign;
    if ((start - limit) * sign < 0 || !(depth > 0 || (touch && depth === 0))) continue;
    const distance = Math.abs(start - limit);
    if (segment === from.segment && distance < from.distance) continue;
    return { segment, distance, price: limit, kind: 'limit' };
  }
  return null;
}

/** First moment at or after `from` at which the price rises to a buyer's stop; a seller's mirrored. */
export function reachesStop(stop: number, sign: 1 | -1, { corners, atOpen }: BarPath, from: Moment): Act | null {
  if (from.segment === 0 && (corners[0]! - stop) * sign >= 0) return atOpen;
  for (let segment = Math.max(1, from.segment); segment <= 3; segment++) {
    const start = corners[segment - 1]!;
    if ((corners[segment]! - stop) * sign < 0 || (stop - start) * sign < 0) continue;
    const distance = Math.abs(stop - start);
    if (segment === from.segment && distance < from.distance) continue;
    return { segment, distance, price: stop, kind: 'stop' };
  }
  return null;
}
