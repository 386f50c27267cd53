import { decimal } from '../decimal/index.ts';
import { addQuantity, floorToLot } from '../strategy/index.ts';
import { closable, type BuyingPower } from './buying-power.ts';
import { liquidityOf, type Execution } from './execution.ts';
import { FillPricing, type Slipping } from './fill-price.ts';
import type { Order } from './order.ts';
import { fillsAt, nextAct } from './order-types.ts';
import { highFirst, isBefore, type Act, type BarPath, type Moment } from './path.ts';
import { CLOSES_SESSION, FIRST_OF_SESSION } from './prepare.ts';
import type { RunState } from './state.ts';

const OPEN: Moment = { segment: 0, distance: 0 };

/** One symbol's bar with the orders that are live in it; one object per symbol and run. */
class BarMatch implements BarPath {
  readonly id: number;
  readonly touch: boolean;
  readonly corners = new Float64Array(4);
  /** The first `count` are live; what follows is of other bars. An array that is emptied gives its room away. */
  readonly live: Order[] = [];
  count = 0;
  bar = -1;
  day = -1;
  volume = Number.NaN;
  /** What volume still allows in this bar. */
  room = Number.POSITIVE_INFINITY;
  firstOfSession = false;
  closesSession = false;
  readonly atOpen = { segment: 0, distance: 0, price: Number.NaN, kind: 'open' as const };
  readonly atClose = { segment: 4, distance: 0, price: Number.NaN, kind: 'close' as const };

  constructor(id: number, touch: boolean) {
    this.id = id;
    this.touch = touch;
  }
}

/**
 * Step 2 of trading.md 7.4: orders meet the bars that opened when they were already live; one that straddles the
 * acceptance is no bar for them.
 */
export class Matching {
  readonly #state: RunState;
  readonly #power: BuyingPower;
  readonly #execution: Execution;
  readonly #pricing: FillPricing;
  readonly #bySymbol: (BarMatch | undefined)[];
  /** The first `#count` are those of the slice. */
  readonly #open: BarMatch[] = [];
  #count = 0;

  constructor(state: RunState, power: BuyingPower, slipping: Slipping, execution: Execution) {
    this.#state = state;
    this.#power = power;
    this.#execution = execution;
    this.#pricing = new FillPricing(slipping);
    this.#bySymbol = state.market.symbols.map(() => undefined);
  }

  run(): void {
    this.#gather();
    const open = this.#open;
    for (let a = 0; a < this.#count; a++) {
      const match = open[a]!;
      if (match.volume === 0) continue;
      for (let i = 0; i < match.count; i++) {
        const order = match.live[i]!;
        if (!this.#mayAct(match, order) || !this.#reduces(order)) continue;
        const act = nextAct(order, match, OPEN);
        if (act !== null && act.segment === 0 && fillsAt(order, act)) this.#act(match, order, act);
      }
    }
    for (let a = 0; a < this.#count; a++) {
      const match = open[a]!;
      if (match.volume !== 0) this.#walk(match);
      this.#close(match);
    }
  }

  /**
   * The bars of the slice that working orders meet; day orders of a session that ended without its closing bar expire
   * first.
   */
  #gather(): void {
    const { market, book, options } = this.#state;
    const { slice } = market;
    const { working } = book;
    for (let i = 0; i < working.length; i++) {
      const order = working[i]!;
      if (slice.find(order.id) < 0) continue;
      const match = (this.#bySymbol[order.id] ??= new BarMatch(order.id, options.limit_touch === 'touch'));
      match.live[match.count++] = order;
    }
    this.#count = 0;
    for (let k = 0; k < slice.size; k++) {
      const match = this.#bySymbol[slice.ids[k]!];
      if (match === undefined || match.count === 0) continue;
      this.#place(match, slice.indexes[k]!);
      this.#keepLive(match);
      this.#open[this.#count++] = match;
    }
  }

  /** The symbol's bar of this index. */
  #place(match: BarMatch, bar: number): void {
    const { market, account, options } = this.#state;
    const { id, corners } = match;
    const flags = market.flags[id]![bar]!;
    const columns = market.columns(id);
    const open = columns.open[bar]!;
    const high = columns.high[bar]!;
    const low = columns.low[bar]!;
    const close = columns.close[bar]!;
    const highIsFirst = highFirst(options.intrabar, account.quantity[id]!, open, high, low);
    corners[0] = open;
    corners[1] = highIsFirst ? high : low;
    corners[2] = highIsFirst ? low : high;
    corners[3] = close;
    match.bar = bar;
    match.day = market.day[id]![bar]!;
    match.volume = columns.volume[bar]!;
    match.room = this.#room(id, match.volume);
    match.firstOfSession = (flags & FIRST_OF_SESSION) !== 0;
    match.closesSession = (flags & CLOSES_SESSION) !== 0;
    match.atOpen.price = open;
    match.atClose.price = close;
  }

