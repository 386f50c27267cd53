import { decimal } from '../decimal/index.ts';
import { addQuantity, type OrderOrigin, type OrderRequest, type OrderStatus } from '../strategy/index.ts';
import type { EventLog } from './event-log.ts';
import { Order } from './order.ts';
import type { OrderRow } from './types.ts';

const TERMINAL: ReadonlySet<OrderStatus> = new Set(['denied', 'rejected', 'filled', 'cancelled', 'expired']);

/** Every order of the run, and among them the working ones in their sequence. */
export class Book {
  readonly all: Order[] = [];
  /** Working orders by sequence. The array is replaced, never changed in place. */
  working: readonly Order[] = [];
  /** There was a `gtd` order. */
  dated = false;
  /** There was an exit of a bracket. */
  bracketed = false;
  readonly #log: EventLog;
  readonly #clock: { readonly now: number };
  #groups = 0;

  /** `clock.now` = instant of the slice. */
  constructor(log: EventLog, clock: { readonly now: number }) {
    this.#log = log;
    this.#clock = clock;
  }

  newGroup(): string {
    return `g-${++this.#groups}`;
  }

  create(id: number, request: OrderRequest, options: { origin: OrderOrigin; bracketChild?: boolean; children?: readonly OrderRequest[] }): Order {
    const order = new Order(this.all.length + 1, id, request, this.#clock.now, options);
    this.all.push(order);
    if (order.tif === 'gtd') this.dated = true;
    if (order.bracketChild) this.bracketed = true;
    return order;
  }

  /** Writes the ORDER event: after acceptance has fixed the quantity. */
  announce(order: Order): void {
    if (this.#log.off) return;
    this.#log.write('ORDER', {
      order_id: order.orderId, vt_symbol: order.vtSymbol, side: order.side, order_type: order.orderType,
      quantity: decimal.plainDecimal(order.quantity), requested_quantity: decimal.plainDecimal(order.requested),
      limit_price: order.limit && decimal.plainDecimal(order.limitPrice!), stop_price: order.stop && decimal.plainDecimal(order.stopPrice!),
      tif: order.tif, reduce_only: order.reduceOnly, group_id: order.groupId,
    });
  }

  accept(order: Order, bar: number): void {
    order.acceptedBar = bar;
    this.#status(order, 'new', null);
    this.working = [...this.working, order];
  }

  deny(order: Order, codes: string[]): void {
    order.denyCodes = codes;
    order.quantity = order.requested;
    this.#status(order, 'denied', codes.join(','));
  }

  trigger(order: Order): void {
    order.triggered = true;
    if (order.status === 'new') this.#status(order, 'triggered', null);
  }

  /** After a fill of `quantity`. */
  filled(order: Order, quantity: number): void {
    order.filled = addQuantity(order.filled, quantity);
    const done = order.filled >= order.quantity;
    this.#status(order, done ? 'filled' : 'partial', null);
    if (done) this.#leave(order);
  }

  cancel(order: Order, reason: string): void {
    if (!order.working) return;
    this.#status(order, 'cancelled', reason);
    this.#leave(order);
  }

  expire(order: Order, reason: string): void {
    if (!order.working) return;
    this.#status(order, 'expired', reason);
    this.#leave(order);
  }

  /** Lowers the open quantity (an OCO sibling, a child of a reduced position); nothing left cancels it. */
  shrink(order: Order, remaining: number, reason: string): void {
    if (remaining <= 0) this.cancel(order, reason);
    else {
      order.quantity = addQuantity(order.filled, remaining);
      order.updatedAt = this.#clock.now;
    }
  }

  find(orderId: string): Order | undefined {
    return this.all[Number(orderId.slice(2)) - 1];
  }

  rows(): OrderRow[] {
    return this.all.map(toRow);
  }

  #status(order: Order, status: OrderStatus, reason: string | null): void {
    order.updatedAt = this.#clock.now;
    if (reason !== null) order.reason = reason;
    order.status = status;
    if (!this.#log.off) this.#log.write('ORDER_STATUS', { order_id: order.orderId, status, reason });
  }

  #leave(order: Order): void {
    if (!TERMINAL.has(order.status)) return;
    const at = this.working.indexOf(order);
    if (at < 0) return;
    const rest = this.working.slice();
    rest.splice(at, 1);
    this.working = rest;
  }
}

function toRow(order: Order): OrderRow {
  const { commission } = order;
  return {
    order_id: order.orderId,
    client_order_id: order.orderId,
    parent_order_id: order.parentOrderId,
    contingency: order.contingency,
    group_id: order.groupId,
    origin: order.origin,
    vt_symbol: order.vtSymbol,
    side: order.side,
    order_type: order.orderType,
    requested_quantity: decimal.plainDecimal(order.requested),
    quantity: decimal.plainDecimal(order.quantity),
    limit_price: order.limitPrice === null ? null : decimal.plainDecimal(order.limitPrice),
    stop_price: order.stopPrice === null ? null : decimal.plainDecimal(order.stopPrice),
    trail_amount: order.trailAmount && decimal.formatExact(order.trailAmount),
    trail_pct: order.trailPct && decimal.toNumber(order.trailPct),
    tif: order.tif,
    gtd_until: order.gtdUntil,
    reduce_only: order.reduceOnly,
    post_only: order.postOnly,
    status: order.status,
    filled_quantity: decimal.plainDecimal(order.filled),
    avg_fill_price: commission.filled.n === 0 ? null : decimal.formatUnits(decimal.quotientHalfEven(commission.notional, commission.filled, 10), 10),
    deny_codes: [...order.denyCodes],
    reason: order.reason,
    reference: order.reference,
    submitted_at: new Date(order.submittedAt).toISOString(),
    updated_at: new Date(order.updatedAt).toISOString(),
  };
}
