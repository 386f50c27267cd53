import { ClockWork } from './clock.ts';
import { ZERO, cents8, dec, floorLot, num, plain, D } from './decimal.ts';
import { byCodePoint, openOnOrAfter, type SliceOfBars } from './slices.ts';
import type { Action } from './input.ts';
import { signOf, tenth, rest, working, type Order } from './state.ts';
import { vtSymbol } from './recipe.ts';

const RANK = { dividend: 0, split: 1, rename: 2, merger: 3, delisting: 4 };
const PRICED = ['dividend', 'split'];

/**
 * Corporate actions (trading.md 7.4, 7.10; ADR 5): each at the first slice after the open of the symbol's first session
 * on or after its date.
 */
export class Actions extends ClockWork {
  corporateActions(slice: SliceOfBars, started: boolean): void {
    const due = (this.input.actions ?? [])
      .filter(
        (action) =>
          !this.applied.has(action) && this.now > openOnOrAfter(vtSymbol(action.vt_symbol), action.ex_date, this.k),
      )
      .filter(
        (action) =>
          this.history.has(vtSymbol(action.vt_symbol)) ||
          slice.bars.some((bar) => bar.symbol === vtSymbol(action.vt_symbol)),
      )
      .filter((action) => this.k.normalization === 'raw' || !PRICED.includes(action.type))
      .sort(
        (a, b) =>
          byCodePoint(a.ex_date, b.ex_date) || RANK[a.type] - RANK[b.type] || byCodePoint(a.vt_symbol, b.vt_symbol),
      );
    for (const action of due) {
      this.applied.add(action);
      const symbol = vtSymbol(action.vt_symbol);
      if (this.delisted.has(symbol)) {
        if (started) this.tooLate.add(action);
        continue;
      }
      if (started) this.posted.add(action);
      if (action.type === 'split') this.split(symbol, dec(action.ratio!), slice, started);
      else if (!started) {
        if (action.type !== 'dividend') this.delisted.add(symbol);
      } else if (action.type === 'dividend') {
        this.emit('CORP_ACTION', { vt_symbol: symbol, kind: 'dividend', amount: plain(dec(action.amount!)) });
        this.post('dividend', this.qty(symbol).times(dec(action.amount!)), symbol);
      } else if (action.type === 'rename') this.rename(symbol, action);
      else if (action.type === 'merger') this.merge(symbol, action, slice);
      else this.delist(symbol, 'delisting');
    }
  }

  split(symbol: string, ratio: D, slice: SliceOfBars, started: boolean): void {
    const r = num(ratio);
    const h = this.history.get(symbol);
    if (h) {
      for (const field of ['open', 'high', 'low', 'close'] as const) h[field] = h[field].map((x) => x / r);
      h.volume = h.volume.map((x) => x * r);
      this.mark.set(symbol, this.mark.get(symbol)! / r);
      for (const bar of [...this.seen.get(symbol)!, ...(this.trips.get(symbol)?.earlier ?? [])]) {
        bar.open /= r;
        bar.high /= r;
        bar.low /= r;
        bar.close /= r;
        bar.volume *= r;
      }
    }
    if (!started) return;
    this.emit('CORP_ACTION', { vt_symbol: symbol, kind: 'split', ratio: r });
    const held = this.position.get(symbol);
    let fraction = ZERO;
    if (held) {
      const full = held.quantity.times(ratio);
      const whole = floorLot(full.abs(), this.lot(symbol)).times(signOf(full));
      held.average = held.average.div(ratio);
      held.quantity = whole;
      const trip = this.trips.get(symbol)!;
      trip.entryQty = trip.entryQty.times(ratio);
      trip.exitQty = trip.exitQty.times(ratio);
      fraction = full.minus(whole);
    }
    for (const order of this.openOrders(symbol)) {
      order.quantity = order.quantity.times(ratio);
      order.filled = order.filled.times(ratio);
      order.limit = order.limit && tenth(order.limit.div(ratio));
      order.stop = order.stop && tenth(order.stop.div(ratio));
      order.trailAmount = order.trailAmount && tenth(order.trailAmount.div(ratio));
      order.extreme = order.extreme && order.extreme.div(ratio);
      if (rest(order).lte(0)) this.cancel(order, 'split');
    }
    for (const request of this.waitingRequests(symbol)) {
      request.quantity = request.quantity.times(ratio);
      request.limit = request.limit ? tenth(request.limit.div(ratio)) : null;
      request.stop = request.stop ? tenth(request.stop.div(ratio)) : null;
      request.trailAmount = request.trailAmount ? tenth(request.trailAmount.div(ratio)) : null;
    }
    this.cashFraction(symbol, fraction, 'split_fraction', slice);
  }

  /** Rows of groups on this symbol whose parent works. */
  waitingRequests(symbol: string): NonNullable<Order['waiting']>['requests'] {
    return this.orders
      .filter((order) => working(order) && order.waiting)
      .flatMap((order) => order.waiting!.requests.filter((request) => request.symbol === symbol));
  }

