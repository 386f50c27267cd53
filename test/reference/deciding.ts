import { calendarFor } from '#quant/calendars';
import { opinion, warmupOf } from './alphas.ts';
import { D, ZERO, cents8, dec, maxD, minD, num } from './decimal.ts';
import { Marking } from './marking.ts';
import type { Component } from './recipe.ts';
import { byCodePoint, exchangeOf, isoDate, labelOf, type SliceOfBars } from './slices.ts';
import { iso, rest, signOf, working, type Order, type Request } from './state.ts';

/** Steps 5 and 6 of trading.md 7.4: universe, alpha, portfolio, risk, execution, acceptance. */
export class Deciding extends Marking {
  decide(slice: SliceOfBars): boolean {
    const { alpha_model: alpha, portfolio_model: portfolio, rebalance_every } = this.recipe.strategy.kwargs;
    const warmup = warmupOf(alpha);
    const universe = this.selectUniverse();
    if (
      this.decisions === 0 &&
      !universe.some((symbol) => (this.history.get(symbol)?.close.length ?? 0) >= Math.max(warmup, 1))
    )
      return false;
    const due = this.decisions % rebalance_every === 0;
    this.decisions++;

    const zeros = new Map<string, number>();
    for (const symbol of this.left) if (this.active.delete(symbol) || !this.qty(symbol).isZero()) zeros.set(symbol, 0);
    this.left.clear();
    if (alpha) this.alpha(alpha, warmup, slice, universe);
    for (const [symbol, signal] of [...this.active]) {
      if (signal.horizon !== null && this.history.get(symbol)!.close.length - signal.bornBar >= signal.horizon) {
        this.active.delete(symbol);
        zeros.set(symbol, 0);
      }
    }
    const targets = new Map<string, number>();
    if (due && portfolio)
      for (const [symbol, weight] of this.construct(portfolio, slice, universe)) targets.set(symbol, weight);
    for (const symbol of [...zeros.keys()].sort(byCodePoint)) if (!targets.has(symbol)) targets.set(symbol, 0);
    for (const symbol of [...targets.keys()].sort(byCodePoint)) this.target(symbol, targets.get(symbol)!, 'portfolio');
    const risked = this.risk(this.recipe.strategy.kwargs.risk_model, targets);
    for (const symbol of [...risked.keys()].sort(byCodePoint))
      if (targets.get(symbol) !== risked.get(symbol)) this.target(symbol, risked.get(symbol)!, 'risk');
    const requests = this.execute(this.recipe.strategy.kwargs.execution_model, risked, slice);
    const verdicts = requests.map((request) => this.accept(request));
    for (const { order } of verdicts) this.announce(order);
    for (const { order, status } of verdicts) this.settle(order, status);
    return true;
  }

  /** A TARGET event tells a change of weight; repeating the last one of the stage tells nothing. */
  target(symbol: string, weight: number, stage: string): void {
    const key = `${stage} ${symbol}`;
    // A target scaled to no room is 0 with the sign of what was asked; logs written so far tell that from 0, and stay
    // as they are.
    if (Object.is(this.lastTarget.get(key), weight)) return;
    this.lastTarget.set(key, weight);
    this.emit('TARGET', { vt_symbol: symbol, weight, stage });
  }

  selectUniverse(): string[] {
    const out: string[] = [];
    for (const symbol of [...this.universe].sort(byCodePoint)) {
      const last = this.lastSeenSession.get(symbol);
      if (this.delisted.has(symbol)) continue;
      if (last === undefined) {
        out.push(symbol);
        continue;
      }
      const calendar = calendarFor(exchangeOf(symbol));
      const stale = calendar
        .sessions(isoDate(Date.parse(last) + 86_400_000), isoDate(this.now))
        .filter((session) => session.close <= this.now).length;
      if (stale < 5) {
        out.push(symbol);
        continue;
      }
      if (!this.warnings.some((row) => row.code === 'stale_symbol' && row.vt_symbol === symbol)) {
        this.warn('stale_symbol', symbol);
      }
      if (!this.out.has(symbol)) {
        this.out.add(symbol);
        this.left.add(symbol);
      }
    }
    for (const symbol of out) this.out.delete(symbol);
    return out;
  }

