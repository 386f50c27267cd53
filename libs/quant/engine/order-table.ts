import { decimal } from '../decimal/index.ts';
import type { OrderStatus } from '../strategy/index.ts';
import { Codes, grown } from './growable.ts';
import { Order } from './order.ts';
import type { OrderRow } from './types.ts';

/**
 * Orders that are over. A run has many, most of them plain market orders of the strategy whose rows are seldom asked for: those are kept as columns, so
 * that the objects can go at once; the others stay as they are.
 */
export class OrderTable {
  readonly #symbols: readonly string[];
  readonly #others = new Map<number, Order>();
  readonly #statuses = new Codes<OrderStatus>();
  readonly #reasons = new Codes<string | null>();
  /** Symbol id, negated and less one for a sale. */
  #id = new Int32Array(0);
  #status = new Int8Array(0);
  #reason = new Int16Array(0);
  #requested = new Float64Array(0);
  #quantity = new Float64Array(0);
  #filled = new Float64Array(0);
  #notional = new Float64Array(0);
  #scale = new Int8Array(0);
  #submitted = new Float64Array(0);
  #updated = new Float64Array(0);

  constructor(symbols: readonly string[]) {
    this.#symbols = symbols;
  }

  add(order: Order): void {
    const at = order.sequence - 1;
    const { notional } = order;
    if (!isPlain(order) || typeof notional.n !== 'number') {
      this.#others.set(at, order);
      return;
    }
    if (at >= this.#id.length) this.#grow(at + 1);
    this.#id[at] = order.sign > 0 ? order.id : -1 - order.id;
    this.#status[at] = this.#statuses.of(order.status);
    this.#reason[at] = this.#reasons.of(order.reason);
    this.#requested[at] = order.requested;
    this.#quantity[at] = order.quantity;
    this.#filled[at] = order.filled;
    this.#notional[at] = notional.n;
    this.#scale[at] = notional.scale;
    this.#submitted[at] = order.submittedAt;
    this.#updated[at] = order.updatedAt;
  }

  /** The first `count` orders by sequence. */
  rows(count: number): OrderRow[] {
    return Array.from({ length: count }, (_, at) => toRow(this.#others.get(at) ?? this.#at(at)));
  }

  #at(at: number): Order {
    const coded = this.#id[at]!;
    const id = coded < 0 ? -1 - coded : coded;
    const order = new Order(at + 1, id, { vtSymbol: this.#symbols[id]!, side: coded < 0 ? 'sell' : 'buy', orderType: 'market', quantity: this.#requested[at]! }, this.#submitted[at]!, { origin: 'strategy' });
    order.status = this.#statuses.at(this.#status[at]!);
    order.reason = this.#reasons.at(this.#reason[at]!);
    order.quantity = this.#quantity[at]!;
    order.filled = this.#filled[at]!;
    order.notional = { n: this.#notional[at]!, scale: this.#scale[at]! };
    order.updatedAt = this.#updated[at]!;
    return order;
  }

  #grow(length: number): void {
    this.#id = grown(this.#id, length);
    this.#status = grown(this.#status, length);
    this.#reason = grown(this.#reason, length);
    this.#requested = grown(this.#requested, length);
    this.#quantity = grown(this.#quantity, length);
    this.#filled = grown(this.#filled, length);
    this.#notional = grown(this.#notional, length);
    this.#scale = grown(this.#scale, length);
    this.#submitted = grown(this.#submitted, length);
    this.#updated = grown(this.#updated, length);
  }
}

/** What its columns say is all there is to say. */
function isPlain({ orderType, tif, origin, reduceOnly, contingency, groupId, denyCodes, parentOrderId, reference, postOnly }: Order): boolean {
  return orderType === 'market' && tif === 'gtc' && origin === 'strategy' && !reduceOnly && contingency === 'none' && groupId === null
    && denyCodes.length === 0 && parentOrderId === null && reference === null && !postOnly;
}

function toRow(order: Order): OrderRow {
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
    avg_fill_price: order.filled === 0 ? null : decimal.formatUnits(decimal.quotientHalfEven(order.notional, decimal.exact(order.filled), 10), 10),
    deny_codes: [...order.denyCodes],
    reason: order.reason,
    reference: order.reference,
    submitted_at: new Date(order.submittedAt).toISOString(),
    updated_at: new Date(order.updatedAt).toISOString(),
  };
}
