import { decimal } from '../decimal/index.ts';
import type { CommissionState } from '../models/index.ts';
import {
  addQuantity,
  type Contingency,
  type OrderOrigin,
  type OrderRequest,
  type OrderStatus,
  type OrderType,
  type OrderView,
  type Side,
  type TimeInForce,
} from '../strategy/index.ts';
import { ORDER_TYPES, type ActingOrder, type OrderTypeRule } from './order-types.ts';

/** A run has many orders, and most have nothing of this kind. */
const NONE: readonly never[] = [];

/** Quantities and prices after a split, rounded half-even to 10 decimals. */
function splitBy(ratio: number): { times(quantity: number): number; over(price: decimal.Exact): decimal.Exact } {
  const by = decimal.exact(ratio);
  const product = (quantity: number): decimal.Exact => decimal.multiply(decimal.exact(quantity), by);
  return {
    times: (quantity) => decimal.unitsToNumber(decimal.roundHalfEven(product(quantity), 10), 10),
    over: (price) => ({ n: decimal.quotientHalfEven(price, by, 10), scale: 10 }),
  };
}

export interface OrderOptions {
  origin: OrderOrigin;
  bracketChild?: boolean;
  children?: readonly OrderRequest[];
  parent?: Order;
}

/** One order of the run while it lives (trading.md 6.5). Prices enter as shortest decimals and stay exact. */
export class Order implements OrderView, CommissionState, ActingOrder {
  readonly sequence: number;
  id: number;
  request: OrderRequest;
  readonly origin: OrderOrigin;
  /** +1 buy, −1 sell. */
  readonly sign: 1 | -1;
  readonly orderType: OrderType;
  readonly rule: OrderTypeRule;
  readonly tif: TimeInForce;
  readonly reduceOnly: boolean;
  readonly contingency: Contingency;
  readonly groupId: string | null;
  /** Created for the filled part of a bracket's entry. */
  readonly bracketChild: boolean;
  /**
   * Instant and symbol id of the decision, of a child its parent's: a group is of one, whatever becomes of its symbol.
   */
  readonly decidedAt: number;
  readonly decidedFor: number;
  /** What to create when this order fills. */
  children: readonly OrderRequest[];
  quantity: number;
  filled = 0;
  /** Σ quantity·price of its fills, and the commission charged for them in 1e-8 units. */
  notional: decimal.Exact = decimal.ZERO;
  charged: decimal.Integer = 0;
  status: OrderStatus = 'created';
  reason: string | null = null;
  denyCodes: readonly string[] = NONE;
  limitPrice: number | null;
  stopPrice: number | null;
  limit: decimal.Exact | null;
  stop: decimal.Exact | null;
  trailAmount: decimal.Exact | null;
  /** Best price since acceptance of a trailing stop; null until the accepting bar has closed. */
  extreme: number | null = null;
  /** A stop that was reached: from then on a market order, or a limit order for stop_limit. */
  triggered = false;
  /** Instant of the slice that accepted it, ms. */
  acceptedAt = Number.NaN;
  /**
   * Bars of its symbol in which it was live, and the instant at which the first of them opened, ms; NaN while there is
   * none.
   */
  barsLive = 0;
  liveFrom = Number.NaN;
  /** Session in which the order was first live, days since 1970; −1 before. */
  liveDay = -1;
  readonly submittedAt: number;
  updatedAt: number;
  /** Index of the last bar in which the order had its moment. */
  actedBar = -1;
  /** Orders created from `children`, while they work. */
  spawned: readonly Order[] = NONE;

  constructor(sequence: number, id: number, request: OrderRequest, at: number, options: OrderOptions) {
    this.sequence = sequence;
    this.id = id;
    this.request = request;
    this.origin = options.origin;
    this.sign = request.side === 'buy' ? 1 : -1;
    this.orderType = request.orderType;
    this.rule = ORDER_TYPES[request.orderType];
    this.tif = request.tif ?? 'gtc';
    this.reduceOnly = request.reduceOnly ?? false;
    this.contingency = request.contingency ?? 'none';
    this.groupId = request.groupId ?? null;
    this.bracketChild = options.bracketChild ?? false;
    this.decidedAt = options.parent?.decidedAt ?? at;
    this.decidedFor = options.parent?.decidedFor ?? id;
    this.children = options.children ?? request.children ?? NONE;
    this.quantity = request.quantity;
    this.limitPrice = request.limitPrice ?? null;
    this.stopPrice = request.stopPrice ?? null;
    this.limit = this.limitPrice === null ? null : decimal.exact(this.limitPrice);
    this.stop = this.stopPrice === null ? null : decimal.exact(this.stopPrice);
    this.trailAmount = request.trailAmount == null ? null : decimal.exact(request.trailAmount);
    this.submittedAt = at;
    this.updatedAt = at;
  }

  get orderId(): string {
    return `o-${this.sequence}`;
  }

