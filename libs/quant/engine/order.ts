import { decimal } from '../decimal/index.ts';
import { addQuantity, type Contingency, type OrderOrigin, type OrderRequest, type OrderStatus, type OrderType, type OrderView, type Side, type TimeInForce } from '../strategy/index.ts';
import { NO_FILLS, type CommissionState } from '../models/index.ts';

/** A run has many orders, and most have nothing of this kind. */
const NONE: readonly never[] = [];

/** One order of the run. Prices enter as shortest decimals and stay exact. */
export class Order implements OrderView {
  readonly sequence: number;
  readonly vtSymbol: string;
  readonly id: number;
  readonly side: Side;
  /** +1 buy, −1 sell. */
  readonly sign: 1 | -1;
  readonly orderType: OrderType;
  readonly tif: TimeInForce;
  readonly gtdUntil: string | null;
  readonly reduceOnly: boolean;
  readonly postOnly: boolean;
  readonly origin: OrderOrigin;
  readonly parentOrderId: string | null;
  readonly reference: string | null;
  readonly requested: number;
  readonly submittedAt: number;
  readonly trailAmount: decimal.Exact | null;
  readonly trailPct: decimal.Exact | null;
  /** Created for the filled part of a bracket's entry. */
  readonly bracketChild: boolean;
  /** What to create when this order fills. */
  children: readonly OrderRequest[];
  contingency: Contingency;
  groupId: string | null;
  quantity: number;
  filled = 0;
  status: OrderStatus = 'created';
  reason: string | null = null;
  denyCodes: readonly string[] = NONE;
  limit: decimal.Exact | null;
  stop: decimal.Exact | null;
  limitPrice: number | null;
  stopPrice: number | null;
  /** Best price since acceptance of a trailing stop; null until the accepting bar has closed. */
  extreme: number | null = null;
  /** A stop that was reached: from then on a market order, or a limit order for stop_limit. */
  triggered = false;
  acceptedBar = -1;
  /** Session in which the order was first live, days since 1970; −1 before. */
  liveDay = -1;
  updatedAt: number;
  commission: CommissionState = NO_FILLS;
  /** Index of the last bar in which the order had its moment. */
  actedBar = -1;
  /** Orders created from `children`, while they work. */
  spawned: readonly Order[] = NONE;

  constructor(sequence: number, id: number, request: OrderRequest, at: number, options: { origin: OrderOrigin; bracketChild?: boolean; children?: readonly OrderRequest[] }) {
    this.sequence = sequence;
    this.vtSymbol = request.vtSymbol;
    this.id = id;
    this.side = request.side;
    this.sign = request.side === 'buy' ? 1 : -1;
    this.orderType = request.orderType;
    this.tif = request.tif ?? 'gtc';
    this.gtdUntil = request.gtdUntil ?? null;
    this.reduceOnly = request.reduceOnly ?? false;
    this.postOnly = request.postOnly ?? false;
    this.origin = options.origin;
    this.parentOrderId = request.parentOrderId ?? null;
    this.reference = request.reference ?? null;
    this.requested = request.quantity;
    this.quantity = request.quantity;
    this.submittedAt = at;
    this.updatedAt = at;
    this.contingency = request.contingency ?? 'none';
    this.groupId = request.groupId ?? null;
    this.limitPrice = request.limitPrice ?? null;
    this.stopPrice = request.stopPrice ?? null;
    this.limit = this.limitPrice === null ? null : decimal.exact(this.limitPrice);
    this.stop = this.stopPrice === null ? null : decimal.exact(this.stopPrice);
    this.trailAmount = request.trailAmount == null ? null : decimal.exact(request.trailAmount);
    this.trailPct = request.trailPct == null ? null : decimal.exact(request.trailPct);
    this.bracketChild = options.bracketChild ?? false;
    this.children = options.children ?? request.children ?? NONE;
  }

  get orderId(): string {
    return `o-${this.sequence}`;
  }

  get remaining(): number {
    return addQuantity(this.quantity, -this.filled);
  }

  /** All three kinds of market order. */
  get isMarket(): boolean {
    return this.orderType === 'market' || this.orderType === 'market_on_open' || this.orderType === 'market_on_close';
  }

  get working(): boolean {
    return this.status === 'new' || this.status === 'partial' || this.status === 'triggered';
  }

  /** Stop level of this bar: fixed, or trailing the extremes up to the previous bar. Null when there is none yet. */
  stopLevel(): decimal.Exact | null {
    if (this.orderType !== 'trailing_stop') return this.stop;
    if (this.extreme === null) return null;
    const extreme = decimal.exact(this.extreme);
    const distance = this.trailAmount ?? decimal.multiply(extreme, this.trailPct!);
    return this.sign < 0 ? decimal.subtract(extreme, distance) : decimal.add(extreme, distance);
  }

  /** Takes a bar into the trailing extreme; at acceptance high = low = the close. */
  trail(high: number, low: number): void {
    if (this.orderType !== 'trailing_stop') return;
    const best = this.sign < 0 ? high : low;
    this.extreme = this.extreme === null ? best : this.sign < 0 ? Math.max(this.extreme, best) : Math.min(this.extreme, best);
  }

  /** A split of the symbol: quantity·ratio, prices/ratio (rounded half-even to 10 decimals). */
  rescale(ratio: number): void {
    const by = decimal.exact(ratio);
    const times = (quantity: number): number => decimal.unitsToNumber(decimal.roundHalfEven(decimal.multiply(decimal.exact(quantity), by), 10), 10);
    const over = (price: decimal.Exact): decimal.Exact => ({ n: decimal.quotientHalfEven(price, by, 10), scale: 10 });
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
    if (this.extreme !== null) this.extreme /= ratio;
    this.commission = { ...this.commission, filled: decimal.multiply(this.commission.filled, by) };
    const lower = (price: number | null | undefined): number | null => (price == null ? null : decimal.toNumber(over(decimal.exact(price))));
    if (this.children.length > 0) this.children = this.children.map((child) => ({ ...child, quantity: times(child.quantity), limitPrice: lower(child.limitPrice), stopPrice: lower(child.stopPrice) }));
  }
}