  alpha(alpha: Component, warmup: number, slice: SliceOfBars, universe: string[]): void {
    for (const { symbol } of slice.bars) {
      const h = this.history.get(symbol)!;
      if (!universe.includes(symbol) || h.close.length < warmup) continue;
      const state = this.alphaState.get(symbol) ?? { side: 0 };
      this.alphaState.set(symbol, state);
      const said = opinion(alpha, h, state);
      if (!said) continue;
      this.active.set(symbol, {
        symbol,
        direction: said.direction,
        strength: 1,
        confidence: 1,
        horizon: said.horizon,
        bornBar: h.close.length,
      });
      const row = {
        source: alpha.class,
        vt_symbol: symbol,
        direction: said.direction,
        strength: 1,
        confidence: 1,
        horizon_bars: said.horizon,
      };
      this.emit('SIGNAL', row);
      this.signals.push({ ts: iso(this.now), ...row });
    }
  }

  construct(portfolio: Component, slice: SliceOfBars, universe: string[]): [string, number][] {
    const k = portfolio.kwargs;
    if (portfolio.class === 'ScheduledTargets') {
      const out: [string, number][] = [];
      for (const row of k.targets) {
        const label = labelOf(row.time, row.vt_symbol, this.k.interval);
        if (!slice.bars.some((bar) => bar.label === label && bar.symbol === row.vt_symbol)) continue;
        this.matched.add(row);
        out.push([row.vt_symbol, row.weight]);
      }
      return out;
    }
    if (portfolio.class === 'FixedWeights')
      return Object.keys(k.weights)
        .sort(byCodePoint)
        .filter((symbol) => universe.includes(symbol))
        .map((symbol) => [symbol, k.weights[symbol]]);
    const scores = [...this.active.values()].map((s) => ({
      symbol: s.symbol,
      score: (s.direction === 'long' ? 1 : s.direction === 'short' ? -1 : 0) * s.strength * s.confidence,
    }));
    const kept = scores
      .filter((s) => s.score !== 0)
      .sort((a, b) => Math.abs(b.score) - Math.abs(a.score) || byCodePoint(a.symbol, b.symbol))
      .slice(0, k.max_positions);
    const total = kept.reduce((a, s) => a + Math.abs(s.score), 0);
    return scores
      .sort((a, b) => byCodePoint(a.symbol, b.symbol))
      .map((s) => [
        s.symbol,
        !kept.includes(s) ? 0 : portfolio.class === 'EqualWeight' ? Math.sign(s.score) / kept.length : s.score / total,
      ]);
  }

  risk(model: Component, targets: Map<string, number>): Map<string, number> {
    if (model.class === 'NoOp') return targets;
    if (model.class === 'Composite') {
      let current = targets;
      const zeroed = new Set<string>();
      for (const inner of model.kwargs.models) {
        const next = this.risk(inner, current);
        for (const symbol of zeroed) next.set(symbol, 0);
        for (const [symbol, weight] of next) if (weight === 0 && current.get(symbol) !== 0) zeroed.add(symbol);
        current = next;
      }
      return current;
    }
    if (model.class !== 'BasicRisk') throw new Error(`the reference does not know the risk model ${model.class}`);
    const { max_position_pct: cap, max_drawdown_pct, max_leverage } = model.kwargs;
    const out = new Map<string, number>();
    if (this.flat || this.drawdown <= -max_drawdown_pct) {
      if (!this.flat) {
        this.warn('risk_flat');
      }
      this.flat = true;
      for (const symbol of [...new Set([...targets.keys(), ...this.position.keys()])].sort(byCodePoint))
        out.set(symbol, 0);
      return out;
    }
    for (const [symbol, weight] of targets) out.set(symbol, Math.max(-cap, Math.min(cap, weight)));
    const asked = [...out.values()].reduce((a, w) => a + Math.abs(w), 0);
    let others = 0;
    for (const symbol of [...this.position.keys()].sort(byCodePoint))
      if (!out.has(symbol)) others += Math.abs((num(this.qty(symbol)) * this.mark.get(symbol)!) / this.equity);
    if (asked + others > max_leverage && asked > 0) {
      const scale = Math.max(max_leverage - others, 0) / asked;
      for (const [symbol, weight] of out) out.set(symbol, weight * scale);
    }
    return out;
  }

  /** Whole lots of a weight, toward zero; of more lots than a double counts exactly, whole units. */
  goal(weight: number, price: number, lot: D): D {
    const worth = (weight * this.equity * (1 - this.k.cash_buffer)) / price;
    const lots = worth / num(lot);
    return Math.abs(lots) > 2 ** 53 && lot.lt(1)
      ? dec(Math.trunc(worth * (1 + 1e-12)))
      : lot.times(Math.trunc(lots * (1 + 1e-12)));
  }

