import { D, ZERO, cents8, dec, maxD, minD, num, plain } from './decimal.ts';
import { deviation } from './metrics.ts';
import type { Component } from './recipe.ts';
import type { Bar } from './slices.ts';
import { State, iso, rest, signOf, tenth, working, type Order, type Request } from './state.ts';

/** A fill and everything that hangs on it (trading.md 7.4 step 2, 7.10 Matching). */
export class Booking extends State {
  reducing(order: Order): boolean {
    return signOf(this.qty(order.symbol)) === -order.side;
  }

  slipFraction(symbol: string, quantity: D, bar: Bar): D {
    const { class: name, kwargs } = this.k.slippage as Component;
    if (name === 'bps') return dec(kwargs.bps).div(10_000);
    if (name === 'volume_share') {
      if (!(bar.volume > 0)) return ZERO;
      const share = num(quantity) / bar.volume;
      return dec(kwargs.k * (share * share));
    }
    if (name === 'sqrt_impact') {
      if (Number.isNaN(bar.volume)) return ZERO;
      const h = this.history.get(symbol);
      if (!h) return ZERO;
      const seen = this.seen.get(symbol)!.at(-1)!.label === bar.label;
      const before = (column: number[]): number[] => (seen ? column.slice(0, -1) : column);
      const closes = before(h.close).slice(-21);
      const returns = closes.slice(1).map((x, i) => x / closes[i]! - 1);
      const volumes = before(h.volume).slice(-20);
      const sigma = deviation(returns);
      const adv = volumes.reduce((a, b) => a + b, 0) / volumes.length;
      if (sigma === null || !(adv > 0)) return ZERO;
      return dec(kwargs.Y * sigma * Math.sqrt(num(quantity) / adv));
    }
    throw new Error(`the reference does not know the slippage ${name}`);
  }

  priceFor(order: Order, base: D, quantity: D, bar: Bar, slipped: boolean, limit: D | null): D {
    if (!slipped) return cents8(base);
    const exact = base.times(dec(1).plus(this.slipFraction(order.symbol, quantity, bar).times(order.side)));
    const tick = this.input.instruments?.[order.symbol]?.tick_size;
    let price = cents8(exact);
    if (tick !== undefined) {
      const steps = exact.div(dec(tick));
      price = (order.side > 0 ? steps.ceil() : steps.floor()).times(dec(tick));
    }
    if (!price.gt(0)) price = dec(tick ?? 1e-8);
    if (limit) price = order.side > 0 ? minD(price, limit) : maxD(price, limit);
    return price;
  }

  /** Fee of one more fill: F(filled so far) − already charged. */
  fee(order: Order, quantity: D, price: D, liquidity: string): D {
    if (order.free) return ZERO;
    const { class: name, kwargs } = this.k.commission as Component;
    const value = quantity.times(price);
    if (name === 'pct') return cents8(dec(kwargs.rate).times(value));
    if (name === 'maker_taker') return cents8(dec(liquidity === 'maker' ? kwargs.maker : kwargs.taker).times(value));
    if (name === 'per_order') return order.filled.isZero() ? cents8(dec(kwargs.amount)) : ZERO;
    if (name !== 'per_share') throw new Error(`the reference does not know the commission ${name}`);
    const due = (q: D, notional: D): D =>
      minD(maxD(dec(kwargs.rate).times(q), dec(kwargs.min)), dec(kwargs.max_pct).times(notional));
    return cents8(due(order.filled.plus(quantity), order.notional.plus(value))).minus(order.charged);
  }

