import { DomainError } from '#kernel';
import { addQuantity, type OrderRequest, type OrderStatus } from '../strategy/index.ts';
import type { EventLog } from './event-log.ts';
import { Order, type OrderOptions } from './order.ts';
import { OrderTable } from './order-table.ts';
import type { OrderRow } from './types.ts';

/** The orders of a run: the working ones in their sequence, and the rows of all. */
export class Book {
  /** Orders so far. */
  count = 0;
  /** There was a `gtd` order. */
  dated = false;
  /** There was an exit of a bracket, or a closing order. */
  bracketed = false;
  readonly #log: EventLog;
  readonly #clock: { readonly now: number };
  readonly #over: OrderTable;
  #working: Order[] = [];
  /** Of these, how many work no more. */
  #left = 0;
  /** Somebody may be walking over the array: it is replaced, not changed. */
  #lent = false;
  #groups = 0;

  /** `clock.now` = instant of the slice. */
  constructor(log: EventLog, clock: { readonly now: number }, symbols: readonly string[]) {
    this.#log = log;
    this.#clock = clock;
    this.#over = new OrderTable(symbols);
  }

  /** Working orders by sequence. Stays as it is while orders come and go: ask again for those of then. */
  get working(): readonly Order[] {
    if (this.#left > 0) {
      this.#working = this.#left === this.#working.length ? [] : this.#working.filter((order) => order.working);
      this.#left = 0;
    }
    this.#lent = true;
    return this.#working;
  }

  get idle(): boolean {
    return this.#working.length === this.#left;
  }

  newGroup(): string {
    return `g-${++this.#groups}`;
  }

  create(id: number, request: OrderRequest, options: OrderOptions): Order {
    const order = new Order(++this.count, id, request, this.#clock.now, options);
    if (order.tif === 'gtd') this.dated = true;
    if (order.bracketChild || order.closing) this.bracketed = true;
    return order;
  }

  /** Writes the ORDER event: after acceptance has fixed the quantity. */
  announce(order: Order): void {
    if (!this.#log.off) this.#log.order(order);
  }

  /** It is live from the first bar of its symbol that opens at the instant of this slice or later. */
  accept(order: Order): void {
    order.acceptedAt = this.#clock.now;
    this.#status(order, 'new', null);
    if (this.#lent) this.#working = this.#working.slice();
    this.#lent = false;
    this.#working.push(order);
  }

  deny(order: Order, codes: string[]): void {
    order.denyCodes = codes;
    order.quantity = order.requested;
    this.#status(order, 'denied', codes.join(','));
    this.#over.add(order);
  }

  trigger(order: Order): void {
    order.triggered = true;
    if (order.status === 'new') this.#status(order, 'triggered', null);
  }

  /** After a fill of `quantity`. */
  filled(order: Order, quantity: number): void {
    order.filled = addQuantity(order.filled, quantity);
    if (order.filled >= order.quantity) this.#leave(order, 'filled', null);
    else this.#status(order, 'partial', null);
  }

  cancel(order: Order, reason: string): void {
    if (order.working) this.#leave(order, 'cancelled', reason);
  }

  expire(order: Order, reason: string): void {
    if (order.working) this.#leave(order, 'expired', reason);
  }

  /** Lowers the open quantity (an OCO sibling, a child of a reduced position); nothing left cancels it. */
  shrink(order: Order, remaining: number, reason: string): void {
    if (remaining <= 0) this.cancel(order, reason);
    else {
      order.quantity = addQuantity(order.filled, remaining);
      order.updatedAt = this.#clock.now;
    }
  }

  /** A working order by its id, undefined when it works no more. Throws `bad_input` for an order that never was. */
  find(orderId: string): Order | undefined {
    const sequence = Number(orderId.slice(2));
    if (!(sequence >= 1 && sequence <= this.count))
      throw new DomainError(422, 'bad_input', { detail: `There is no order ${orderId} in this run.` });
    return this.#working.find((order) => order.sequence === sequence && order.working);
  }

  /** Ids of the symbols that ever had an order. */
  symbolsOrdered(): Set<number> {
    return this.#over.symbols(this.count);
  }

  rows(): OrderRow[] {
    return this.#over.rows(this.count);
  }

  #status(order: Order, status: OrderStatus, reason: string | null): void {
    order.updatedAt = this.#clock.now;
    if (reason !== null) order.reason = reason;
    order.status = status;
    if (!this.#log.off) this.#log.orderStatus(order.sequence, status, reason);
  }

  #leave(order: Order, status: 'filled' | 'cancelled' | 'expired', reason: string | null): void {
    this.#status(order, status, reason);
    this.#left++;
    this.#over.add(order);
  }
}