  execute(model: Component, targets: Map<string, number>, slice: SliceOfBars): Request[] {
    if (model.class === 'ScheduledOrders') return this.scheduledOrders(model, slice);
    const requests: Request[] = [];
    if (model.class === 'LimitOffset') {
      for (const order of this.orders.filter((o) => working(o) && o.ttl && o.liveBars >= model.kwargs.ttl_bars)) {
        const quantity = rest(order);
        this.cancel(order, 'ttl');
        requests.push({ symbol: order.symbol, side: order.side, type: 'market', quantity, parent: order.id });
      }
    }
    const sized: (Request & { reduces: boolean })[] = requests.map((request) => ({
      ...request,
      reduces: signOf(this.qty(request.symbol)) === -request.side,
    }));
    requests.length = 0;
    for (const [symbol, target] of [...targets].sort(([a], [b]) => byCodePoint(a, b))) {
      let weight = target;
      if (!this.margin && weight < 0) {
        weight = 0;
        this.warn('short_clipped', symbol);
      }
      const P = this.mark.get(symbol);
      if (P === undefined) continue;
      const lot = this.lot(symbol);
      const goal = this.goal(weight, P, lot);
      if (weight !== 0 && goal.isZero()) this.warn('target_below_lot', symbol, 1);
      const held = this.qty(symbol);
      const plain = this.openOrders(symbol).filter((o) => !o.reduceOnly && o.contingency !== 'oco');
      let pending = plain.reduce((a, o) => a.plus(rest(o).times(o.side)), ZERO);
      pending = sized.filter((r) => r.symbol === symbol).reduce((a, r) => a.plus(r.quantity.times(r.side)), pending);
      let delta = goal.minus(held).minus(pending);
      if (!pending.isZero() && signOf(delta) === -signOf(pending)) {
        for (const order of plain) this.cancel(order, 'replaced');
        for (let i = sized.length - 1; i >= 0; i--) if (sized[i]!.symbol === symbol) sized.splice(i, 1);
        delta = goal.minus(held);
      }
      if (delta.isZero()) continue;
      const closes = goal.isZero() && !held.isZero();
      const value = Math.abs(num(delta)) * P;
      if (!closes && (value < this.k.min_order_value || value / this.equity < this.k.min_drift)) continue;
      const side = signOf(delta) as 1 | -1;
      const request: Request & { reduces: boolean } = {
        symbol,
        side,
        type: 'market',
        quantity: delta.abs(),
        reduces: signOf(held) === -side,
      };
      const close = dec(P);
      if (model.class === 'LimitOffset') {
        request.type = 'limit';
        request.limit = cents8(close.times(dec(1).minus(dec(model.kwargs.bps).div(10_000).times(side))));
        request.ttl = true;
      } else if (model.class === 'Bracket') {
        if (goal.times(side).lte(0)) request.reduction = true;
        else {
          const leg = (pct: number, way: number): D => cents8(close.times(dec(1).plus(dec(pct).times(way * side))));
          const exit = { symbol, side: -side as 1 | -1, quantity: ZERO };
          request.waiting = {
            exits: true,
            requests: [
              { ...exit, type: 'stop', stop: leg(model.kwargs.stop_pct, -1) },
              { ...exit, type: 'limit', limit: leg(model.kwargs.take_pct, 1) },
            ],
          };
        }
      } else if (model.class !== 'MarketExecution')
        throw new Error(`the reference does not know the execution model ${model.class}`);
      sized.push(request);
    }
    sized.sort((a, b) => (a.reduces === b.reduces ? byCodePoint(a.symbol, b.symbol) : a.reduces ? -1 : 1));
    return sized;
  }