  /** What is less than a lot becomes money: at the open of a bar that begins with the action, else at the last mark. */
  cashFraction(symbol: string, fraction: D, kind: string, slice: SliceOfBars): void {
    if (fraction.isZero()) return;
    const bar = slice.bars.find((b) => b.symbol === symbol);
    const proceeds = cents8(fraction.times(bar ? dec(bar.open) : this.close(symbol)));
    this.post(kind, proceeds, symbol);
    const trip = this.trips.get(symbol)!;
    trip.exitQty = trip.exitQty.plus(fraction.abs());
    trip.exitNotional = trip.exitNotional.plus(proceeds.abs());
    trip.money = trip.money.plus(proceeds);
    if (this.qty(symbol).isZero()) {
      this.position.delete(symbol);
      this.finishTrip(symbol, bar ?? this.lastBar(symbol));
    }
  }

  hasBars(symbol: string): boolean {
    return this.universe.includes(symbol) && this.bars.some((bar) => bar.symbol === symbol);
  }

  rename(symbol: string, action: Action): void {
    const next = vtSymbol(action.new_vt_symbol!);
    if (!this.hasBars(next)) {
      this.warn('rename_without_bars', symbol, 1);
      return this.delist(symbol, 'rename');
    }
    this.emit('CORP_ACTION', { vt_symbol: symbol, kind: 'rename', new_vt_symbol: next });
    if (this.position.has(symbol) || this.openOrders(symbol).length > 0) this.ordered.add(next);
    this.delisted.add(symbol);
    this.active.delete(symbol);
    this.carry(symbol, next, dec(1));
    for (const order of this.openOrders(symbol)) order.symbol = next;
    for (const request of this.waitingRequests(symbol)) request.symbol = next;
  }

  /** The position of one symbol becomes `ratio` as much of another; its round trip goes on. */
  carry(symbol: string, next: string, ratio: D): void {
    const held = this.position.get(symbol);
    if (!this.mark.has(next)) this.mark.set(next, this.mark.get(symbol)! / num(ratio));
    if (!held) return;
    const own = this.position.get(next);
    if (own) return this.join(symbol, next, ratio);
    this.position.delete(symbol);
    this.position.set(next, { quantity: held.quantity.times(ratio), average: held.average.div(ratio) });
    const trip = this.trips.get(symbol)!;
    this.trips.delete(symbol);
    trip.earlier = [...trip.earlier, ...this.seen.get(symbol)!.slice(trip.entryBar)];
    const r = num(ratio);
    for (const bar of trip.earlier) {
      bar.open /= r;
      bar.high /= r;
      bar.low /= r;
      bar.close /= r;
      bar.volume *= r;
    }
    trip.entryBar = this.seen.get(next)?.length ?? 0;
    trip.entryQty = trip.entryQty.times(ratio);
    trip.exitQty = trip.exitQty.times(ratio);
    this.trips.set(next, trip);
  }

  /**
   * Beside a position in the new symbol what comes joins it like a trade at its average without cash; a long and a
   * short cancel out.
   */
  join(symbol: string, next: string, ratio: D): void {
    throw new Error(`the reference does not know how ${symbol} joins ${next} at ${plain(ratio)}`);
  }

  merge(symbol: string, action: Action, slice: SliceOfBars): void {
    const next = action.new_vt_symbol === undefined ? null : vtSymbol(action.new_vt_symbol);
    if (next !== null && action.ratio !== undefined && !this.hasBars(next)) {
      this.warn('rename_without_bars', symbol, 1);
      return this.delist(symbol, 'merger');
    }
    this.delisted.add(symbol);
    this.active.delete(symbol);
    this.emit('CORP_ACTION', {
      vt_symbol: symbol,
      kind: 'merger',
      ratio: action.ratio,
      amount: action.amount === undefined ? undefined : plain(dec(action.amount)),
      new_vt_symbol: next,
    });
    for (const order of this.openOrders(symbol)) this.cancel(order, 'delisted');
    const quantity = this.qty(symbol);
    if (quantity.isZero()) return;
    const trip = this.trips.get(symbol)!;
    const paid = action.amount === undefined ? ZERO : cents8(quantity.times(dec(action.amount)));
    this.post('merger', paid, symbol);
    trip.money = trip.money.plus(paid);
    if (next === null || action.ratio === undefined) {
      trip.exitQty = trip.exitQty.plus(quantity.abs());
      trip.exitNotional = trip.exitNotional.plus(paid.abs());
      this.position.delete(symbol);
      return this.finishTrip(symbol, this.lastBar(symbol));
    }
    this.ordered.add(next);
    this.carry(symbol, next, dec(action.ratio));
    const full = this.qty(next);
    const whole = floorLot(full.abs(), this.lot(next)).times(signOf(full));
    this.position.get(next)!.quantity = whole;
    this.cashFraction(next, full.minus(whole), 'merger_fraction', slice);
  }

  /** Cancels the orders and closes the position at the last close, without slip and commission. */
  delist(symbol: string, kind: string): void {
    this.delisted.add(symbol);
    this.active.delete(symbol);
    this.emit('CORP_ACTION', { vt_symbol: symbol, kind });
    for (const order of this.openOrders(symbol)) this.cancel(order, 'delisted');
    const quantity = this.qty(symbol);
    if (quantity.isZero()) return;
    const order = this.newOrder({
      symbol,
      side: quantity.gt(0) ? -1 : 1,
      type: 'market',
      quantity: quantity.abs(),
      origin: 'liquidation',
      reduceOnly: true,
    });
    this.announce(order);
    this.setStatus(order, 'new');
    order.free = true;
    const price = cents8(this.close(symbol));
    this.book(order, quantity.abs(), price, price, 'taker', this.lastBar(symbol));
  }
}
