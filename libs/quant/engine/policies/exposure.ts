import { decimal } from '../../decimal/index.ts';
import type { Order } from '../order.ts';

const ZERO: decimal.Exact = { n: 0, scale: 0 };

/**
 * A symbol's worst cases: U = q + priced buys and L = q − priced sells, at the last close, where q = position + signed
 * market orders.
 */
export interface SymbolExposure {
  /** U·P and L·P. */
  readonly upper: decimal.Exact;
  readonly lower: decimal.Exact;
  /** max(|U|, |L|)·P. */
  readonly term: decimal.Exact;
}

/** Exposure of the whole portfolio after an order (trading.md 8.10), in account currency. */
export interface Exposure {
  readonly bySymbol: ReadonlyMap<number, SymbolExposure>;
  readonly gross: decimal.Exact;
  /** max(|ΣU·P|, |ΣL·P|). */
  readonly net: decimal.Exact;
  /** Σ max(0, −L)·P. */
  readonly short: decimal.Exact;
}

export interface ExposureInput {
  readonly positions: readonly { id: number; quantity: number }[];
  readonly working: readonly Order[];
  readonly order: Order;
  /** Of the order. */
  readonly quantity: decimal.Exact;
  readonly priceOf: (id: number) => number;
}

/** Working orders that exposure counts, by their remainder: not `reduce_only` ones, not children of brackets. */
export function isCounted(order: Order): boolean {
  return !order.reduceOnly && !order.bracketChild;
}

function larger(a: decimal.Exact, b: decimal.Exact): decimal.Exact {
  return decimal.compare(a, b) >= 0 ? a : b;
}

export function exposureAfter({ positions, working, order, quantity, priceOf }: ExposureInput): Exposure {
  const quantities = new Map<number, { q: decimal.Exact; buys: decimal.Exact; sells: decimal.Exact }>();
  const of = (id: number) => {
    let entry = quantities.get(id);
    if (!entry) quantities.set(id, (entry = { q: ZERO, buys: ZERO, sells: ZERO }));
    return entry;
  };
  const take = (one: Order, amount: decimal.Exact): void => {
    const entry = of(one.id);
    if (one.isMarket) entry.q = one.sign > 0 ? decimal.add(entry.q, amount) : decimal.subtract(entry.q, amount);
    else if (one.sign > 0) entry.buys = decimal.add(entry.buys, amount);
    else entry.sells = decimal.add(entry.sells, amount);
  };
  for (const { id, quantity: held } of positions) of(id).q = decimal.exact(held);
  for (const one of working) if (isCounted(one)) take(one, decimal.exact(one.remaining));
  take(order, quantity);
  const bySymbol = new Map<number, SymbolExposure>();
  let [gross, upperSum, lowerSum, short] = [ZERO, ZERO, ZERO, ZERO];
  for (const [id, { q, buys, sells }] of quantities) {
    const price = decimal.exact(priceOf(id));
    const upper = decimal.multiply(decimal.add(q, buys), price);
    const lower = decimal.multiply(decimal.subtract(q, sells), price);
    const term = larger(decimal.absolute(upper), decimal.absolute(lower));
    bySymbol.set(id, { upper, lower, term });
    gross = decimal.add(gross, term);
    upperSum = decimal.add(upperSum, upper);
    lowerSum = decimal.add(lowerSum, lower);
    if (lower.n < 0) short = decimal.subtract(short, lower);
  }
  return { bySymbol, gross, net: larger(decimal.absolute(upperSum), decimal.absolute(lowerSum)), short };
}

/**
 * `reduce_only`, or opposite to the position with quantity + remainders of the counted working orders of that side ≤
 * |position|.
 */
export function onlyReduces(
  order: Order,
  quantity: decimal.Exact,
  position: number,
  working: readonly Order[],
): boolean {
  if (order.reduceOnly) return true;
  if (position === 0 || position > 0 === order.sign > 0) return false;
  let total = quantity;
  for (const one of working)
    if (one.id === order.id && one.sign === order.sign && isCounted(one))
      total = decimal.add(total, decimal.exact(one.remaining));
  return decimal.compare(total, decimal.absolute(decimal.exact(position))) <= 0;
}
