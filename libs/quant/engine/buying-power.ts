import { decimal } from '../decimal/index.ts';
import { NO_FILLS, type CommissionState } from '../models/index.ts';
import { addQuantity, lots } from '../strategy/index.ts';
import type { Liquidity } from './fill-table.ts';
import type { Order } from './order.ts';
import type { RunState } from './state.ts';

type PriceOf = (quantity: number) => decimal.Exact;

/** Quantity of an order that only reduces the present position. */
export function closable(order: { sign: 1 | -1 }, position: number): number {
  return position !== 0 && position > 0 !== order.sign > 0 ? Math.abs(position) : 0;
}

/**
 * The largest quantity base + k·lot ≤ quantity that passes, `quantity` itself first; `base` always passes, and what is more than a failure fails. `guess`
 * says about where the edge lies: a good one saves the search, a bad one costs two tests.
 */
function largest(base: number, quantity: number, lot: number, passes: (quantity: number) => boolean, guess?: () => number): number {
  if (quantity <= base || passes(quantity)) return quantity;
  const at = (count: number): number => addQuantity(base, lots(count, lot));
  let low = 0;
  let high = Math.floor(addQuantity(quantity, -base) / lot);
  if (guess !== undefined) {
    const near = Math.max(0, Math.min(high, Math.floor(guess() / lot)));
    if (!passes(at(near))) high = Math.max(0, near - 1);
    else if (near === high || !passes(at(near + 1))) return at(near);
    else low = near + 1;
  }
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (passes(at(middle))) low = middle;
    else high = middle - 1;
  }
  return at(low);
}

/** Cash and margin tests of trading.md 7.4 and 7.10: how much of an order can be paid for. */
export class BuyingPower {
  readonly #state: RunState;
  /** What the first `length` of these working orders leave of the cash: orders are judged one after the other, each beside one more. */
  #left: { working: readonly Order[] | null; length: number; cash: decimal.Integer } = { working: null, length: 0, cash: 0 };

  constructor(state: RunState) {
    this.#state = state;
  }

  /** At acceptance: at the last close, beside the working orders and those accepted before it in this slice; one growing list per slice. */
  accepted(order: Order, working: readonly Order[]): number {
    const close = decimal.exact(this.#state.market.mark[order.id]!);
    const quantity = order.requested;
    const base = Math.min(quantity, closable(order, this.#state.account.quantity[order.id]!));
    if (order.reduceOnly) return quantity;
    const opening = order.sign < 0 && this.#state.notBorrowable.has(order.vtSymbol) ? base : quantity;
    if (this.#state.account.kind === 'cash') {
      if (order.sign < 0) return base;
      const available = this.#availableCash(working);
      return this.#payable(order, quantity, available, (q) => this.#cost(q, close, NO_FILLS));
    }
    const reserved = this.#reservedOpenings(working);
    return largest(base, opening, this.#state.lot[order.id]!, (q) => this.#marginHolds(order, q, base, close, NO_FILLS, reserved));
  }

  /** At the fill: with the real price and commission, against cash as it is. */
  atFill(order: Order, quantity: number, liquidity: Liquidity, priceOf: PriceOf): number {
    const base = Math.min(quantity, closable(order, this.#state.account.quantity[order.id]!));
    if (this.#state.account.kind === 'cash') {
      if (order.sign < 0) return base;
      return this.#payable(order, quantity, this.#state.account.cash, (q) => this.#cost(q, priceOf(q), order.commission, liquidity));
    }
    return largest(base, quantity, this.#state.lot[order.id]!, (q) => this.#marginHolds(order, q, base, priceOf(q), order.commission, 0, liquidity));
  }

  /** The most of a buy that `available` pays for. Costs grow about in proportion to the quantity: that is the guess. */
  #payable(order: Order, quantity: number, available: decimal.Integer, costOf: (quantity: number) => decimal.Integer): number {
    return largest(0, quantity, this.#state.lot[order.id]!, (q) => costOf(q) <= available, () => (quantity * Number(available)) / Number(costOf(quantity)));
  }

  #commission(quantity: decimal.Exact, price: decimal.Exact, state: CommissionState, liquidity: Liquidity = 'taker'): decimal.Integer {
    return this.#state.commission.charge(state, { quantity, price, liquidity });
  }

  #cost(quantity: number, price: decimal.Exact, state: CommissionState, liquidity?: Liquidity): decimal.Integer {
    const exact = decimal.exact(quantity);
    return decimal.sum(decimal.roundHalfEven(decimal.multiply(exact, price)), this.#commission(exact, price, state, liquidity));
  }

  /** cash − Σ(remainder·close + commission) of working buys + Σ(remainder·close − commission) of working market sells. */
  #availableCash(working: readonly Order[]): decimal.Integer {
    const known = this.#left.working === working ? this.#left : { working, length: 0, cash: this.#state.account.cash };
    let available = known.cash;
    for (let i = known.length; i < working.length; i++) {
      const order = working[i]!;
      const close = decimal.exact(this.#state.market.mark[order.id]!);
      if (order.sign > 0) available = decimal.difference(available, this.#cost(order.remaining, close, order.commission));
      else if (order.isMarket) {
        const quantity = decimal.exact(order.remaining);
        available = decimal.sum(available, decimal.difference(decimal.roundHalfEven(decimal.multiply(quantity, close)), this.#commission(quantity, close, order.commission)));
      }
    }
    this.#left = { working, length: working.length, cash: available };
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
  #marginHolds(order: Order, quantity: number, closes: number, price: decimal.Exact, state: CommissionState, reserved: number, liquidity?: Liquidity): boolean {
    const { account, market, options } = this.#state;
    if (options.account.type !== 'margin') return false;
    const equity = account.mark();
    const fresh = (quantity - closes) * decimal.toNumber(price);
    const gross = account.gross - closes * market.mark[order.id]! + reserved + fresh;
    const commission = decimal.unitsToNumber(this.#commission(decimal.exact(quantity), price, state, liquidity));
    return gross * options.account.initial <= equity - commission && gross <= options.account.max_leverage * equity;
  }
}
