import { decimal } from '../../decimal/index.ts';
import type { Order } from '../order.ts';

function text(price: decimal.Exact | null): string {
  return price === null ? '' : decimal.formatUnits(price.n, price.scale);
}

/** Symbol, side, type, requested quantity and prices. */
function likeness(order: Order): string {
  return [
    order.id,
    order.side,
    order.orderType,
    order.requested,
    text(order.limit),
    text(order.stop),
    text(order.trailAmount),
    text(order.trailPct),
  ].join(' ');
}

/** When an order like this one was last accepted (R12). */
export class AcceptedOrders {
  readonly #last = new Map<string, number>();

  add(order: Order, now: number): void {
    this.#last.set(likeness(order), now);
  }

  /** Milliseconds. */
  since(order: Order, now: number): number | null {
    const last = this.#last.get(likeness(order));
    return last === undefined ? null : now - last;
  }
}
