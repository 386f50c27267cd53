import { decimal } from '../decimal/index.ts';
import { NO_FILLS, type CommissionState } from '../models/index.ts';
import { addQuantity, countingLot, lots } from '../strategy/index.ts';
import type { Pricing } from './fill-price.ts';
import type { Liquidity } from './fill-table.ts';
import type { Order } from './order.ts';
import type { RunState } from './state.ts';

/** Quantity of an order that only reduces the present position. */
export function closable(order: { sign: 1 | -1 }, position: number): number {
  return position !== 0 && position > 0 !== order.sign > 0 ? Math.abs(position) : 0;
}

/** Whether so much of an order can be paid for: what is more than a failure fails too. */
interface Affordable {
  passes(quantity: number): boolean;
  /**
   * About where the edge lies, asked after this quantity failed: a good guess saves the search, a bad one costs two
   * tests.
   */
  guess(failed: number): number;
  /** Asked after a quantity passed: whether so much more could pass at all. */
  hasRoomFor(more: number): boolean;
}

/** The largest quantity base + k·lot ≤ quantity that passes, `quantity` itself first; `base` always passes. */
function largest(test: Affordable, base: number, quantity: number, ownLot: number): number {
  if (quantity <= base || test.passes(quantity)) return quantity;
  const lot = countingLot(quantity, ownLot);
  const at = (count: number): number => addQuantity(base, lots(count, lot));
  let low = 0;
  // Whole numbers that doubles can tell apart: beyond them the search would stand still.
  let high = Math.min(Number.MAX_SAFE_INTEGER, Math.floor(addQuantity(quantity, -base) / lot));
  const near = Math.max(0, Math.min(high, Math.floor(test.guess(quantity) / lot)));
  if (!test.passes(at(near))) high = Math.max(0, near - 1);
  else if (near === high || !test.hasRoomFor(lot) || !test.passes(at(near + 1))) return at(near);
  else low = near + 1;
  while (low < high) {
    const middle = low + Math.ceil((high - low) / 2);
    if (test.passes(at(middle))) low = middle;
    else high = middle - 1;
  }
  return at(low);
}

/**
 * What an order would cost: at which price, and after which fills it is charged commission. Set before each question.
 */
class Charge {
  pricing: Pricing = { at: () => decimal.ZERO };
  fills: CommissionState = NO_FILLS;
  liquidity: Liquidity = 'taker';
}

/**
 * A buy of a cash account: with commission at most what there is. Costs grow about in proportion to the quantity: that
 * is the guess.
 */
class CashAffords extends Charge implements Affordable {
  available: decimal.Integer = 0;
  readonly #state: RunState;
  /** Of the quantity asked about last. */
  #cost: decimal.Integer = 0;
  #price: decimal.Exact = decimal.ZERO;

  constructor(state: RunState) {
    super();
    this.#state = state;
  }