  #keepLive(match: BarMatch): void {
    const { live, day } = match;
    const opened = this.#state.market.opened[match.id]![match.bar]!;
    let kept = 0;
    for (let i = 0; i < match.count; i++) {
      const order = live[i]!;
      if (!order.livesIn(opened)) continue;
      if (order.tif === 'day' && order.liveDay >= 0 && order.liveDay < day) {
        this.#state.book.expire(order, 'day');
        continue;
      }
      order.meet(opened, day);
      live[kept++] = order;
    }
    match.count = kept;
  }

  #room(id: number, volume: number): number {
    if (Number.isNaN(volume)) return Number.POSITIVE_INFINITY;
    const lot = this.#state.lot[id]!;
    if (lot === 1 && this.#state.options.max_participation === 1) return Math.floor(volume);
    const share = decimal.exact(this.#state.options.max_participation);
    return floorToLot(decimal.multiply(share, decimal.exact(volume)), lot);
  }

  #mayAct(match: BarMatch, order: Order): boolean {
    return order.actedBar !== match.bar && order.working;
  }

  #reduces(order: Order): boolean {
    return closable(order, this.#state.account.quantity[order.id]!) > 0;
  }

  /** Orders act in the order the path reaches them; at one point reducing first, then by sequence. */
  #walk(match: BarMatch): void {
    const { live } = match;
    let now: Moment = OPEN;
    for (;;) {
      let chosen: Order | null = null;
      let earliest: Act | null = null;
      for (let i = 0; i < match.count; i++) {
        const order = live[i]!;
        if (!this.#mayAct(match, order)) continue;
        const act = nextAct(order, match, now);
        if (act === null) continue;
        if (
          earliest !== null &&
          !isBefore(act, earliest) &&
          (isBefore(earliest, act) || !this.#reduces(order) || this.#reduces(chosen!))
        )
          continue;
        chosen = order;
        earliest = act;
      }
      if (chosen === null || earliest === null) return;
      now = earliest;
      if (fillsAt(chosen, earliest)) this.#act(match, chosen, earliest);
      else this.#state.book.trigger(chosen);
    }
  }

  #act(match: BarMatch, order: Order, act: Act): void {
    const { book, account, options } = this.#state;
    const { stops } = order.rule;
    order.actedBar = match.bar;
    if (order.postOnly && act.kind === 'open' && order.barsLive === 1) return book.cancel(order, 'post_only');
    const reducible = closable(order, account.quantity[order.id]!);
    if (order.onlyCloses && reducible === 0)
      return book.cancel(order, order.reduceOnly ? 'reduce_only' : 'position_closed');
    const wanted = order.onlyCloses ? Math.min(order.remaining, reducible) : order.remaining;
    const offered = Math.min(wanted, match.room);
    if (order.tif === 'fok' && offered < order.remaining) return book.cancel(order, 'fok');
    if (offered <= 0) {
      if (stops && !order.triggered) book.trigger(order);
      return;
    }
    const pricing = this.#pricing.of(order, act, match);
    const liquidity = liquidityOf(order, act);
    const affordable = this.#power.atFill(order, offered, liquidity, pricing);
    const short = affordable < offered;
    if (short && (options.on_insufficient === 'reject' || order.tif === 'fok'))
      return book.cancel(order, order.tif === 'fok' ? 'fok' : 'insufficient_buying_power');
    if (affordable > 0) {
      if (Number.isFinite(match.room)) match.room = addQuantity(match.room, -affordable);
      this.#execution.fill(order, affordable, pricing.at(affordable), pricing.reference, match.bar, liquidity);
    }
    if (stops) order.triggered = true;
    if (short) book.cancel(order, 'reduced');
    else if (order.reduceOnly && account.quantity[order.id]! === 0) book.cancel(order, 'reduce_only');
  }

  /** What does not outlive the bar, or the session that it closes. */
  #close(match: BarMatch): void {
    const { live, firstOfSession, closesSession } = match;
    const { book } = this.#state;
    for (let i = 0; i < match.count; i++) {
      const order = live[i]!;
      const { tif } = order;
      if (tif === 'gtc') continue;
      if (tif === 'ioc' || tif === 'fok' || (tif === 'opg' && firstOfSession) || (tif === 'cls' && closesSession))
        book.cancel(order, tif);
      else if (tif === 'day' && closesSession) book.expire(order, 'day');
    }
    match.count = 0;
  }
}