  attempt(order: Order, bar: Bar, base: D, slipped: boolean, limit: D | null, liquidity: string): void {
    const symbol = order.symbol;
    const lot = this.lot(symbol);
    const held = this.qty(symbol);
    const closable = this.reducing(order) ? held.abs() : ZERO;
    let quantity = rest(order);
    let cut: string | null = null;
    if ((order.reduceOnly || order.reduction) && quantity.gt(closable)) {
      quantity = closable;
      cut = order.reduceOnly ? 'reduce_only' : 'position_closed';
    }
    const cap = this.volumeLeft.get(symbol) ?? null;
    if (cap !== null && quantity.gt(cap)) {
      quantity = cap;
      cut = null;
    }
    if (order.tif === 'fok' && quantity.lt(rest(order))) return this.cancel(order, 'fok');
    // Money is asked for what would fill: without room there is nothing to refuse.
    if (!this.margin && order.side < 0 && quantity.gt(closable)) {
      if (this.k.on_insufficient === 'reject' || order.tif === 'fok')
        return this.cancel(order, 'insufficient_buying_power');
      quantity = closable;
      cut = 'reduced';
    }
    const affordable = this.affordableAtFill(
      order,
      quantity,
      (q) => this.priceFor(order, base, q, bar, slipped, limit),
      liquidity,
      lot,
    );
    if (affordable.lt(quantity)) {
      if (this.k.on_insufficient === 'reject' || order.tif === 'fok')
        return this.cancel(order, 'insufficient_buying_power');
      quantity = affordable;
      cut = 'reduced';
    }
    if (quantity.gt(0)) {
      if (cap !== null) this.volumeLeft.set(symbol, cap.minus(quantity));
      this.book(order, quantity, this.priceFor(order, base, quantity, bar, slipped, limit), base, liquidity, bar);
    }
    if (cut !== null && working(order)) this.cancel(order, cut);
  }

  affordableAtFill(order: Order, quantity: D, price: (q: D) => D, liquidity: string, lot: D): D {
    if (quantity.lte(0)) return quantity;
    const closable = this.reducing(order) ? minD(this.qty(order.symbol).abs(), quantity) : ZERO;
    const opening = quantity.minus(closable);
    let fits: (q: D) => boolean;
    if (!this.margin) {
      if (order.side < 0) return quantity;
      fits = (q) =>
        cents8(q.times(price(q)))
          .plus(this.fee(order, q, price(q), liquidity))
          .lte(this.cash);
    } else {
      if (opening.lte(0)) return quantity;
      fits = (q) =>
        q.lte(closable) ||
        this.marginFits(
          order,
          closable,
          q.minus(closable).times(price(q)),
          this.fee(order, q, price(q), liquidity),
          false,
        );
    }
    return this.largest(quantity, lot, this.margin ? closable : ZERO, fits);
  }

  /** `quantity` if it fits, else the largest one of whole lots (above `floor`) that does. */
  largest(quantity: D, lot: D, floor: D, fits: (q: D) => boolean): D {
    if (fits(quantity)) return quantity;
    let low = 0;
    let high = Math.min(Number.MAX_SAFE_INTEGER, num(quantity.minus(floor).div(lot).floor()));
    while (low < high) {
      const middle = low + Math.ceil((high - low) / 2);
      if (fits(floor.plus(lot.times(middle)))) low = middle;
      else high = middle - 1;
    }
    return floor.plus(lot.times(low));
  }

  /**
   * An opening part worth `notional`, after `closing` units of the same order have reduced the position; working orders
   * are reserved for at acceptance only.
   */
  marginFits(self: Order, closing: D, notional: D, commission: D, reserve: boolean): boolean {
    let gross = closing.times(this.close(self.symbol)).neg();
    for (const symbol of this.position.keys()) gross = gross.plus(this.qty(symbol).abs().times(this.close(symbol)));
    for (const order of reserve ? this.orders : []) {
      if (!working(order) || order === self || order.reduceOnly) continue;
      const closable = this.reducing(order) ? this.qty(order.symbol).abs() : ZERO;
      gross = gross.plus(maxD(rest(order).minus(closable), ZERO).times(this.close(order.symbol)));
    }
    gross = gross.plus(notional);
    const equity = this.exactEquity();
    const { initial, max_leverage } = this.k.account;
    return gross.times(dec(initial)).lte(equity.minus(commission)) && gross.lte(dec(max_leverage).times(equity));
  }

  exactEquity(): D {
    let total = this.cash;
    for (const symbol of this.position.keys()) total = total.plus(this.qty(symbol).times(this.close(symbol)));
    return total;
  }