  /**
   * The rows of this slice. In a group that opens with `oto` or `bracket` the first is the parent of the others, due or
   * not by their own bars.
   */
  scheduledOrders(model: Component, slice: SliceOfBars): Request[] {
    const out: Request[] = [];
    const price = (x: number | string | null | undefined): D | null => (x === null || x === undefined ? null : dec(x));
    const parents = new Map<string, Request>();
    const rows: Record<string, any>[] = model.kwargs.orders;
    for (const row of rows) {
      const leads = row.contingency === 'oto' || row.contingency === 'bracket';
      const key = leads
        ? `${row.time} ${row.contingency} ${row.group_id} ${row.contingency === 'bracket' ? row.vt_symbol : ''}`
        : null;
      const request: Request = {
        symbol: row.vt_symbol,
        side: row.side === 'buy' ? 1 : -1,
        type: row.order_type ?? 'market',
        quantity: dec(row.quantity),
        limit: price(row.limit_price),
        stop: price(row.stop_price),
        trailAmount: price(row.trail_amount),
        trailPct: price(row.trail_pct),
        tif: row.tif,
        gtd: row.gtd_until ?? null,
        reduceOnly: row.reduce_only,
        postOnly: row.post_only,
        contingency: leads ? 'none' : row.contingency,
        group: row.group_id ?? null,
        reference: row.reference ?? null,
      };
      const parent = key === null ? undefined : parents.get(key);
      if (parent) {
        parent.waiting!.requests.push(request);
        if (out.includes(parent)) this.matched.add(row);
        continue;
      }
      if (leads) {
        request.waiting = { exits: row.contingency === 'bracket', requests: [] };
        parents.set(key!, request);
      }
      const label = labelOf(row.time, row.vt_symbol, this.k.interval);
      if (!slice.bars.some((bar) => bar.label === label && bar.symbol === row.vt_symbol)) continue;
      this.matched.add(row);
      out.push(request);
    }
    return out;
  }

  accept(request: Request): { order: Order; status: string } {
    const order = this.newOrder(request);
    const symbol = order.symbol;
    const deny = (code: string): { order: Order; status: string } => {
      order.deny = [code];
      order.status = 'denied';
      return { order, status: code };
    };
    if (!this.mark.has(symbol) || this.delisted.has(symbol)) return deny('not_tradable');
    const held = this.qty(symbol);
    const closable = signOf(held) === -order.side ? minD(held.abs(), order.quantity) : ZERO;
    const opening = order.quantity.minus(closable);
    const close = this.close(symbol);
    let quantity = order.quantity;
    if (!order.reduceOnly) {
      const barred = order.side < 0 && opening.gt(0) && this.margin && this.k.not_borrowable.includes(symbol);
      if (barred && (closable.isZero() || this.k.on_insufficient === 'reject')) return deny('not_borrowable');
      if (barred) quantity = closable;
      if (!this.margin && order.side < 0) {
        quantity = minD(quantity, maxD(held, ZERO));
      } else if (!this.margin) {
        const available = this.availableCash(order);
        quantity = this.largest(quantity, this.lot(symbol), ZERO, (q) =>
          cents8(q.times(close))
            .plus(this.fee(order, q, close, 'taker'))
            .lte(available),
        );
      } else if (opening.gt(0) && !barred) {
        quantity = this.largest(
          quantity,
          this.lot(symbol),
          closable,
          (q) =>
            q.lte(closable) ||
            this.marginFits(order, closable, q.minus(closable).times(close), this.fee(order, q, close, 'taker'), true),
        );
      }
    }
    if (quantity.lt(order.quantity)) {
      if (quantity.lte(0) || this.k.on_insufficient === 'reject') return deny('insufficient_buying_power');
      order.quantity = quantity;
    }
    if (order.type === 'trailing_stop') order.extreme = close;
    return { order, status: 'new' };
  }

  /**
   * Status event of an order just accepted or denied. A market order that completes an exit or flip, beside what works
   * at the market already, ends the exits of brackets.
   */
  settle(order: Order, status: string): void {
    if (status !== 'new') return this.setStatus(order, 'denied', status);
    this.setStatus(order, 'new');
    const held = this.qty(order.symbol);
    if (held.isZero() || !order.type.startsWith('market')) return;
    const works = this.openOrders(order.symbol).filter(
      (o) => o.type.startsWith('market') && !o.isChild && o.seq <= order.seq,
    );
    const after = works.reduce((sum, o) => sum.plus(rest(o).times(o.side)), held);
    if (signOf(after) === signOf(held)) return;
    for (const child of this.openOrders(order.symbol).filter((o) => o.isChild)) this.cancel(child, 'exit');
  }

  availableCash(self: Order): D {
    let available = this.cash;
    for (const order of this.orders) {
      if (order === self || !working(order)) continue;
      const close = this.close(order.symbol);
      const value = cents8(rest(order).times(close));
      const fee = this.fee(order, rest(order), close, 'taker');
      if (order.side > 0) available = available.minus(value).minus(fee);
      else if (order.side < 0 && order.type.startsWith('market')) available = available.plus(value).minus(fee);
    }
    return available;
  }
}
