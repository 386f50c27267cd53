import { Actions } from './actions.ts';
import { D, ZERO, dec, floorLot } from './decimal.ts';
import type { Bar, SliceOfBars } from './slices.ts';
import { before, signOf, working, type Order, type Point } from './state.ts';

/** Step 2 of trading.md 7.4: live orders against one bar after another. */
export class Matching extends Actions {
  match(slice: SliceOfBars): void {
    const liveAtStart = new Map<string, Order[]>();
    for (const bar of slice.bars) {
      this.volumeLeft.set(
        bar.symbol,
        Number.isNaN(bar.volume)
          ? null
          : floorLot(dec(this.k.max_participation).times(dec(bar.volume)), this.lot(bar.symbol)),
      );
      this.pathStart.set(bar.symbol, signOf(this.qty(bar.symbol)));
      const live = this.openOrders(bar.symbol).filter((order) => bar.opens >= order.since);
      for (const order of live) order.liveFrom ??= bar.opens;
      liveAtStart.set(bar.symbol, live);
    }
    const tried = new Set<Order>();
    for (const bar of slice.bars) {
      for (const order of liveAtStart.get(bar.symbol)!)
        if (working(order) && this.reducing(order) && bar.volume !== 0 && this.fillsAtOpen(order, bar))
          this.act(order, bar, dec(bar.open), true, tried);
    }
    for (const bar of slice.bars) {
      const live = liveAtStart.get(bar.symbol)!;
      if (bar.volume !== 0) this.walk(bar, live, tried);
      for (const order of live) {
        order.liveBars++;
        if (!working(order)) continue;
        if (order.tif === 'ioc' || order.tif === 'fok') this.cancel(order, order.tif);
        else if (order.tif === 'opg' && bar.firstOfSession) this.cancel(order, 'opg');
        else if (order.tif === 'cls' && bar.lastOfSession) this.cancel(order, 'cls');
        else if (order.tif === 'day' && bar.lastOfSession) this.setStatus(order, 'expired', 'day');
      }
    }
  }

  stopLevel(order: Order): D {
    if (order.type !== 'trailing_stop') return order.stop!;
    const away = order.trailAmount ?? order.extreme!.times(order.trailPct!);
    return order.side < 0 ? order.extreme!.minus(away) : order.extreme!.plus(away);
  }

  /** How the order behaves now: a triggered stop is a market order, a triggered stop_limit a limit. */
  kind(order: Order): 'market' | 'moo' | 'moc' | 'limit' | 'stop' | 'stop_limit' {
    if (order.type === 'market_on_open') return 'moo';
    if (order.type === 'market_on_close') return 'moc';
    if (order.type === 'stop' || order.type === 'trailing_stop') return order.triggered ? 'market' : 'stop';
    if (order.type === 'stop_limit') return order.triggered ? 'limit' : 'stop_limit';
    return order.type as 'market' | 'limit';
  }

  fillsAtOpen(order: Order, bar: Bar): boolean {
    const open = dec(bar.open);
    const better = (level: D): boolean => (order.side > 0 ? open.lte(level) : open.gte(level));
    const beyond = (level: D): boolean => (order.side > 0 ? open.gte(level) : open.lte(level));
    switch (this.kind(order)) {
      case 'market':
        return true;
      case 'moo':
        return bar.firstOfSession;
      case 'limit':
        return better(order.limit!);
      case 'stop':
        return beyond(this.stopLevel(order));
      case 'stop_limit':
        return beyond(order.stop!) && better(order.limit!);
      default:
        return false;
    }
  }

  path(bar: Bar): D[] {
    const [o, h, l, c] = [dec(bar.open), dec(bar.high), dec(bar.low), dec(bar.close)];
    const nearer = h.minus(o).abs().lt(o.minus(l).abs()) ? [o, h, l, c] : [o, l, h, c];
    const sign = this.pathStart.get(bar.symbol)!;
    switch (this.k.intrabar) {
      case 'ohlc':
        return [o, h, l, c];
      case 'olhc':
        return [o, l, h, c];
      case 'adaptive':
        return nearer;
      default:
        return sign > 0 ? [o, l, h, c] : sign < 0 ? [o, h, l, c] : nearer;
    }
  }