  get vtSymbol(): string {
    return this.request.vtSymbol;
  }

  get side(): Side {
    return this.request.side;
  }

  get requested(): number {
    return this.request.quantity;
  }

  get postOnly(): boolean {
    return this.request.postOnly ?? false;
  }

  /** It closes what there is and opens nothing. */
  get onlyCloses(): boolean {
    return this.reduceOnly || this.closing;
  }

  get closing(): boolean {
    return this.request.closing === true;
  }

  /** They belong to one OCO group: of one decision and symbol, and named alike; or to the exits of one bracket. */
  cancels(other: Order): boolean {
    if (other === this || this.contingency !== 'oco' || other.contingency !== 'oco') return false;
    if (this.groupId === null || other.groupId !== this.groupId || other.parentOrderId !== this.parentOrderId)
      return false;
    return other.decidedFor === this.decidedFor && other.decidedAt === this.decidedAt;
  }

  get gtdUntil(): string | null {
    return this.request.gtdUntil ?? null;
  }

  get parentOrderId(): string | null {
    return this.request.parentOrderId ?? null;
  }

  get reference(): string | null {
    return this.request.reference ?? null;
  }

  get trailPct(): decimal.Exact | null {
    return this.request.trailPct == null ? null : decimal.exact(this.request.trailPct);
  }

  get remaining(): number {
    return addQuantity(this.quantity, -this.filled);
  }

  /** All three kinds of market order. */
  get isMarket(): boolean {
    return this.rule.market;
  }

  get working(): boolean {
    return this.status === 'new' || this.status === 'partial' || this.status === 'triggered';
  }

  /** It has a limit, and no stop keeps it from resting there. */
  get rests(): boolean {
    return this.limit !== null && (!this.rule.stops || this.triggered);
  }

  /** Stop level of this bar: fixed, or trailing the extremes up to the previous bar. Null when there is none yet. */
  stopLevel(): decimal.Exact | null {
    if (!this.rule.trails) return this.stop;
    if (this.extreme === null) return null;
    const extreme = decimal.exact(this.extreme);
    const distance = this.trailAmount ?? decimal.multiply(extreme, this.trailPct!);
    return this.sign < 0 ? decimal.subtract(extreme, distance) : decimal.add(extreme, distance);
  }

  /**
   * Whether it is live in a bar that opens at this instant (ms): not in one that had begun before the order was there.
   */
  livesIn(opened: number): boolean {
    return opened >= this.acceptedAt;
  }

  /** It is live in a bar that opens at this instant, of this session (days since 1970). */
  meet(opened: number, day: number): void {
    if (this.barsLive++ > 0) return;
    this.liveFrom = opened;
    this.liveDay = day;
  }

  /** Takes a bar into the trailing extreme; at acceptance high = low = the close. */
  trail(high: number, low: number): void {
    if (!this.rule.trails) return;
    const best = this.sign < 0 ? high : low;
    this.extreme =
      this.extreme === null ? best : this.sign < 0 ? Math.max(this.extreme, best) : Math.min(this.extreme, best);
  }

  /** A symbol has become another one: the order goes with it, and what it will create. */
  rename(id: number, vtSymbol: string, to: { id: number; vtSymbol: string }): void {
    if (this.id === id) {
      this.id = to.id;
      this.request = { ...this.request, vtSymbol: to.vtSymbol };
    }
    if (this.children.some((child) => child.vtSymbol === vtSymbol))
      this.children = this.children.map((child) => (child.vtSymbol === vtSymbol ? { ...child, ...to } : child));
  }

  /** A split of the symbol: quantity·ratio, prices/ratio (rounded half-even to 10 decimals). */
  rescale(ratio: number): void {
    const { times, over } = splitBy(ratio);
    this.quantity = times(this.quantity);
    this.filled = times(this.filled);
    if (this.limit) {
      this.limit = over(this.limit);
      this.limitPrice = decimal.toNumber(this.limit);
    }
    if (this.stop) {
      this.stop = over(this.stop);
      this.stopPrice = decimal.toNumber(this.stop);
    }
    if (this.trailAmount) this.trailAmount = over(this.trailAmount);
    if (this.extreme !== null) this.extreme /= ratio;
  }

  /** The same for the orders that it holds back for the symbol. */
  rescaleChildren(vtSymbol: string, ratio: number): void {
    if (!this.children.some((child) => child.vtSymbol === vtSymbol)) return;
    const { times, over } = splitBy(ratio);
    const lower = (price: number | null | undefined): number | null =>
      price == null ? null : decimal.toNumber(over(decimal.exact(price)));
    this.children = this.children.map((child) =>
      child.vtSymbol !== vtSymbol
        ? child
        : {
            ...child,
            quantity: times(child.quantity),
            limitPrice: lower(child.limitPrice),
            stopPrice: lower(child.stopPrice),
            trailAmount: lower(child.trailAmount),
          },
    );
  }
}
