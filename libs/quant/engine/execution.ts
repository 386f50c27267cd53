import { decimal } from '../decimal/index.ts';
import { addQuantity, type OrderRequest } from '../strategy/index.ts';
import { closable } from './buying-power.ts';
import { FillTable, type Fill, type Liquidity } from './fill-table.ts';
import type { Slipping } from './fill-price.ts';
import type { Order } from './order.ts';
import type { Act } from './path.ts';
import type { RunState } from './state.ts';
import type { FillRow } from './types.ts';

/** A limit order that fills at the open of its first live bar takes liquidity, any other limit fill makes it. */
export function liquidityOf(order: Order, act: Act): Liquidity {
  if (order.rule.auction || order.tif === 'opg' || order.tif === 'cls') return 'auction';
  const arrived = act.kind === 'open' && order.barsLive === 1;
  return order.rests && !arrived ? 'maker' : 'taker';
}

/** |price − unslipped price|·quantity in 1e-8 units. */
function slippageCost(quantity: number, price: decimal.Exact, reference: decimal.Exact): decimal.Integer {
  return decimal.roundHalfEven(decimal.times(quantity, decimal.absolute(decimal.subtract(price, reference))));
}

/** Books fills and everything that hangs on them: money, order state, OCO siblings, bracket children. */
export class Execution {
  readonly #fills = new FillTable();
  readonly #state: RunState;
  readonly #slipping: Slipping;
  readonly #onExit: (id: number) => void;

  /** `onExit` hears of a position closed by a bracket. */
  constructor(state: RunState, slipping: Slipping, onExit: (id: number) => void) {
    this.#state = state;
    this.#slipping = slipping;
    this.#onExit = onExit;
  }

  get count(): number {
    return this.#fills.length;
  }

  rows(): FillRow[] {
    return this.#fills.rows(this.#state.market.symbols);
  }

  /**
   * Fills `quantity` of a working order. `reference` is the price before slippage, `bar` the index of the symbol's bar.
   */
  fill(
    order: Order,
    quantity: number,
    price: decimal.Exact,
    reference: decimal.Exact,
    bar: number,
    liquidity: Liquidity,
  ): void {
    this.#book(order, quantity, price, reference, bar, liquidity, true);
  }

  /**
   * Closes a whole position at this price, in one order that no test can stop; `costs: false` is the cash-out of a
   * delisting. `opened`: when the bar opened that the order meets, ms; a valuation at a known close meets none.
   */
  liquidate(
    id: number,
    at: decimal.Exact,
    bar: number,
    volume: number,
    options: { reason: string; costs: boolean; opened?: number },
  ): void {
    const { account, book, market } = this.#state;
    const position = account.quantity[id]!;
    const sign = position > 0 ? -1 : 1;
    const quantity = Math.abs(position);
    const order = book.create(
      id,
      {
        vtSymbol: market.symbols[id]!,
        side: sign > 0 ? 'buy' : 'sell',
        orderType: 'market',
        quantity,
        reduceOnly: true,
        reference: options.reason,
      },
      { origin: 'liquidation' },
    );
    book.announce(order);
    book.accept(order);
    if (options.opened !== undefined) order.meet(options.opened, market.day[id]![bar]!);
    const price = options.costs
      ? this.#slipping.price(order, at, quantity, { bar, volume })
      : decimal.units(decimal.roundHalfEven(at));
    this.#book(order, quantity, price, at, bar, 'taker', options.costs);
  }