  /**
   * First point at or after `from` where the path reaches `level` going in `direction`; `strict` = must go beyond it.
   */
  reach(path: D[], from: Point, level: D, direction: 1 | -1, strict: boolean): Point | null {
    for (let leg = Math.max(from.leg, 0); leg < 3; leg++) {
      const a = path[leg]!;
      const b = path[leg + 1]!;
      const end = direction > 0 ? b.cmp(level) : level.cmp(b);
      if (end < 0 || (strict && end === 0)) continue;
      const inside = direction > 0 ? level.gte(a) : level.lte(a);
      const point = { leg, distance: inside ? level.minus(a).abs() : ZERO };
      if (before(point, from) >= 0) return point;
    }
    return null;
  }

  walk(bar: Bar, live: Order[], tried: Set<Order>): void {
    const path = this.path(bar);
    const start: Point = { leg: -1, distance: ZERO };
    const end: Point = { leg: 2, distance: path[3]!.minus(path[2]!).abs() };
    const from = new Map<Order, Point>();
    const strict = this.k.limit_touch === 'through';
    for (;;) {
      let best: { order: Order; point: Point; price: D; atOpen: boolean } | null = null;
      for (const order of live) {
        if (!working(order) || tried.has(order)) continue;
        const at = from.get(order) ?? start;
        const fresh = !from.has(order);
        const kind = this.kind(order);
        let point: Point | null = null;
        let price = path[0]!;
        let atOpen = false;
        const beyondAtOpen =
          (kind === 'stop' || kind === 'stop_limit') &&
          (order.side > 0 ? path[0]!.gte(this.stopLevel(order)) : path[0]!.lte(this.stopLevel(order)));
        if (fresh && (this.fillsAtOpen(order, bar) || beyondAtOpen)) {
          point = start;
          atOpen = true;
        } else if (kind === 'moc' && bar.lastOfSession) {
          point = end;
          price = path[3]!;
        } else if (kind === 'limit') {
          point = this.reach(path, at, order.limit!, order.side > 0 ? -1 : 1, strict);
          price = order.limit!;
        } else if (kind === 'stop' || kind === 'stop_limit') {
          price = this.stopLevel(order);
          point = this.reach(path, at, price, order.side, false);
        }
        if (!point) continue;
        const order1 =
          best === null
            ? -1
            : before(point, best.point) ||
              (this.reducing(order) === this.reducing(best.order)
                ? order.seq - best.order.seq
                : this.reducing(order)
                  ? -1
                  : 1);
        if (order1 < 0) best = { order, point, price, atOpen };
      }
      if (!best) return;
      const triggeredBefore = best.order.triggered;
      this.act(best.order, bar, best.price, best.atOpen, tried);
      if (best.order.type === 'stop_limit' && !triggeredBefore && !tried.has(best.order))
        from.set(best.order, best.point.leg < 0 ? { leg: 0, distance: ZERO } : best.point);
    }
  }

  /** The order acts at this price of the path. */
  act(order: Order, bar: Bar, price: D, atOpen: boolean, tried: Set<Order>): void {
    const kind = this.kind(order);
    if (kind === 'stop_limit') {
      order.triggered = true;
      if (order.side > 0 ? price.gt(order.limit!) : price.lt(order.limit!)) return this.setStatus(order, 'triggered');
      tried.add(order);
      const filled = order.filled;
      this.attempt(order, bar, price, true, order.limit!, 'taker');
      if (working(order) && order.filled.eq(filled)) this.setStatus(order, 'triggered');
      return;
    }
    tried.add(order);
    if (kind === 'stop') {
      order.triggered = true;
      const filled = order.filled;
      this.attempt(order, bar, price, true, null, 'taker');
      if (working(order) && order.filled.eq(filled)) this.setStatus(order, 'triggered');
    } else if (kind === 'limit' && order.postOnly && atOpen && order.liveBars === 0) this.cancel(order, 'post_only');
    else if (kind === 'limit')
      this.attempt(order, bar, price, false, null, atOpen && order.liveBars === 0 ? 'taker' : 'maker');
    else this.attempt(order, bar, price, true, null, kind === 'market' ? 'taker' : 'auction');
  }
}