  book(order: Order, quantity: D, price: D, base: D, liquidity: string, bar: Bar): void {
    const symbol = order.symbol;
    const commission = this.fee(order, quantity, price, liquidity);
    const notional = cents8(quantity.times(price));
    const slippage = cents8(price.minus(base).abs().times(quantity));
    const id = `f-${++this.fillCount}`;
    order.charged = order.charged.plus(commission);
    order.filled = order.filled.plus(quantity);
    order.notional = order.notional.plus(quantity.times(price));
    this.totals.commission = this.totals.commission.plus(commission);
    this.totals.slippage = this.totals.slippage.plus(slippage);
    this.traded = this.traded.plus(notional);
    const row = {
      fill_id: id,
      order_id: order.id,
      vt_symbol: symbol,
      side: order.side > 0 ? 'buy' : 'sell',
      quantity: plain(quantity),
      price: plain(price),
      commission: plain(commission),
      slippage_cost: plain(slippage),
      liquidity,
    };
    this.emit('FILL', row);
    this.fills.push({ ...row, ts: iso(this.now) });
    this.post('trade', notional.times(-order.side), id);
    this.post('commission', commission.neg(), id);
    this.move(order, quantity, price, commission, bar);
    this.setStatus(order, rest(order).isZero() ? 'filled' : 'partial');
    this.afterFill(order, quantity);
  }

  move(order: Order, quantity: D, price: D, commission: D, bar: Bar): void {
    const symbol = order.symbol;
    const held = this.qty(symbol);
    const closing = signOf(held) === -order.side ? minD(held.abs(), quantity) : ZERO;
    const opening = quantity.minus(closing);
    const ts = iso(this.now);
    const closingFee = opening.isZero()
      ? commission
      : closing.isZero()
        ? ZERO
        : cents8(commission.times(closing).div(quantity));
    if (closing.gt(0)) {
      const trip = this.trips.get(symbol)!;
      trip.exitQty = trip.exitQty.plus(closing);
      trip.exitNotional = trip.exitNotional.plus(closing.times(price));
      trip.money = trip.money.minus(cents8(closing.times(price)).times(order.side));
      trip.commission = trip.commission.plus(closingFee);
      const left = held.plus(closing.times(order.side));
      if (left.isZero()) {
        this.position.delete(symbol);
        this.finishTrip(symbol, bar);
      } else this.position.get(symbol)!.quantity = left;
    }
    if (opening.gt(0)) {
      const old = this.position.get(symbol);
      const before = old?.quantity.abs() ?? ZERO;
      const total = before.plus(opening);
      const average = tenth(
        before
          .times(old?.average ?? ZERO)
          .plus(opening.times(price))
          .div(total),
      );
      this.position.set(symbol, { quantity: total.times(order.side), average });
      let trip = this.trips.get(symbol);
      if (!trip) {
        const known = this.seen.get(symbol) ?? [];
        trip = {
          direction: order.side,
          entryQty: ZERO,
          entryNotional: ZERO,
          exitQty: ZERO,
          exitNotional: ZERO,
          commission: ZERO,
          money: ZERO,
          entryTs: ts,
          earlier: [],
          entryBar: known.at(-1)?.label === bar.label ? known.length - 1 : known.length,
        };
        this.trips.set(symbol, trip);
      }
      trip.entryQty = trip.entryQty.plus(opening);
      trip.entryNotional = trip.entryNotional.plus(opening.times(price));
      // One posting: what closes is rounded alone, the rest of it opens.
      trip.money = trip.money.minus(
        cents8(quantity.times(price))
          .minus(cents8(closing.times(price)))
          .times(order.side),
      );
      trip.commission = trip.commission.plus(commission.minus(closingFee));
    }
  }

