import { dec, maxD, minD, num, plain } from './decimal.ts';
import { Matching } from './matching.ts';
import { byCodePoint, type Bar, type SliceOfBars } from './slices.ts';
import { shown, working, type Order } from './state.ts';

/** Step 4 of trading.md 7.4: equity at the close, the margin call, ruin. */
export class Marking extends Matching {
  markToMarket(slice: SliceOfBars): void {
    this.remark();
    for (const order of this.orders.filter((o) => working(o) && o.type === 'trailing_stop' && !o.triggered))
      this.trail(
        order,
        slice.bars.find((bar) => bar.symbol === order.symbol),
      );
    if (this.equity <= 0) {
      this.warn('ruin');
      this.over = true;
      for (const order of this.orders.filter(working)) this.cancel(order, 'ruin');
      this.closeAll('ruin');
      this.remark(true);
      return;
    }
    if (this.margin) this.testMargin();
  }

  /** A bar that began before the order moves its extreme by the close only: the high may be older. */
  trail(order: Order, bar: Bar | undefined): void {
    if (order.extreme === null) order.extreme = this.close(order.symbol);
    if (!bar) return;
    const live = bar.opens >= order.since;
    order.extreme =
      order.side < 0
        ? maxD(order.extreme, dec(live ? bar.high : bar.close))
        : minD(order.extreme, dec(live ? bar.low : bar.close));
  }

  /** Marks anew; a second mark of one slice (after a close at its end) replaces the first. */
  remark(again = false): void {
    this.equity = this.markedEquity();
    if (!again) this.earlierPeak = this.peak;
    this.peak = Math.max(this.earlierPeak, this.equity);
    this.drawdown = this.equity / this.peak - 1;
  }

  maintenance(held: { value: number }[]): number {
    const { maintenance_long, maintenance_short } = this.k.account;
    return held.reduce(
      (total, { value }) => total + (value > 0 ? maintenance_long * value : -maintenance_short * value),
      0,
    );
  }

  values(): { symbol: string; value: number }[] {
    return [...this.position.keys()]
      .sort(byCodePoint)
      .map((symbol) => ({ symbol, value: num(this.qty(symbol)) * this.mark.get(symbol)! }));
  }

  /** Tested at Mark. A later breach does not renew the instant of the call. */
  testMargin(): void {
    const needed = this.maintenance(this.values());
    if (needed <= this.equity) {
      this.breach = null;
      return;
    }
    this.breach ??= this.now;
    this.warn('margin_call');
    this.emit('RISK', {
      policy: 'maintenance_margin',
      action: 'margin_call',
      value: plain(dec(shown(this.equity))),
      limit: plain(dec(shown(needed))),
    });
  }

  /**
   * At the first bar of a position that opens at or after the call: whole positions, the largest first, until the
   * requirement at the last marks holds. Each has filled before the next is asked for.
   */
  liquidate(slice: SliceOfBars): void {
    if (this.breach === null) return;
    for (const { symbol } of this.values().sort(
      (a, b) => Math.abs(b.value) - Math.abs(a.value) || byCodePoint(a.symbol, b.symbol),
    )) {
      if (this.maintenance(this.values()) <= this.markedEquity()) break;
      const bar = slice.bars.find((own) => own.symbol === symbol);
      if (!bar || bar.volume === 0 || bar.opens < this.breach) continue;
      for (const other of this.openOrders(symbol)) this.cancel(other, 'margin_call');
      const quantity = this.qty(symbol);
      const closing = this.newOrder({
        symbol,
        side: quantity.gt(0) ? -1 : 1,
        type: 'market',
        quantity: quantity.abs(),
        origin: 'liquidation',
        reduceOnly: true,
      });
      this.announce(closing);
      this.setStatus(closing, 'new');
      closing.liveFrom = bar.opens;
      const open = dec(bar.open);
      const price = this.priceFor(closing, open, quantity.abs(), bar, true, null);
      this.book(closing, quantity.abs(), price, open, 'taker', bar);
    }
  }

  /** Closes every position at the last close, with slip and commission, beyond any volume. */
  closeAll(reason: string): void {
    for (const symbol of [...this.position.keys()].sort(byCodePoint)) {
      const quantity = this.qty(symbol);
      const bar = this.lastBar(symbol);
      const order = this.newOrder({
        symbol,
        side: quantity.gt(0) ? -1 : 1,
        type: 'market',
        quantity: quantity.abs(),
        origin: 'liquidation',
        reduceOnly: true,
        reference: reason,
      });
      this.announce(order);
      this.setStatus(order, 'new');
      const base = this.close(symbol);
      this.book(order, quantity.abs(), this.priceFor(order, base, quantity.abs(), bar, true, null), base, 'taker', bar);
    }
  }
}
