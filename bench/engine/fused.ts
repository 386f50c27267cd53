import type { BarSeries } from '#quant';

/** Fills in the order they happened. Price and commission in 1e-8 currency units, quantity signed (negative = sold). */
export interface FusedFill {
  symbol: number;
  bar: number;
  quantity: number;
  price: number;
  commission: number;
}
export interface FusedResult {
  fills: FusedFill[];
  finalEquity: number;
}

const FAST = 2 / 21;
const SLOW = 2 / 51;
const WARMUP = 50;
const UNITS = 1e8;
const LOT_TOLERANCE = 1 + 1e-12;
const SMALLEST_ORDER = 10;
const SLIPPAGE_BPS = 2;
const COMMISSION_PER_10_000 = 5;

/** n / d to the nearest integer, ties to even; safe integers. */
function halfEven(n: number, d: number): number {
  const quotient = Math.floor(n / d);
  const twice = (n - quotient * d) * 2;
  return twice > d || (twice === d && quotient % 2 === 1) ? quotient + 1 : quotient;
}

function feeOf(notional: number): number {
  return halfEven(notional * COMMISSION_PER_10_000, 10_000);
}

function costOf(quantity: number, price: number): number {
  const notional = quantity * price;
  return notional + feeOf(notional);
}

/** The most of `wanted` units that `cash` pays for with commission. */
function affordable(wanted: number, price: number, cash: number): number {
  let quantity = Math.min(wanted, Math.floor(cash / (price * (1 + COMMISSION_PER_10_000 / 10_000))) + 1);
  while (quantity > 0 && costOf(quantity, price) > cash) quantity--;
  return Math.max(0, quantity);
}

/**
 * EmaCross(20, 50) with EqualWeight over all symbols, long or flat, 2 bps slippage and 0.0005 commission, as one loop
 * with nothing that a strategy could be plugged into: the ceiling of what JavaScript does with these rules. All symbols
 * share the times of the first. Money is integer 1e-8 units in doubles, exact below 2^53 units, which is checked at
 * each fill. Left out, as the inputs never need it: volume caps, gaps, orders that stay open.
 */
export function runFused(series: readonly BarSeries[], mode: 'event' | 'level', initialCash: number): FusedResult {
  const symbols = series.length;
  const bars = series[0]!.time.length;
  const opens = series.map((one) => one.open);
  const closes = series.map((one) => one.close);
  const fast = new Float64Array(symbols);
  const slow = new Float64Array(symbols);
  const lastSign = new Int8Array(symbols);
  /** Active signal: 1 long, 0 flat, −1 none yet. */
  const active = new Int8Array(symbols).fill(-1);
  const position = new Float64Array(symbols);
  const pending = new Float64Array(symbols);
  const fills: FusedFill[] = [];
  let sells = 0;
  let buys = 0;
  let cash = initialCash * UNITS;
  let longs = 0;
  let signals = 0;
  let equity = initialCash;

  const fill = (s: number, bar: number, sign: 1 | -1): void => {
    const price = halfEven(Math.round(opens[s]![bar]! * 1e6) * (10_000 + sign * SLIPPAGE_BPS), 100);
    const quantity = sign > 0 ? affordable(pending[s]!, price, cash) : -pending[s]!;
    pending[s] = 0;
    if (quantity === 0) return;
    const notional = quantity * price;
    const commission = feeOf(notional);
    cash += sign > 0 ? -(notional + commission) : notional - commission;
    if (notional * COMMISSION_PER_10_000 > Number.MAX_SAFE_INTEGER || cash > Number.MAX_SAFE_INTEGER)
      throw new RangeError('The fused loop left the range in which its money is exact.');
    position[s] = position[s]! + sign * quantity;
    fills.push({ symbol: s, bar, quantity: sign * quantity, price, commission });
  };

  for (let i = 0; i < bars; i++) {
    if (sells > 0) for (let s = 0; s < symbols; s++) if (pending[s]! < 0) fill(s, i, -1);
    if (buys > 0) for (let s = 0; s < symbols; s++) if (pending[s]! > 0) fill(s, i, 1);
    sells = 0;
    buys = 0;

    equity = cash / UNITS;
    for (let s = 0; s < symbols; s++) {
      const x = closes[s]![i]!;
      const held = position[s]!;
      if (held !== 0) equity += held * x;
      if (i === 0) {
        fast[s] = x;
        slow[s] = x;
        continue;
      }
      const f = (fast[s] = FAST * x + (1 - FAST) * fast[s]!);
      const g = (slow[s] = SLOW * x + (1 - SLOW) * slow[s]!);
      if (i + 1 < WARMUP) continue;
      const sign = f > g ? 1 : f < g ? -1 : 0;
      if (mode === 'level' || (sign !== 0 && sign === -lastSign[s]!)) {
        const before = active[s]!;
        const now = sign > 0 ? 1 : 0;
        if (before < 0) signals++;
        if (now !== before) longs += now === 1 ? 1 : before === 1 ? -1 : 0;
        active[s] = now;
      }
      if (sign !== 0) lastSign[s] = sign;
    }

    if (signals === 0) continue;
    const weight = longs === 0 ? 0 : 1 / longs;
    for (let s = 0; s < symbols; s++) {
      if (active[s]! < 0) continue;
      const price = closes[s]![i]!;
      const held = position[s]!;
      const wanted = active[s] === 1 ? Math.trunc(((weight * equity) / price) * LOT_TOLERANCE) : 0;
      const delta = wanted - held;
      if (delta === 0 || (wanted !== 0 && Math.abs(delta) * price < SMALLEST_ORDER)) continue;
      pending[s] = delta;
      if (delta < 0) sells++;
      else buys++;
    }
    if (buys > 0) {
      let free = cash;
      const close = (s: number): number => Math.round(closes[s]![i]! * 1e6) * 100;
      for (let s = 0; s < symbols; s++) {
        if (pending[s]! >= 0) continue;
        const notional = -pending[s]! * close(s);
        free += notional - feeOf(notional);
      }
      for (let s = 0; s < symbols; s++) {
        if (pending[s]! <= 0) continue;
        const quantity = affordable(pending[s]!, close(s), free);
        pending[s] = quantity;
        if (quantity > 0) free -= costOf(quantity, close(s));
      }
    }
  }
  return { fills, finalEquity: equity };
}