  finishTrip(symbol: string, bar: Bar): void {
    const trip = this.trips.get(symbol)!;
    this.trips.delete(symbol);
    const known = this.seen.get(symbol) ?? [];
    const all = bar.symbol !== symbol || known.at(-1)?.label === bar.label ? known : [...known, bar];
    const during = [...trip.earlier, ...all.slice(trip.entryBar)];
    const entry = num(tenth(trip.entryNotional.div(trip.entryQty)));
    const low = Math.min(...during.map((b) => b.low));
    const high = Math.max(...during.map((b) => b.high));
    const pnl = trip.money.minus(trip.commission);
    this.roundTrips.push({
      vt_symbol: symbol,
      direction: trip.direction > 0 ? 'long' : 'short',
      quantity: plain(trip.entryQty),
      entry_ts: trip.entryTs,
      exit_ts: iso(this.now),
      entry_price: entry,
      exit_price: num(tenth(trip.exitNotional.div(trip.exitQty))),
      pnl: plain(cents8(pnl)),
      return: num(cents8(pnl)) / num(trip.entryNotional),
      bars_held: during.length - 1,
      mae: trip.direction > 0 ? low / entry - 1 : 1 - high / entry,
      mfe: trip.direction > 0 ? high / entry - 1 : 1 - low / entry,
    });
  }

  afterFill(order: Order, quantity: D): void {
    const symbol = order.symbol;
    if (order.link !== null) {
      for (const sibling of this.orders.filter((o) => o !== order && o.link === order.link && working(o))) {
        if (order.status === 'filled' || rest(sibling).lte(quantity)) this.cancel(sibling, 'oco');
        else sibling.quantity = sibling.quantity.minus(quantity);
      }
    }
    for (const child of this.openOrders(symbol).filter((o) => o.isChild && !this.reducing(o)))
      this.cancel(child, 'closed');
    if (this.qty(symbol).isZero()) {
      if (order.isChild && this.k.reentry === 'next_signal') this.active.delete(symbol);
    }
    this.clipExits(symbol);
    for (const other of this.openOrders(symbol).filter((o) => o.reduction && !this.reducing(o)))
      this.cancel(other, 'position_closed');
    if (order.waiting?.exits) {
      const opened = minD(quantity, this.qty(symbol).times(order.side));
      if (opened.gt(0)) this.arm(order, opened);
    } else if (order.waiting && order.status === 'filled')
      for (const request of order.waiting.requests) this.release(order, request);
  }

  /** No exit is larger than the position. */
  clipExits(symbol: string): void {
    const left = this.qty(symbol).abs();
    for (const child of this.openOrders(symbol).filter((o) => o.isChild)) {
      if (left.isZero()) this.cancel(child, 'position_closed');
      else if (rest(child).gt(left)) child.quantity = child.filled.plus(left);
    }
  }

  /** Exits for what the fill opened: those that work grow, else there are new ones. */
  arm(parent: Order, quantity: D): void {
    const alive = parent.children.filter(working);
    for (const child of alive) child.quantity = child.quantity.plus(quantity);
    if (alive.length > 0) return;
    const group = parent.group ?? `g-${++this.groupCount}`;
    parent.children = parent.waiting!.requests.map((request) => {
      const child = this.newOrder({
        ...request,
        quantity,
        reduceOnly: true,
        contingency: 'oco',
        group: request.group ?? group,
        link: `exits of ${parent.id}`,
        parent: parent.id,
      });
      child.isChild = true;
      this.announce(child);
      this.setStatus(child, 'new');
      return child;
    });
  }

  /** An `oto` order comes when its parent is filled. */
  release(parent: Order, request: Request): void {
    const child = this.newOrder({ ...request, parent: parent.id });
    this.announce(child);
    const closable =
      signOf(this.qty(child.symbol)) === -child.side ? minD(this.qty(child.symbol).abs(), child.quantity) : ZERO;
    const barred =
      this.margin &&
      child.side < 0 &&
      !child.reduceOnly &&
      closable.lt(child.quantity) &&
      this.k.not_borrowable.includes(child.symbol);
    if (!this.mark.has(child.symbol) || this.delisted.has(child.symbol))
      this.setStatus(child, 'denied', 'not_tradable');
    else if (barred && (closable.isZero() || this.k.on_insufficient === 'reject'))
      this.setStatus(child, 'denied', 'not_borrowable');
    else {
      if (barred) child.quantity = closable;
      this.setStatus(child, 'new');
    }
  }
}