  cost(quantity: number): decimal.Integer {
    this.#price = this.pricing.at(quantity);
    const gross = decimal.times(quantity, this.#price);
    return decimal.sum(
      decimal.roundHalfEven(gross),
      this.#state.commission.charge(this.fills, quantity, gross, this.liquidity),
    );
  }

  passes(quantity: number): boolean {
    this.#cost = this.cost(quantity);
    return this.#cost <= this.available;
  }

  guess(failed: number): number {
    return (failed * Number(this.available)) / Number(this.#cost);
  }

  /**
   * At the price so far, without commission: neither falls with the quantity. The two units cover what rounding may
   * take.
   */
  hasRoomFor(more: number): boolean {
    return (
      decimal.sum(decimal.sum(this.#cost, decimal.roundHalfEven(decimal.times(more, this.#price))), -2) <=
      this.available
    );
  }
}

/**
 * (Σ|q·P| + reserved openings + new)·initial ≤ E − commission, and gross ≤ leverage cap·E; what the order closes is no
 * longer counted.
 */
class MarginAffords extends Charge implements Affordable {
  id = 0;
  closes = 0;
  reserved = 0;
  readonly #state: RunState;

  constructor(state: RunState) {
    super();
    this.#state = state;
  }

  passes(quantity: number): boolean {
    const { account, market, options } = this.#state;
    if (options.account.type !== 'margin') return false;
    const price = this.pricing.at(quantity);
    const equity = account.mark();
    const fresh = (quantity - this.closes) * decimal.toNumber(price);
    const gross = account.gross - this.closes * market.mark[this.id]! + this.reserved + fresh;
    const commission = decimal.unitsToNumber(
      this.#state.commission.charge(this.fills, quantity, decimal.times(quantity, price), this.liquidity),
    );
    return gross * options.account.initial <= equity - commission && gross <= options.account.max_leverage * equity;
  }

  /** The middle. */
  guess(failed: number): number {
    return (failed - this.closes) / 2;
  }

  hasRoomFor(): boolean {
    return true;
  }
}

/** Cash and margin tests of trading.md 7.4 and 7.10: how much of an order can be paid for. */
export class BuyingPower {
  readonly #state: RunState;
  readonly #cash: CashAffords;
  readonly #margin: MarginAffords;
  readonly #atClose: Pricing;
  #close: decimal.Exact = decimal.ZERO;
  /**
   * What the first `length` working orders leave of the cash: orders are judged one after the other, each beside one
   * more.
   */
  readonly #left: { length: number; cash: decimal.Integer } = { length: 0, cash: 0 };

  constructor(state: RunState) {
    this.#state = state;
    this.#cash = new CashAffords(state);
    this.#margin = new MarginAffords(state);
    this.#atClose = { at: () => this.#close };
  }

  /** A slice's orders are about to be judged. */
  begin(): void {
    this.#left.length = 0;
    this.#left.cash = this.#state.account.cash;
  }

  /**
   * At acceptance: at the last close, beside the working orders and those accepted since `begin`; one list, which only
   * grows.
   */
  accepted(order: Order, working: readonly Order[]): number {
    const { account, lot, notBorrowable } = this.#state;
    const quantity = order.requested;
    if (order.reduceOnly) return quantity;
    const base = Math.min(quantity, closable(order, account.quantity[order.id]!));
    if (account.kind === 'cash') {
      if (order.sign < 0) return base;
      this.#cash.available = this.#availableCash(working);
      return largest(this.#atLastClose(this.#cash, order.id, NO_FILLS), 0, quantity, lot[order.id]!);
    }
    const opening = order.sign < 0 && notBorrowable.has(order.vtSymbol) ? base : quantity;
    this.#margin.id = order.id;
    this.#margin.closes = base;
    this.#margin.reserved = this.#reservedOpenings(working);
    return largest(this.#atLastClose(this.#margin, order.id, NO_FILLS), base, opening, lot[order.id]!);
  }

  /** At the fill: with the real price and commission, against cash as it is. */
  atFill(order: Order, quantity: number, liquidity: Liquidity, pricing: Pricing): number {
    const { account, lot } = this.#state;
    const base = Math.min(quantity, closable(order, account.quantity[order.id]!));
    if (account.kind === 'cash' && order.sign < 0) return base;
    const test = account.kind === 'cash' ? this.#cash : this.#margin;
    test.pricing = pricing;
    test.fills = order;
    test.liquidity = liquidity;
    if (test === this.#cash) {
      this.#cash.available = account.cash;
      return largest(test, 0, quantity, lot[order.id]!);
    }
    this.#margin.id = order.id;
    this.#margin.closes = base;
    this.#margin.reserved = 0;
    return largest(test, base, quantity, lot[order.id]!);
  }

  #atLastClose<T extends Charge>(charge: T, id: number, fills: CommissionState): T {
    this.#close = decimal.exact(this.#state.market.mark[id]!);
    charge.pricing = this.#atClose;
    charge.fills = fills;
    charge.liquidity = 'taker';
    return charge;
  }

  /**
   * cash − Σ(remainder·close + commission) of working buys + Σ(remainder·close − commission) of working market sells.
   */
  #availableCash(working: readonly Order[]): decimal.Integer {
    const left = this.#left;
    for (; left.length < working.length; left.length++) {
      const order = working[left.length]!;
      if (order.sign > 0)
        left.cash = decimal.difference(left.cash, this.#atLastClose(this.#cash, order.id, order).cost(order.remaining));
      else if (order.isMarket) {
        const gross = decimal.times(order.remaining, decimal.exact(this.#state.market.mark[order.id]!));
        left.cash = decimal.sum(
          left.cash,
          decimal.difference(
            decimal.roundHalfEven(gross),
            this.#state.commission.charge(order, order.remaining, gross, 'taker'),
          ),
        );
      }
    }
    return left.cash;
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
}
