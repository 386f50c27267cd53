import { Booking } from './booking.ts';
import { cents8, dec } from './decimal.ts';
import { byCodePoint, nextDate, openOnOrAfter, type SliceOfBars } from './slices.ts';
import { working } from './state.ts';

/** Step 1 of trading.md 7.4: what is due at a session boundary, by each symbol's own calendar. */
export class ClockWork extends Booking {
  expireGtd(): void {
    for (const order of this.orders.filter((o) => working(o) && o.tif === 'gtd')) {
      const until = order.gtd!;
      const dated = /^\d{4}-\d{2}-\d{2}$/.test(until);
      const last = dated
        ? openOnOrAfter(order.symbol, nextDate(until), this.k)
        : Date.parse(/(Z|[+-]\d{2}:?\d{2})$/.test(until) ? until : `${until}Z`);
      if (this.now > last) this.setStatus(order, 'expired', 'gtd');
    }
  }

  /** A day order is for the session of its first live bar; a gap at the end of it must not carry it over. */
  expireDay(slice: SliceOfBars): void {
    for (const bar of slice.bars) {
      for (const order of this.openOrders(bar.symbol).filter((o) => o.tif === 'day' && bar.opens >= o.since)) {
        if (order.daySession === null) order.daySession = bar.session;
        else if (order.daySession < bar.session) this.setStatus(order, 'expired', 'day');
      }
    }
  }

  accrue(days: number): void {
    if (days <= 0) return;
    const base = this.cash;
    for (const symbol of [...this.position.keys()].sort(byCodePoint)) {
      const quantity = this.qty(symbol);
      if (!quantity.lt(0)) continue;
      const amount = cents8(
        dec(this.k.borrow_rate).times(quantity.abs()).times(this.close(symbol)).times(days).div(360),
      );
      this.totals.borrow = this.totals.borrow.plus(amount);
      this.post('borrow', amount.neg(), symbol);
    }
    const rate = base.gt(0) ? this.k.cash_yield : this.k.debit_rate;
    const interest = cents8(dec(rate).times(base).times(days).div(360));
    this.totals.interest = this.totals.interest.minus(interest);
    this.post('interest', interest, base.gt(0) ? 'cash_yield' : 'debit_rate');
  }
}