  #book(
    order: Order,
    quantity: number,
    price: decimal.Exact,
    reference: decimal.Exact,
    bar: number,
    liquidity: Liquidity,
    costs: boolean,
  ): void {
    const { account, book, commission: model, log, now } = this.#state;
    const gross = decimal.times(quantity, price);
    const commission = costs ? model.charge(order, quantity, gross, liquidity) : 0;
    const slippage = costs ? slippageCost(quantity, price, reference) : 0;
    order.notional = decimal.add(order.notional, gross);
    order.charged = decimal.sum(order.charged, commission);
    const fill: Fill = {
      order: order.sequence,
      id: order.id,
      sign: order.sign,
      quantity,
      price,
      gross,
      commission,
      slippage,
      liquidity,
      bar,
      time: now,
    };
    this.#fills.add(fill);
    if (!log.off) log.fill(this.#fills.length, order, fill);
    const before = account.quantity[order.id]!;
    account.book(fill, this.#fills.length);
    book.filled(order, quantity);
    this.#afterFill(order, quantity, before);
  }

  /** After a change of the position: exits of brackets are clipped to it, and what is only closing ends with it. */
  fitToPosition(id: number): void {
    const { account, book } = this.#state;
    if (!book.bracketed) return;
    const position = account.quantity[id]!;
    for (const order of book.working) {
      if (order.id !== id || !(order.bracketChild || order.closing)) continue;
      const open = closable(order, position);
      if (open === 0 || (order.bracketChild && order.remaining > open)) book.shrink(order, open, 'position_closed');
    }
  }

  #afterFill(order: Order, quantity: number, before: number): void {
    const { account, book } = this.#state;
    if (order.contingency === 'oco' && order.groupId !== null)
      for (const sibling of book.working) {
        if (order.cancels(sibling))
          book.shrink(sibling, order.working ? addQuantity(sibling.remaining, -quantity) : 0, 'oco');
      }
    const position = account.quantity[order.id]!;
    this.fitToPosition(order.id);
    if (order.children.length > 0) this.#spawn(order, before, position);
    if (order.bracketChild && position === 0) this.#onExit(order.id);
  }

  /**
   * Exits of a bracket exist for the opened part of what filled; `oto` orders, of whatever symbol, once their parent is
   * filled. They are live from the next bar of their symbol that opens.
   */
  #spawn(parent: Order, before: number, position: number): void {
    const { book } = this.#state;
    const exits = parent.contingency === 'bracket';
    if (!exits && parent.working) return;
    const openedBefore = before * parent.sign > 0 ? Math.abs(before) : 0;
    const openedAfter = position * parent.sign > 0 ? Math.abs(position) : 0;
    const opened = addQuantity(openedAfter, -openedBefore);
    if (exits && opened <= 0) return;
    const alive = parent.spawned.filter((child) => child.working);
    if (alive.length > 0) {
      for (const child of alive) child.quantity = addQuantity(child.quantity, opened);
      return;
    }
    parent.spawned = parent.children.flatMap((request) => {
      const id = this.#state.market.idOf(request.vtSymbol);
      // Told at the acceptance of the parent.
      if (id === undefined) return [];
      const sized: OrderRequest = {
        ...request,
        quantity: exits ? opened : request.quantity,
        parentOrderId: parent.orderId,
        groupId: request.groupId ?? parent.groupId,
      };
      const child = book.create(id, sized, { origin: parent.origin, bracketChild: exits, parent });
      book.announce(child);
      const denied = exits ? [] : this.#denials(child);
      if (denied.length > 0) book.deny(child, denied);
      else this.#accept(child);
      return [child];
    });
  }

  /** Why an order that waited for another one cannot be sent now. */
  #denials(child: Order): string[] {
    const { account, market, gate, notBorrowable, options } = this.#state;
    if (gate !== null) return gate.release(child);
    if (!(market.mark[child.id]! > 0) || market.removed[child.id]) return ['not_tradable'];
    if (child.sign > 0 || child.reduceOnly || account.kind === 'cash' || !notBorrowable.has(child.vtSymbol)) return [];
    const held = closable(child, account.quantity[child.id]!);
    if (held < child.quantity && (held === 0 || options.on_insufficient === 'reject')) return ['not_borrowable'];
    child.quantity = Math.min(child.quantity, held);
    return [];
  }

  #accept(child: Order): void {
    const { book, market } = this.#state;
    const mark = market.mark[child.id]!;
    // Where a bar of its symbol is in this slice, the extreme starts with its close, at Mark.
    if (market.slice.find(child.id) < 0) child.trail(mark, mark);
    book.accept(child);
  }
}
