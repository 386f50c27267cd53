import { decimal } from '../decimal/index.ts';
import type { OrderStatus } from '../strategy/index.ts';
import { Codes, growColumns } from './growable.ts';
import { Order } from './order.ts';
import type { OrderRow } from './types.ts';

/**
 * Orders that are over. A run has many, most of them plain market orders of the strategy whose rows are seldom asked
 * for: those are kept as columns, so that the objects can go at once; the others stay as they are.
 */
export class OrderTable {
  readonly #symbols: readonly string[];
  readonly #others = new Map<number, Order>();
  readonly #statuses = new Codes<OrderStatus>();
  readonly #reasons = new Codes<string | null>();
  readonly #columns = {
    /** Symbol id, negated and less one for a sale. */
    id: new Int32Array(0),
    status: new Int8Array(0),
    reason: new Int32Array(0),
    requested: new Float64Array(0),
    quantity: new Float64Array(0),
    filled: new Float64Array(0),
    notional: new Float64Array(0),
    scale: new Int8Array(0),
    submitted: new Float64Array(0),
    updated: new Float64Array(0),
    liveFrom: new Float64Array(0),
  };

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
    const columns = this.#columns;
    if (at >= columns.id.length) growColumns(columns, at + 1);
    columns.id[at] = order.sign > 0 ? order.id : -1 - order.id;
    columns.status[at] = this.#statuses.of(order.status);
    columns.reason[at] = this.#reasons.of(order.reason);
    columns.requested[at] = order.requested;
    columns.quantity[at] = order.quantity;
    columns.filled[at] = order.filled;
    columns.notional[at] = notional.n;
    columns.scale[at] = notional.scale;
    columns.submitted[at] = order.submittedAt;
    columns.updated[at] = order.updatedAt;
    columns.liveFrom[at] = order.liveFrom;
  }

  /** Ids of the symbols of the first `count` orders. */
  symbols(count: number): Set<number> {
    const ids = new Set<number>();
    for (let at = 0; at < count; at++) {
      const coded = this.#others.get(at)?.id ?? this.#columns.id[at]!;
      ids.add(coded < 0 ? -1 - coded : coded);
    }
    return ids;
  }

  /** The first `count` orders by sequence. */
  rows(count: number): OrderRow[] {
    return Array.from({ length: count }, (_, at) => toRow(this.#others.get(at) ?? this.#at(at)));
  }

  #at(at: number): Order {
    const columns = this.#columns;
    const coded = columns.id[at]!;
    const id = coded < 0 ? -1 - coded : coded;
    const order = new Order(
      at + 1,
      id,
      {
        vtSymbol: this.#symbols[id]!,
        side: coded < 0 ? 'sell' : 'buy',
        orderType: 'market',
        quantity: columns.requested[at]!,
      },
      columns.submitted[at]!,
      { origin: 'strategy' },
    );
    order.status = this.#statuses.at(columns.status[at]!);
    order.reason = this.#reasons.at(columns.reason[at]!);
    order.quantity = columns.quantity[at]!;
    order.filled = columns.filled[at]!;
    order.notional = { n: columns.notional[at]!, scale: columns.scale[at]! };
    order.updatedAt = columns.updated[at]!;
    order.liveFrom = columns.liveFrom[at]!;
    return order;
  }
}

/** What its columns say is all there is to say. */
function isPlain({
  orderType,
  tif,
  origin,
  reduceOnly,
  contingency,
  groupId,
  denyCodes,
  parentOrderId,
  reference,
  postOnly,
}: Order): boolean {
  return (
    orderType === 'market' &&
    tif === 'gtc' &&
    origin === 'strategy' &&
    !reduceOnly &&
    contingency === 'none' &&
    groupId === null &&
    denyCodes.length === 0 &&
    parentOrderId === null &&
    reference === null &&
    !postOnly
  );
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
    avg_fill_price:
      order.filled === 0
        ? null
        : decimal.formatUnits(decimal.quotientHalfEven(order.notional, decimal.exact(order.filled), 10), 10),
    deny_codes: [...order.denyCodes],
    reason: order.reason,
    reference: order.reference,
    submitted_at: new Date(order.submittedAt).toISOString(),
    updated_at: new Date(order.updatedAt).toISOString(),
    live_from: Number.isNaN(order.liveFrom) ? null : new Date(order.liveFrom).toISOString(),
  };
}
