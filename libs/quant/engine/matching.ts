import { decimal } from '../decimal/index.ts';
import { addQuantity, lots, wholeLots } from '../strategy/index.ts';
import { closable, type BuyingPower } from './buying-power.ts';
import { liquidityOf, type Execution } from './execution.ts';
import { fillPrice, type FillPrice } from './fill-price.ts';
import type { Order } from './order.ts';
import { intrabarPath, isBefore, nextAct, type Act, type BarContext, type Moment } from './path.ts';
import { CLOSES_SESSION, FIRST_OF_SESSION } from './prepare.ts';
import type { RunState } from './state.ts';

const OPEN: Moment = { segment: 0, distance: 0 };

/** One symbol's bar with the orders that are live in it. */
interface Auction {
  id: number;
  bar: number;
  day: number;
  volume: number;
  context: BarContext;
  live: Order[];
  /** What volume still allows in this bar. */
  room: number;
}

/** Step 2 of trading.md 7.4: orders that were live before the bar meet it. */
export class Matching {
  readonly #state: RunState;
  readonly #power: BuyingPower;
  readonly #execution: Execution;
  /** Working orders by id, of one slice. */
  readonly #bySymbol: (Order[] | undefined)[];

  constructor(state: RunState, power: BuyingPower, execution: Execution) {
    this.#state = state;
    this.#power = power;
    this.#execution = execution;
    this.#bySymbol = state.market.symbols.map(() => undefined);
  }

