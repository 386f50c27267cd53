import { decimal } from '#kernel';
import { NO_FILLS, type CommissionState } from '../models/index.ts';
import { addQuantity, lots } from '../strategy/index.ts';
import type { Order } from './order.ts';
import type { RunState } from './state.ts';

type PriceOf = (quantity: number) => decimal.Exact;

/** Quantity of an order that only reduces the present position. */
export function closable(order: { sign: 1 | -1 }, position: number): number {
  return position !== 0 && position > 0 !== order.sign > 0 ? Math.abs(position) : 0;
}

/** The largest quantity base + k·lot ≤ quantity that passes, `quantity` itself first; `base` always passes. */
function largest(base: number, quantity: number, lot: number, passes: (quantity: number) => boolean): number {
  if (quantity <= base || passes(quantity)) return quantity;
  let low = 0;
  let high = Math.floor(addQuantity(quantity, -base) / lot);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (passes(addQuantity(base, lots(middle, lot)))) low = middle;
    else high = middle - 1;
  }
  return addQuantity(base, lots(low, lot));
}

/** Cash and margin tests of trading.md 7.4 and 7.10: how much of an order can be paid for. */
export class BuyingPower {
  readonly #state: RunState;

  constructor(state: RunState) {
    this.#state = state;
  }

  /** At acceptance: at the last close, beside the working orders and those accepted before it in this slice. */
  accepted(order: Order, working: readonly Order[]): number {
    const close = decimal.exact(this.#state.market.mark[order.id]!);
    const quantity = order.requested;
    const base = Math.min(quantity, closable(order, this.#state.account.quantity[order.id]!));
    if (order.reduceOnly) return quantity;
    const opening = order.sign < 0 && this.#state.notBorrowable.has(order.vtSymbol) ? base : quantity;
    if (this.#state.account.kind === 'cash') {
      if (order.sign < 0) return base;
      const available = this.#availableCash(working);
      return largest(0, quantity, this.#state.lot[order.id]!, (q) => this.#cost(q, close, NO_FILLS) <= available);
    }
    const reserved = this.#reservedOpenings(working);
    return largest(base, opening, this.#state.lot[order.id]!, (q) => this.#marginHolds(order, q, base, close, NO_FILLS, reserved));
  }

  /** At the fill: with the real price, against cash as it is. */
  atFill(order: Order, quantity: number, priceOf: PriceOf): number {
    const lot = this.#state.lot[order.id]!;
    const base = Math.min(quantity, closable(order, this.#state.account.quantity[order.id]!));
    if (this.#state.account.kind === 'cash') {
      if (order.sign < 0) return base;
      return largest(0, quantity, lot, (q) => this.#cost(q, priceOf(q), order.commission) <= this.#state.account.cash);
    }
    return largest(base, quantity, lot, (q) => this.#marginHolds(order, q, base, priceOf(q), order.commission, 0));
  }

  #commission(quantity: decimal.Exact, price: decimal.Exact, state: CommissionState): bigint {
    return this.#state.commission.charge(state, { quantity, price, liquidity: 'taker' });
  }

  #cost(quantity: number, price: decimal.Exact, state: CommissionState): bigint {
    const exact = decimal.exact(quantity);
    return decimal.roundHalfEven(decimal.multiply(exact, price)) + this.#commission(exact, price, state);
  }

  /** cash − Σ(remainder·close + commission) of working buys + Σ(remainder·close − commission) of working market sells. */
  #availableCash(working: readonly Order[]): bigint {
    let available = this.#state.account.cash;
    for (const order of working) {
      const close = decimal.exact(this.#state.market.mark[order.id]!);
      if (order.sign > 0) available -= this.#cost(order.remaining, close, order.commission);
      else if (order.isMarket) {
        const quantity = decimal.exact(order.remaining);
        available += decimal.roundHalfEven(decimal.multiply(quantity, close)) - this.#commission(quantity, close, order.commission);
      }
    }
    return available;
  }

  #reservedOpenings(working: readonly Order[]): number {
    let reserved = 0;
    for (const order of working) {
      if (order.reduceOnly) continue;
      const opening = order.remaining - closable(order, this.#state.account.quantity[order.id]!);
      if (opening > 0) reserved += opening * this.#state.market.mark[order.id]!;
    }
    return reserved;
  }

  /** (Σ|q·P| + reserved openings + new)·initial ≤ E − commission, and gross ≤ leverage cap·E; what the order closes is no longer counted. */
  #marginHolds(order: Order, quantity: number, closes: number, price: decimal.Exact, state: CommissionState, reserved: number): boolean {
    const { account, market, options } = this.#state;
    if (options.account.type !== 'margin') return false;
    const equity = account.mark();
    const fresh = (quantity - closes) * decimal.toNumber(price);
    const gross = account.gross - closes * market.mark[order.id]! + reserved + fresh;
    const commission = decimal.unitsToNumber(this.#commission(decimal.exact(quantity), price, state));
    return gross * options.account.initial <= equity - commission && gross <= options.account.max_leverage * equity;
  }
}