  run(): void {
    if (this.#state.book.working.length === 0) return;
    const auctions = this.#open();
    for (const auction of auctions) {
      for (const order of auction.live) {
        if (!order.working || order.actedBar === auction.bar || !this.#reduces(order)) continue;
        const act = auction.volume === 0 ? null : nextAct(order, auction.context, OPEN);
        if (act !== null && act.segment === 0 && this.#fillsAt(order, act)) this.#act(auction, order, act);
      }
    }
    for (const auction of auctions) {
      if (auction.volume !== 0) this.#walk(auction);
      this.#close(auction);
    }
  }

  /** Live orders by symbol; day orders of a session that ended without its closing bar expire first. */
  #open(): Auction[] {
    const { market, book, account, options } = this.#state;
    const slice = market.slice;
    const auctions: Auction[] = [];
    const bySymbol = this.#bySymbol;
    const { working } = book;
    for (const order of working) {
      const orders = bySymbol[order.id];
      if (orders) orders.push(order);
      else bySymbol[order.id] = [order];
    }
    for (let k = 0; k < slice.size; k++) {
      const id = slice.id(k);
      const orders = bySymbol[id];
      if (orders === undefined) continue;
      const bar = slice.barIndex(k);
      const day = market.day[id]![bar]!;
      const live: Order[] = [];
      for (const order of orders) {
        if (order.acceptedBar >= bar) continue;
        if (order.tif === 'day' && order.liveDay >= 0 && order.liveDay < day) {
          book.expire(order, 'day');
          continue;
        }
        if (order.liveDay < 0) order.liveDay = day;
        live.push(order);
      }
      if (live.length === 0) continue;
      const flags = market.flags[id]![bar]!;
      const volume = slice.volume(k);
      const path = intrabarPath(options.intrabar, account.quantity[id]!, slice.open(k), slice.high(k), slice.low(k), slice.close(k));
      const context = { path, firstOfSession: (flags & FIRST_OF_SESSION) !== 0, closesSession: (flags & CLOSES_SESSION) !== 0, touch: options.limit_touch === 'touch' };
      auctions.push({ id, bar, day, volume, context, live, room: this.#room(id, volume) });
    }
    for (const order of working) bySymbol[order.id] = undefined;
    return auctions;
  }

  #room(id: number, volume: number): number {
    if (Number.isNaN(volume)) return Number.POSITIVE_INFINITY;
    const lot = this.#state.lot[id]!;
    if (lot === 1 && this.#state.options.max_participation === 1) return Math.floor(volume);
    return lots(wholeLots(decimal.multiply(decimal.exact(this.#state.options.max_participation), decimal.exact(volume)), lot), lot);
  }

  #reduces(order: Order): boolean {
    return closable(order, this.#state.account.quantity[order.id]!) > 0;
  }

  /** A stop-limit that the open passes beyond its limit does not fill there. */
  #fillsAt(order: Order, act: Act): boolean {
    return order.orderType !== 'stop_limit' || order.triggered || (order.limitPrice! - act.price) * order.sign >= 0;
  }

  /** Orders act in the order the path reaches them; at one point reducing first, then by sequence. */
  #walk(auction: Auction): void {
    let now: Moment = OPEN;
    for (;;) {
      let chosen: Order | null = null;
      let earliest: Act | null = null;
      for (const order of auction.live) {
        if (!order.working || order.actedBar === auction.bar) continue;
        const act = nextAct(order, auction.context, now);
        if (act === null) continue;
        const sooner = earliest === null || isBefore(act, earliest);
        const level = !sooner && !isBefore(earliest!, act);
        if (sooner || (level && this.#reduces(order) && !this.#reduces(chosen!))) {
          chosen = order;
          earliest = act;
        }
      }
      if (chosen === null || earliest === null) return;
      now = earliest;
      if (this.#fillsAt(chosen, earliest)) this.#act(auction, chosen, earliest);
      else this.#state.book.trigger(chosen);
    }
  }

  #act(auction: Auction, order: Order, act: Act): void {
    const { book, account, options } = this.#state;
    order.actedBar = auction.bar;
    if (order.postOnly && act.kind === 'open' && order.acceptedBar === auction.bar - 1) return book.cancel(order, 'post_only');
    const reducible = closable(order, account.quantity[order.id]!);
    if (order.reduceOnly && reducible === 0) return book.cancel(order, 'reduce_only');
    const wanted = order.reduceOnly ? Math.min(order.remaining, reducible) : order.remaining;
    const offered = Math.min(wanted, auction.room);
    if (order.tif === 'fok' && offered < order.remaining) return book.cancel(order, 'fok');
    const stopped = order.orderType === 'stop' || order.orderType === 'trailing_stop' || order.orderType === 'stop_limit';
    if (offered <= 0) {
      if (stopped && !order.triggered) book.trigger(order);
      return;
    }
    const fixed = this.#state.slippage.constant ? fillPrice(this.#state, order, act, offered, auction.volume) : null;
    const priceOf = (quantity: number): FillPrice => fixed ?? fillPrice(this.#state, order, act, quantity, auction.volume);
    const affordable = this.#power.atFill(order, offered, liquidityOf(order, act, auction.bar), (quantity) => priceOf(quantity).price);
    const short = affordable < offered;
    if (short && (options.on_insufficient === 'reject' || order.tif === 'fok')) return book.cancel(order, order.tif === 'fok' ? 'fok' : 'insufficient_buying_power');
    if (affordable > 0) {
      if (Number.isFinite(auction.room)) auction.room = addQuantity(auction.room, -affordable);
      this.#execution.fill(order, act, affordable, auction.bar, priceOf(affordable));
    }
    if (stopped) order.triggered = true;
    if (short) book.cancel(order, 'reduced');
    else if (order.reduceOnly && account.quantity[order.id]! === 0) book.cancel(order, 'reduce_only');
  }

  /** What does not outlive the bar, or the session that it closes. */
  #close(auction: Auction): void {
    const { book } = this.#state;
    const { firstOfSession, closesSession } = auction.context;
    for (const order of auction.live) {
      const { tif } = order;
      if (tif === 'ioc' || tif === 'fok' || (tif === 'opg' && firstOfSession) || (tif === 'cls' && closesSession)) book.cancel(order, tif);
      else if (tif === 'day' && closesSession) book.expire(order, 'day');
    }
  }
}
