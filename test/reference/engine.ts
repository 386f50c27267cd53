import { hashCanonical, sha256Hex, canonicalJson } from '#kernel';
import { calendarFor } from '#quant/calendars';
import { opinion, warmupOf, type History } from './alphas.ts';
import { D, ZERO, cents8, dec, floorLot, maxD, minD, num, plain } from './decimal.ts';
import { deviation, referenceMetrics } from './metrics.ts';
import { referenceNormalise, vtSymbol, type Component, type Recipe } from './recipe.ts';
import { atOrAfterStart, byCodePoint, exchangeOf, isoDate, labelOf, placeBars, referenceDatasetHash, toSlices, type Bar, type PostedBar, type SliceOfBars } from './slices.ts';

export interface Action { vt_symbol: string; ex_date: string; type: 'split' | 'dividend' | 'delisting'; ratio?: number; amount?: number }
export interface ReferenceInput {
  document: any;
  seed: number;
  bars: PostedBar[];
  actions?: Action[];
  instruments?: Record<string, { lot_size?: number; tick_size?: number }>;
  engineVersion?: string;
}
export type Row = Record<string, any>;
export interface ReferenceOutput {
  specHash: string; datasetHash: string; contextHash: string; runHash: string; eventLogHash: string;
  events: Row[]; fills: Row[]; orders: Row[]; signals: Row[]; equity: Row[]; roundTrips: Row[]; metrics: Record<string, number | null>; warnings: Row[];
}

interface Order {
  seq: number; id: string; symbol: string; side: 1 | -1; type: string; requested: D; quantity: D; filled: D; notional: D;
  limit: D | null; stop: D | null; trailAmount: D | null; trailPct: D | null; extreme: D | null; tif: string; gtd: string | null; reduceOnly: boolean; postOnly: boolean;
  contingency: string; group: string | null; parent: string | null; origin: string; status: string; reason: string | null; deny: string[];
  triggered: boolean; liveFrom: number; submitted: string; updated: string; barsSinceAccept: number; liveBars: number;
  bracket: { stop: D; take: D } | null; children: Order[]; isChild: boolean; ttl: boolean; reference: string | null; daySession: string | null; free: boolean;
}
interface Request {
  symbol: string; side: 1 | -1; type: string; quantity: D; limit?: D | null; stop?: D | null; trailAmount?: D | null; trailPct?: D | null; tif?: string; gtd?: string | null;
  reduceOnly?: boolean; postOnly?: boolean; contingency?: string; group?: string | null; bracket?: { stop: D; take: D } | null; ttl?: boolean; origin?: string; parent?: string | null; reference?: string | null;
}
interface Trip { direction: 1 | -1; entryQty: D; entryNotional: D; exitQty: D; exitNotional: D; commission: D; entryTs: string; entryBar: number; money: D }
interface Active { symbol: string; direction: string; strength: number; confidence: number; horizon: number | null; bornBar: number }
interface Point { leg: number; distance: D }

const TERMINAL = ['denied', 'rejected', 'filled', 'cancelled', 'expired'];
const working = (order: Order): boolean => !TERMINAL.includes(order.status);
const rest = (order: Order): D => order.quantity.minus(order.filled);
const iso = (ms: number): string => new Date(ms).toISOString();
/** Marks are doubles, shown with 8 decimals. */
const shown = (x: number): number => num(cents8(dec(x)));
/** Averages are prices of 10 decimals (3.3). */
const tenth = (x: D): D => x.toDecimalPlaces(10, D.ROUND_HALF_EVEN);
const signOf = (x: D): number => (x.isZero() ? 0 : x.gt(0) ? 1 : -1);
const before = (a: Point, b: Point): number => a.leg - b.leg || a.distance.cmp(b.distance);

class Run {
  readonly recipe: Recipe;
  readonly specHash: string;
  readonly k: Record<string, any>;
  readonly universe: string[];
  readonly bars: Bar[];
  readonly slices: SliceOfBars[];
  readonly margin: boolean;

  cash: D;
  position = new Map<string, { quantity: D; average: D }>();
  history = new Map<string, History>();
  seen = new Map<string, Bar[]>();
  mark = new Map<string, number>();
  orders: Order[] = [];
  active = new Map<string, Active>();
  alphaState = new Map<string, { side: number }>();
  trips = new Map<string, Trip>();
  volumeLeft = new Map<string, D | null>();
  pathStart = new Map<string, number>();
  applied = new Set<Action>();
  lastSeenSession = new Map<string, string>();
  left = new Set<string>();
  delisted = new Set<string>();
  lastTarget = new Map<string, number>();
  matchedTargetTimes = new Set<string>();
  matchedOrderTimes = new Set<string>();
  totals = { commission: ZERO, slippage: ZERO, borrow: ZERO, interest: ZERO };
  traded = ZERO;
  peak = 0;
  earlierPeak = 0;
  equity = 0;
  drawdown = 0;
  flat = false;
  over = false;
  called = false;
  decisions = 0;
  index = 0;
  now = 0;
  session = '';
  fillCount = 0;
  orderCount = 0;
  groupCount = 0;
  chain = '0'.repeat(64);

  events: Row[] = [];
  fills: Row[] = [];
  signals: Row[] = [];
  equityRows: (Row & { costs: number; held: boolean; session: string; decided: boolean })[] = [];
  roundTrips: Row[] = [];
  warnings: Row[] = [];

  readonly input: ReferenceInput;

  constructor(input: ReferenceInput) {
    this.input = input;
    const { recipe, specHash } = referenceNormalise(input.document);
    this.recipe = recipe;
    this.specHash = specHash;
    this.k = recipe.backtest.kwargs;
    this.universe = [...new Set<string>(recipe.strategy.kwargs.universe_model.kwargs.symbols)];
    const placed = placeBars(input.bars, this.universe, this.k);
    this.bars = placed.bars;
    if (placed.dropped > 0) this.warn('off_session', undefined, placed.dropped);
    for (const symbol of this.universe) if (!this.bars.some((bar) => bar.symbol === symbol)) this.warn('no_data', symbol);
    this.slices = toSlices(this.bars);
    this.margin = this.k.account.type === 'margin';
    this.cash = dec(this.k.initial_cash);
    this.equity = this.k.initial_cash;
    this.peak = this.equity;
    this.earlierPeak = this.equity;
  }

  // ---------------------------------------------------------------- small things
  warn(code: string, symbol?: string, count?: number): void {
    if (this.warnings.some((row) => row.code === code && row.vt_symbol === symbol)) return;
    this.warnings.push({ code, ...(symbol === undefined ? {} : { vt_symbol: symbol }), ...(count === undefined ? {} : { count }) });
  }

  emit(type: string, fields: Row = {}): void {
    const event: Row = { seq: this.events.length + 1, t: iso(this.now), type };
    for (const [key, value] of Object.entries(fields)) if (value !== null && value !== undefined) event[key] = value;
    this.events.push(event);
    this.chain = sha256Hex(this.chain + canonicalJson(event));
  }

  qty(symbol: string): D {
    return this.position.get(symbol)?.quantity ?? ZERO;
  }

  lot(symbol: string): D {
    return dec(this.input.instruments?.[symbol]?.lot_size ?? this.k.lot_size);
  }

  close(symbol: string): D {
    return dec(this.mark.get(symbol)!);
  }

  post(kind: string, amount: D, ref: string): void {
    const rounded = cents8(amount);
    if (rounded.isZero()) return;
    this.cash = this.cash.plus(rounded);
    this.emit('CASH', { kind, amount: plain(rounded), balance: plain(this.cash), ref });
  }

  markedEquity(): number {
    let total = num(this.cash);
    for (const symbol of [...this.position.keys()].sort(byCodePoint)) total += num(this.qty(symbol)) * this.mark.get(symbol)!;
    return total;
  }

  setStatus(order: Order, status: string, reason: string | null = null): void {
    order.status = status;
    order.reason = reason ?? order.reason;
    order.updated = iso(this.now);
    this.emit('ORDER_STATUS', { order_id: order.id, status, reason });
  }

  cancel(order: Order, reason: string): void {
    if (working(order)) this.setStatus(order, 'cancelled', reason);
  }

  live(symbol: string): Order[] {
    return this.orders.filter((order) => order.symbol === symbol && working(order) && order.liveFrom <= this.index);
  }

  openOrders(symbol: string): Order[] {
    return this.orders.filter((order) => order.symbol === symbol && working(order));
  }

  // ---------------------------------------------------------------- the run
  run(): ReferenceOutput {
    let started = false;
    let previousSession: string | null = null;
    let startTime = 0;
    const endTime = this.slices.at(-1)?.time ?? 0;
    for (const [i, slice] of this.slices.entries()) {
      this.index = i;
      this.now = slice.time;
      this.session = slice.session;
      if (!started && atOrAfterStart(slice, this.k.start)) {
        started = true;
        startTime = slice.time;
      }
      if (!started) {
        this.corporateActions(slice, false);
        this.append(slice);
        continue;
      }
      this.emit('CLOCK');
      this.expireGtd();
      if (previousSession !== null && previousSession !== slice.session) this.accrue(Math.round((Date.parse(slice.session) - Date.parse(previousSession)) / 86_400_000));
      previousSession = slice.session;
      this.expireDay(slice);
      this.corporateActions(slice, true);
      this.liquidate(slice);
      this.match(slice);
      this.append(slice);
      for (const bar of slice.bars) this.emit('MARKET', { vt_symbol: bar.symbol, o: bar.open, h: bar.high, l: bar.low, c: bar.close, v: Number.isNaN(bar.volume) ? undefined : bar.volume });
      this.markToMarket(slice);
      let decided = false;
      if (!this.over) decided = this.decide(slice);
      if (i === this.slices.length - 1 && !this.over) this.endOfData();
      this.snapshot(decided);
      if (this.over) break;
    }
    if (this.decisions === 0) this.warn('no_decision');
    this.unmatched();
    return this.result(startTime, endTime);
  }

  append(slice: SliceOfBars): void {
    for (const bar of slice.bars) {
      const h = this.history.get(bar.symbol) ?? { open: [], high: [], low: [], close: [], volume: [] };
      this.history.set(bar.symbol, h);
      for (const field of ['open', 'high', 'low', 'close', 'volume'] as const) h[field].push(bar[field]);
      this.seen.set(bar.symbol, [...(this.seen.get(bar.symbol) ?? []), { ...bar }]);
      this.mark.set(bar.symbol, bar.close);
      this.lastSeenSession.set(bar.symbol, bar.session);
    }
  }

  // ---------------------------------------------------------------- 1. clock
  expireGtd(): void {
    for (const order of this.orders.filter((o) => working(o) && o.tif === 'gtd')) {
      const until = order.gtd!;
      const past = /^\d{4}-\d{2}-\d{2}$/.test(until) ? this.session > until : this.now > Date.parse(/(Z|[+-]\d{2}:?\d{2})$/.test(until) ? until : `${until}Z`);
      if (past) this.setStatus(order, 'expired', 'gtd');
    }
  }

  /** A day order is for one session; a gap at the end of it must not carry it over. */
  expireDay(slice: SliceOfBars): void {
    for (const order of this.orders.filter((o) => working(o) && o.tif === 'day' && o.liveFrom <= this.index)) {
      const bar = slice.bars.find((b) => b.symbol === order.symbol);
      if (!bar) continue;
      if (order.daySession === null) order.daySession = bar.session;
      else if (order.daySession < bar.session) this.setStatus(order, 'expired', 'day');
    }
  }

  accrue(days: number): void {
    if (days <= 0) return;
    const base = this.cash;
    for (const symbol of [...this.position.keys()].sort(byCodePoint)) {
      const quantity = this.qty(symbol);
      if (!quantity.lt(0)) continue;
      const amount = cents8(dec(this.k.borrow_rate).times(quantity.abs()).times(this.close(symbol)).times(days).div(360));
      this.totals.borrow = this.totals.borrow.plus(amount);
      this.post('borrow', amount.neg(), symbol);
    }
    const rate = base.gt(0) ? this.k.cash_yield : this.k.debit_rate;
    const interest = cents8(dec(rate).times(base).times(days).div(360));
    this.totals.interest = this.totals.interest.minus(interest);
    this.post('interest', interest, base.gt(0) ? 'cash_yield' : 'debit_rate');
  }

  corporateActions(slice: SliceOfBars, started: boolean): void {
    if (this.k.normalization !== 'raw') return;
    const rank = { split: 0, dividend: 1, delisting: 2 };
    const due = (this.input.actions ?? [])
      .filter((action) => !this.applied.has(action) && action.ex_date <= slice.session)
      .filter((action) => this.history.has(vtSymbol(action.vt_symbol)) || slice.bars.some((bar) => bar.symbol === vtSymbol(action.vt_symbol)))
      .sort((a, b) => rank[a.type] - rank[b.type] || byCodePoint(a.vt_symbol, b.vt_symbol) || byCodePoint(a.ex_date, b.ex_date));
    for (const action of due) {
      this.applied.add(action);
      const symbol = vtSymbol(action.vt_symbol);
      if (action.type === 'split') this.split(symbol, dec(action.ratio!), slice, started);
      else if (!started) {
        if (action.type === 'delisting') this.delisted.add(symbol);
        continue;
      } else if (action.type === 'dividend') {
        this.emit('CORP_ACTION', { vt_symbol: symbol, kind: 'dividend', amount: plain(dec(action.amount!)) });
        this.post('dividend', this.qty(symbol).times(dec(action.amount!)), symbol);
      } else this.delist(symbol);
    }
  }

  split(symbol: string, ratio: D, slice: SliceOfBars, started: boolean): void {
    const r = num(ratio);
    const h = this.history.get(symbol);
    if (h) {
      for (const field of ['open', 'high', 'low', 'close'] as const) h[field] = h[field].map((x) => x / r);
      h.volume = h.volume.map((x) => x * r);
      this.mark.set(symbol, this.mark.get(symbol)! / r);
      for (const bar of this.seen.get(symbol)!) {
        bar.open /= r; bar.high /= r; bar.low /= r; bar.close /= r; bar.volume *= r;
      }
    }
    if (!started) return;
    this.emit('CORP_ACTION', { vt_symbol: symbol, kind: 'split', ratio: r });
    const held = this.position.get(symbol);
    const bar = slice.bars.find((b) => b.symbol === symbol) ?? this.seen.get(symbol)!.at(-1)!;
    if (held) {
      const full = held.quantity.times(ratio);
      const whole = floorLot(full.abs(), this.lot(symbol)).times(signOf(full));
      held.average = held.average.div(ratio);
      held.quantity = whole;
      const trip = this.trips.get(symbol)!;
      trip.entryQty = trip.entryQty.times(ratio);
      trip.exitQty = trip.exitQty.times(ratio);
      const fraction = full.minus(whole);
      if (!fraction.isZero()) {
        const proceeds = cents8(fraction.times(dec(bar.known === this.now ? bar.open : bar.close)));
        this.post('split_fraction', proceeds, symbol);
        trip.exitQty = trip.exitQty.plus(fraction.abs());
        trip.exitNotional = trip.exitNotional.plus(proceeds.abs());
        trip.money = trip.money.plus(proceeds);
        if (whole.isZero()) {
          this.position.delete(symbol);
          this.finishTrip(symbol, bar);
        }
      }
    }
    for (const order of this.openOrders(symbol)) {
      order.quantity = order.quantity.times(ratio);
      order.filled = order.filled.times(ratio);
      order.limit = order.limit && tenth(order.limit.div(ratio));
      order.stop = order.stop && tenth(order.stop.div(ratio));
      order.trailAmount = order.trailAmount && tenth(order.trailAmount.div(ratio));
      order.extreme = order.extreme && order.extreme.div(ratio);
      if (order.bracket) order.bracket = { stop: tenth(order.bracket.stop.div(ratio)), take: tenth(order.bracket.take.div(ratio)) };
      if (rest(order).lte(0)) this.cancel(order, 'split');
    }
  }

  delist(symbol: string): void {
    this.delisted.add(symbol);
    this.active.delete(symbol);
    this.emit('CORP_ACTION', { vt_symbol: symbol, kind: 'delisting' });
    for (const order of this.openOrders(symbol)) this.cancel(order, 'delisted');
    const quantity = this.qty(symbol);
    if (quantity.isZero()) return;
    const order = this.newOrder({ symbol, side: quantity.gt(0) ? -1 : 1, type: 'market', quantity: quantity.abs(), origin: 'liquidation', reduceOnly: true });
    this.announce(order);
    this.setStatus(order, 'new');
    order.free = true;
    this.book(order, quantity.abs(), this.close(symbol), this.close(symbol), 'taker', this.seen.get(symbol)!.at(-1)!);
  }

  // ---------------------------------------------------------------- 2. match
  match(slice: SliceOfBars): void {
    const liveAtStart = new Map<string, Order[]>();
    for (const bar of slice.bars) {
      this.volumeLeft.set(bar.symbol, Number.isNaN(bar.volume) ? null : floorLot(dec(this.k.max_participation).times(dec(bar.volume)), this.lot(bar.symbol)));
      this.pathStart.set(bar.symbol, signOf(this.qty(bar.symbol)));
      liveAtStart.set(bar.symbol, this.live(bar.symbol));
    }
    const tried = new Set<Order>();
    const called = this.orders.filter((order) => working(order) && order.origin === 'liquidation' && order.liveFrom <= this.index);
    for (const order of called) {
      const bar = slice.bars.find((b) => b.symbol === order.symbol);
      if (bar && bar.volume !== 0) this.act(order, bar, dec(bar.open), true, tried, null);
    }
    for (const bar of slice.bars) {
      for (const order of liveAtStart.get(bar.symbol)!) if (working(order) && this.reducing(order) && bar.volume !== 0 && this.fillsAtOpen(order, bar)) this.act(order, bar, dec(bar.open), true, tried, null);
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

  reducing(order: Order): boolean {
    return signOf(this.qty(order.symbol)) === -order.side;
  }

  stopLevel(order: Order): D {
    if (order.type !== 'trailing_stop') return order.stop!;
    const away = order.trailAmount ?? order.extreme!.times(order.trailPct!);
    return cents8(order.side < 0 ? order.extreme!.minus(away) : order.extreme!.plus(away));
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
      case 'market': return true;
      case 'moo': return bar.firstOfSession;
      case 'limit': return better(order.limit!);
      case 'stop': return beyond(this.stopLevel(order));
      case 'stop_limit': return beyond(order.stop!) && better(order.limit!);
      default: return false;
    }
  }

  path(bar: Bar): D[] {
    const [o, h, l, c] = [dec(bar.open), dec(bar.high), dec(bar.low), dec(bar.close)];
    const nearer = h.minus(o).abs().lt(o.minus(l).abs()) ? [o, h, l, c] : [o, l, h, c];
    const sign = this.pathStart.get(bar.symbol)!;
    switch (this.k.intrabar) {
      case 'ohlc': return [o, h, l, c];
      case 'olhc': return [o, l, h, c];
      case 'adaptive': return nearer;
      default: return sign > 0 ? [o, l, h, c] : sign < 0 ? [o, h, l, c] : nearer;
    }
  }

  /** First point at or after `from` where the path reaches `level` going in `direction`; `strict` = must go beyond it. */
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
        const beyondAtOpen = (kind === 'stop' || kind === 'stop_limit') && (order.side > 0 ? path[0]!.gte(this.stopLevel(order)) : path[0]!.lte(this.stopLevel(order)));
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
        const order1 = best === null ? -1 : before(point, best.point) || (this.reducing(order) === this.reducing(best.order) ? order.seq - best.order.seq : this.reducing(order) ? -1 : 1);
        if (order1 < 0) best = { order, point, price, atOpen };
      }
      if (!best) return;
      const triggeredBefore = best.order.triggered;
      this.act(best.order, bar, best.price, best.atOpen, tried, best.order.limit);
      if (best.order.type === 'stop_limit' && !triggeredBefore && !tried.has(best.order)) from.set(best.order, best.point.leg < 0 ? { leg: 0, distance: ZERO } : best.point);
    }
  }

  /** The order acts at this price of the path. */
  act(order: Order, bar: Bar, price: D, atOpen: boolean, tried: Set<Order>, _limit: D | null): void {
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
    } else if (kind === 'limit') this.attempt(order, bar, price, false, null, atOpen && order.liveBars === 0 ? 'taker' : 'maker');
    else this.attempt(order, bar, price, true, null, kind === 'market' ? 'taker' : 'auction');
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
    const due = (q: D, notional: D): D => minD(maxD(dec(kwargs.rate).times(q), dec(kwargs.min)), dec(kwargs.max_pct).times(notional));
    const before = order.filled.isZero() ? ZERO : cents8(due(order.filled, order.notional));
    return cents8(due(order.filled.plus(quantity), order.notional.plus(value))).minus(before);
  }

  attempt(order: Order, bar: Bar, base: D, slipped: boolean, limit: D | null, liquidity: string): void {
    const symbol = order.symbol;
    const lot = this.lot(symbol);
    const held = this.qty(symbol);
    const closable = this.reducing(order) ? held.abs() : ZERO;
    let quantity = rest(order);
    let cut: string | null = null;
    if (order.reduceOnly && quantity.gt(closable)) {
      quantity = closable;
      cut = 'reduce_only';
    }
    if (!this.margin && order.side < 0 && quantity.gt(closable)) {
      if (this.k.on_insufficient === 'reject') return this.cancel(order, 'insufficient_buying_power');
      quantity = closable;
      cut = 'reduced';
    }
    const cap = order.origin === 'liquidation' ? null : (this.volumeLeft.get(symbol) ?? null);
    if (cap !== null && quantity.gt(cap)) {
      quantity = cap;
      cut = null;
    }
    if (order.tif === 'fok' && quantity.lt(rest(order))) return this.cancel(order, 'fok');
    const affordable = this.affordableAtFill(order, quantity, (q) => this.priceFor(order, base, q, bar, slipped, limit), liquidity, lot);
    if (affordable.lt(quantity)) {
      if (this.k.on_insufficient === 'reject' || order.tif === 'fok') return this.cancel(order, 'insufficient_buying_power');
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
      fits = (q) => cents8(q.times(price(q))).plus(this.fee(order, q, price(q), liquidity)).lte(this.cash);
    } else {
      if (opening.lte(0)) return quantity;
      fits = (q) => q.lte(closable) || this.marginFits(order, closable, q.minus(closable).times(price(q)), this.fee(order, q, price(q), liquidity), false);
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

  /** An opening part worth `notional`, after `closing` units of the same order have reduced the position; working orders are reserved for at acceptance only. */
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

  // ---------------------------------------------------------------- booking a fill
  book(order: Order, quantity: D, price: D, base: D, liquidity: string, bar: Bar): void {
    const symbol = order.symbol;
    const commission = this.fee(order, quantity, price, liquidity);
    const notional = cents8(quantity.times(price));
    const slippage = cents8(price.minus(cents8(base)).abs().times(quantity));
    const id = `f-${++this.fillCount}`;
    order.filled = order.filled.plus(quantity);
    order.notional = order.notional.plus(quantity.times(price));
    this.totals.commission = this.totals.commission.plus(commission);
    this.totals.slippage = this.totals.slippage.plus(slippage);
    this.traded = this.traded.plus(notional);
    const row = { fill_id: id, order_id: order.id, vt_symbol: symbol, side: order.side > 0 ? 'buy' : 'sell', quantity: plain(quantity), price: plain(price), commission: plain(commission), slippage_cost: plain(slippage), liquidity };
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
    const closingFee = opening.isZero() ? commission : closing.isZero() ? ZERO : cents8(commission.times(closing).div(quantity));
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
      const average = tenth(before.times(old?.average ?? ZERO).plus(opening.times(price)).div(total));
      this.position.set(symbol, { quantity: total.times(order.side), average });
      let trip = this.trips.get(symbol);
      if (!trip) {
        const known = this.seen.get(symbol) ?? [];
        trip = { direction: order.side, entryQty: ZERO, entryNotional: ZERO, exitQty: ZERO, exitNotional: ZERO, commission: ZERO, money: ZERO, entryTs: ts, entryBar: known.at(-1)?.label === bar.label ? known.length - 1 : known.length };
        this.trips.set(symbol, trip);
      }
      trip.entryQty = trip.entryQty.plus(opening);
      trip.entryNotional = trip.entryNotional.plus(opening.times(price));
      trip.money = trip.money.minus(cents8(opening.times(price)).times(order.side));
      trip.commission = trip.commission.plus(commission.minus(closingFee));
    }
  }

  finishTrip(symbol: string, bar: Bar): void {
    const trip = this.trips.get(symbol)!;
    this.trips.delete(symbol);
    const known = this.seen.get(symbol) ?? [];
    const all = known.at(-1)?.label === bar.label ? known : [...known, bar];
    const during = all.slice(trip.entryBar);
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
    if (order.group !== null && order.contingency === 'oco') {
      for (const sibling of this.orders.filter((o) => o !== order && o.group === order.group && working(o))) {
        if (order.status === 'filled') this.cancel(sibling, 'oco');
        else {
          if (rest(sibling).lte(quantity)) this.cancel(sibling, 'oco');
          else sibling.quantity = sibling.quantity.minus(quantity);
        }
      }
    }
    for (const child of this.openOrders(symbol).filter((o) => o.isChild && !this.reducing(o))) this.cancel(child, 'closed');
    if (this.qty(symbol).isZero()) {
      if (order.isChild && this.k.reentry === 'next_signal') this.active.delete(symbol);
    }
    const left = this.qty(symbol).abs();
    for (const child of this.openOrders(symbol).filter((o) => o.isChild)) if (rest(child).gt(left)) child.quantity = child.filled.plus(left);
    if (order.bracket) {
      const opened = minD(quantity, this.qty(symbol).times(order.side));
      if (opened.gt(0)) this.armBracket(order, opened);
    }
  }

  armBracket(parent: Order, quantity: D): void {
    const pair = parent.children.filter(working);
    if (pair.length === 2) {
      for (const child of pair) {
        child.quantity = child.quantity.plus(quantity);
      }
      return;
    }
    const group = `g-${++this.groupCount}`;
    const common = { symbol: parent.symbol, side: -parent.side as 1 | -1, quantity, reduceOnly: true, contingency: 'oco', group, parent: parent.id };
    parent.children = [this.newOrder({ ...common, type: 'stop', stop: parent.bracket!.stop }), this.newOrder({ ...common, type: 'limit', limit: parent.bracket!.take })];
    for (const child of parent.children) {
      child.isChild = true;
      child.liveFrom = this.index + 1;
      this.announce(child);
      this.setStatus(child, 'new');
    }
  }

  // ---------------------------------------------------------------- 4. mark
  markToMarket(slice: SliceOfBars): void {
    this.remark();
    for (const bar of slice.bars) {
      for (const order of this.openOrders(bar.symbol)) {
        if (order.type !== 'trailing_stop' || order.triggered || order.liveFrom > this.index) continue;
        order.extreme = order.side < 0 ? maxD(order.extreme!, dec(bar.high)) : minD(order.extreme!, dec(bar.low));
      }
    }
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

  /** Marks anew; a second mark of one slice (after a close at its end) replaces the first. */
  remark(again = false): void {
    this.equity = this.markedEquity();
    if (!again) this.earlierPeak = this.peak;
    this.peak = Math.max(this.earlierPeak, this.equity);
    this.drawdown = this.equity / this.peak - 1;
  }

  maintenance(held: { value: number }[]): number {
    const { maintenance_long, maintenance_short } = this.k.account;
    return held.reduce((total, { value }) => total + (value > 0 ? maintenance_long * value : -maintenance_short * value), 0);
  }

  values(): { symbol: string; value: number }[] {
    return [...this.position.keys()].sort(byCodePoint).map((symbol) => ({ symbol, value: num(this.qty(symbol)) * this.mark.get(symbol)! }));
  }

  /** Tested at Mark. */
  testMargin(): void {
    const needed = this.maintenance(this.values());
    this.called = needed > this.equity;
    if (this.called) this.emit('RISK', { policy: 'maintenance_margin', action: 'margin_call', value: plain(cents8(dec(this.equity))), limit: plain(cents8(dec(needed))) });
  }

  /** At the next open: whole positions, largest first, until the requirement at the last marks holds. */
  liquidate(slice: SliceOfBars): void {
    if (!this.called) return;
    this.called = false;
    const equity = this.markedEquity();
    let remaining = this.values();
    for (const { symbol } of [...remaining].sort((a, b) => Math.abs(b.value) - Math.abs(a.value) || byCodePoint(a.symbol, b.symbol))) {
      if (this.maintenance(remaining) <= equity) break;
      if (!slice.bars.some((bar) => bar.symbol === symbol && bar.volume !== 0)) continue;
      remaining = remaining.filter((entry) => entry.symbol !== symbol);
      if (this.openOrders(symbol).some((o) => o.origin === 'liquidation')) continue;
      for (const other of this.openOrders(symbol)) this.cancel(other, 'margin_call');
      const quantity = this.qty(symbol);
      const closing = this.newOrder({ symbol, side: quantity.gt(0) ? -1 : 1, type: 'market', quantity: quantity.abs(), origin: 'liquidation', reduceOnly: true });
      closing.liveFrom = this.index;
      this.announce(closing);
      this.setStatus(closing, 'new');
    }
  }

  /** Closes every position at the last close, with slip and commission, beyond any volume. */
  closeAll(reason: string): void {
    for (const symbol of [...this.position.keys()].sort(byCodePoint)) {
      const quantity = this.qty(symbol);
      const bar = this.seen.get(symbol)!.at(-1)!;
      const order = this.newOrder({ symbol, side: quantity.gt(0) ? -1 : 1, type: 'market', quantity: quantity.abs(), origin: 'liquidation', reduceOnly: true, reference: reason });
      this.announce(order);
      this.setStatus(order, 'new');
      const base = this.close(symbol);
      this.book(order, quantity.abs(), this.priceFor(order, base, quantity.abs(), bar, true, null), base, 'taker', bar);
    }
  }

  // ---------------------------------------------------------------- 5. decide
  decide(slice: SliceOfBars): boolean {
    const { alpha_model: alpha, portfolio_model: portfolio, rebalance_every } = this.recipe.strategy.kwargs;
    const warmup = warmupOf(alpha);
    const universe = this.selectUniverse();
    if (this.decisions === 0 && !this.universe.some((symbol) => (this.history.get(symbol)?.close.length ?? 0) >= Math.max(warmup, 1))) return false;
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
    if (due && portfolio) for (const [symbol, weight] of this.construct(portfolio, slice, universe)) targets.set(symbol, weight);
    for (const symbol of [...zeros.keys()].sort(byCodePoint)) if (!targets.has(symbol)) targets.set(symbol, 0);
    for (const symbol of [...targets.keys()].sort(byCodePoint)) this.target(symbol, targets.get(symbol)!, 'portfolio');
    const risked = this.risk(this.recipe.strategy.kwargs.risk_model, targets);
        for (const symbol of [...risked.keys()].sort(byCodePoint)) if (targets.get(symbol) !== risked.get(symbol)) this.target(symbol, risked.get(symbol)!, 'risk');
    const requests = this.execute(this.recipe.strategy.kwargs.execution_model, risked, slice);
    const verdicts = requests.map((request) => this.accept(request));
    for (const { order } of verdicts) this.announce(order);
    for (const { order, status } of verdicts) this.settle(order, status);
    return true;
  }

  /** A TARGET event tells a change of weight; repeating the last one of the stage tells nothing. */
  target(symbol: string, weight: number, stage: string): void {
    const key = `${stage} ${symbol}`;
    if (this.lastTarget.get(key) === weight) return;
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
      const stale = calendar.sessions(isoDate(Date.parse(last) + 86_400_000), isoDate(this.now)).filter((session) => session.close <= this.now).length;
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
  out = new Set<string>();

  alpha(alpha: Component, warmup: number, slice: SliceOfBars, universe: string[]): void {
    for (const { symbol } of slice.bars) {
      const h = this.history.get(symbol)!;
      if (!universe.includes(symbol) || h.close.length < warmup) continue;
      const state = this.alphaState.get(symbol) ?? { side: 0 };
      this.alphaState.set(symbol, state);
      const said = opinion(alpha, h, state);
      if (!said) continue;
      this.active.set(symbol, { symbol, direction: said.direction, strength: 1, confidence: 1, horizon: said.horizon, bornBar: h.close.length });
      const row = { source: alpha.class, vt_symbol: symbol, direction: said.direction, strength: 1, confidence: 1, horizon_bars: said.horizon };
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
        this.matchedTargetTimes.add(row.time);
        out.push([row.vt_symbol, row.weight]);
      }
      return out;
    }
    if (portfolio.class === 'FixedWeights') return Object.keys(k.weights).sort(byCodePoint).filter((symbol) => universe.includes(symbol)).map((symbol) => [symbol, k.weights[symbol]]);
    const scores = [...this.active.values()].map((s) => ({ symbol: s.symbol, score: (s.direction === 'long' ? 1 : s.direction === 'short' ? -1 : 0) * s.strength * s.confidence }));
    const kept = scores
      .filter((s) => s.score !== 0)
      .sort((a, b) => Math.abs(b.score) - Math.abs(a.score) || byCodePoint(a.symbol, b.symbol))
      .slice(0, k.max_positions);
    const total = kept.reduce((a, s) => a + Math.abs(s.score), 0);
    return scores
      .sort((a, b) => byCodePoint(a.symbol, b.symbol))
      .map((s) => [s.symbol, !kept.includes(s) ? 0 : portfolio.class === 'EqualWeight' ? Math.sign(s.score) / kept.length : s.score / total]);
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
      for (const symbol of [...new Set([...targets.keys(), ...this.position.keys()])].sort(byCodePoint)) out.set(symbol, 0);
      return out;
    }
    for (const [symbol, weight] of targets) out.set(symbol, Math.max(-cap, Math.min(cap, weight)));
    const asked = [...out.values()].reduce((a, w) => a + Math.abs(w), 0);
    let others = 0;
    for (const symbol of [...this.position.keys()].sort(byCodePoint)) if (!out.has(symbol)) others += Math.abs((num(this.qty(symbol)) * this.mark.get(symbol)!) / this.equity);
    if (asked + others > max_leverage && asked > 0) {
      const scale = Math.max(max_leverage - others, 0) / asked;
      for (const [symbol, weight] of out) out.set(symbol, weight * scale);
    }
    return out;
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
    const sized: (Request & { reduces: boolean })[] = requests.map((request) => ({ ...request, reduces: signOf(this.qty(request.symbol)) === -request.side }));
    requests.length = 0;
    for (const [symbol, target] of targets) {
      let weight = target;
      if (!this.margin && weight < 0) {
        weight = 0;
        this.warn('short_clipped', symbol);
      }
      const P = this.mark.get(symbol);
      if (P === undefined) continue;
      const lot = this.lot(symbol);
      const x = (weight * this.equity * (1 - this.k.cash_buffer)) / P / num(lot);
      const goal = lot.times(Math.trunc(x * (1 + 1e-12)));
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
      const request: Request & { reduces: boolean } = { symbol, side, type: 'market', quantity: delta.abs(), reduces: signOf(held) === -side };
      const close = dec(P);
      if (model.class === 'LimitOffset') {
        request.type = 'limit';
        request.limit = cents8(close.times(dec(1).minus(dec(model.kwargs.bps).div(10_000).times(side))));
        request.ttl = true;
      } else if (model.class === 'Bracket') {
        if (request.reduces && delta.abs().lte(held.abs())) {
          sized.push(request);
          continue;
        }
        const leg = (pct: number, way: number): D => cents8(close.times(dec(1).plus(dec(pct).times(way * side))));
        request.bracket = { stop: leg(model.kwargs.stop_pct, -1), take: leg(model.kwargs.take_pct, 1) };
      } else if (model.class !== 'MarketExecution') throw new Error(`the reference does not know the execution model ${model.class}`);
      sized.push(request);
    }
    sized.sort((a, b) => (a.reduces === b.reduces ? byCodePoint(a.symbol, b.symbol) : a.reduces ? -1 : 1));
    return sized;
  }

  scheduledOrders(model: Component, slice: SliceOfBars): Request[] {
    const out: Request[] = [];
    const price = (x: number | string | null | undefined): D | null => (x === null || x === undefined ? null : dec(x));
    for (const row of model.kwargs.orders) {
      const label = labelOf(row.time, row.vt_symbol, this.k.interval);
      if (!slice.bars.some((bar) => bar.label === label && bar.symbol === row.vt_symbol)) continue;
      this.matchedOrderTimes.add(row.time);
      out.push({
        symbol: row.vt_symbol, side: row.side === 'buy' ? 1 : -1, type: row.order_type ?? 'market', quantity: dec(row.quantity), limit: price(row.limit_price), stop: price(row.stop_price),
        trailAmount: price(row.trail_amount), trailPct: price(row.trail_pct), tif: row.tif, gtd: row.gtd_until ?? null, reduceOnly: row.reduce_only, postOnly: row.post_only,
        contingency: row.contingency, group: row.group_id ?? null, reference: row.reference ?? null,
      });
    }
    return out;
  }

  // ---------------------------------------------------------------- 6. accept
  newOrder(request: Request): Order {
    const order: Order = {
      seq: ++this.orderCount, id: `o-${this.orderCount}`, symbol: request.symbol, side: request.side, type: request.type, requested: request.quantity, quantity: request.quantity,
      filled: ZERO, notional: ZERO, limit: request.limit ?? null, stop: request.stop ?? null, trailAmount: request.trailAmount ?? null,
      trailPct: request.trailPct ?? null, extreme: null, tif: request.tif ?? 'gtc', gtd: request.gtd ?? null, reduceOnly: request.reduceOnly ?? false, postOnly: request.postOnly ?? false,
      contingency: request.contingency ?? 'none', group: request.group ?? null, parent: request.parent ?? null, origin: request.origin ?? 'strategy', status: 'created', reason: null, deny: [],
      triggered: false, liveFrom: this.index + 1, submitted: iso(this.now), updated: iso(this.now), barsSinceAccept: 0, liveBars: 0, bracket: request.bracket ?? null, children: [], isChild: false,
      ttl: request.ttl ?? false, reference: request.reference ?? null, daySession: null, free: false,
    };
    this.orders.push(order);
    return order;
  }

  announce(order: Order): void {
    this.emit('ORDER', {
      order_id: order.id, vt_symbol: order.symbol, side: order.side > 0 ? 'buy' : 'sell', order_type: order.type, quantity: plain(order.quantity), requested_quantity: plain(order.requested),
      limit_price: order.limit && plain(order.limit), stop_price: order.stop && plain(order.stop), tif: order.tif, reduce_only: order.reduceOnly, group_id: order.group,
    });
  }

  accept(request: Request): { order: Order; status: string } {
    const order = this.newOrder(request);
    const symbol = order.symbol;
    const deny = (code: string): { order: Order; status: string } => {
      order.deny = [code];
      order.status = 'denied';
      return { order, status: code };
    };
    if (!this.mark.has(symbol) || this.delisted.has(symbol)) return deny('no_data');
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
        quantity = this.largest(quantity, this.lot(symbol), ZERO, (q) => q.times(close).plus(this.fee(order, q, close, 'taker')).lte(available));
      } else if (opening.gt(0) && !barred) {
        quantity = this.largest(quantity, this.lot(symbol), closable, (q) => q.lte(closable) || this.marginFits(order, closable, q.minus(closable).times(close), this.fee(order, q, close, 'taker'), true));
      }
    }
    if (quantity.lt(order.quantity)) {
      if (quantity.lte(0) || this.k.on_insufficient === 'reject') return deny('insufficient_buying_power');
      order.quantity = quantity;
    }
    if (order.type === 'trailing_stop') order.extreme = close;
    return { order, status: 'new' };
  }

  /** Status event of an order just accepted or denied; an exit or flip cancels the exits of a bracket, a reduction clips them. */
  settle(order: Order, status: string): void {
    const symbol = order.symbol;
    if (status !== 'new') return this.setStatus(order, 'denied', status);
    this.setStatus(order, 'new');
    const held = this.qty(symbol);
    const closable = signOf(held) === -order.side ? minD(held.abs(), order.quantity) : ZERO;
    if (closable.gt(0)) {
      const after = maxD(held.abs().minus(order.quantity), ZERO);
      for (const child of this.openOrders(symbol).filter((o) => o.isChild)) {
        if (after.isZero()) this.cancel(child, 'replaced');
      }
    }
  }

  availableCash(self: Order): D {
    let available = this.cash;
    for (const order of this.orders) {
      if (order === self || !working(order)) continue;
      const close = this.close(order.symbol);
      const value = rest(order).times(close);
      const fee = this.fee(order, rest(order), close, 'taker');
      if (order.side > 0) available = available.minus(value).minus(fee);
      else if (order.side < 0 && order.type.startsWith('market')) available = available.plus(value).minus(fee);
    }
    return available;
  }

  // ---------------------------------------------------------------- 7. snapshot and the end
  endOfData(): void {
    for (const order of this.orders.filter(working)) this.setStatus(order, 'expired', 'end_of_data');
    if (!this.k.close_at_end) return;
    this.closeAll('close_at_end');
    this.remark(true);
  }

  snapshot(decided: boolean): void {
    const symbols = [...this.position.keys()].sort(byCodePoint);
    const values = symbols.map((symbol) => num(this.qty(symbol)) * this.mark.get(symbol)!);
    const positions: Row = {};
    for (const symbol of symbols) positions[symbol] = { quantity: num(this.qty(symbol)), avg_price: num(tenth(this.position.get(symbol)!.average)) };
    const costs = this.totals.commission.plus(this.totals.slippage).plus(this.totals.borrow).plus(this.totals.interest);
    this.equityRows.push({
      ts: iso(this.now), equity: this.equity, cash: num(this.cash), gross: values.reduce((a, x) => a + Math.abs(x), 0), net: values.reduce((a, x) => a + x, 0), positions, drawdown: this.drawdown,
      costs: num(costs), held: symbols.length > 0, session: this.session, decided,
    });
    const texts: Row = {};
    for (const symbol of symbols) texts[symbol] = { quantity: plain(this.qty(symbol)), avg_price: plain(tenth(this.position.get(symbol)!.average)) };
    this.emit('SNAPSHOT', { equity: plain(cents8(dec(this.equity))), cash: plain(this.cash), positions: texts });
  }

  unmatched(): void {
    const { portfolio_model: portfolio, execution_model: execution } = this.recipe.strategy.kwargs;
    if (portfolio?.class === 'ScheduledTargets') for (const row of portfolio.kwargs.targets) if (!this.matchedTargetTimes.has(row.time)) this.warn('unmatched_time', row.vt_symbol);
    if (execution.class === 'ScheduledOrders') for (const row of execution.kwargs.orders) if (!this.matchedOrderTimes.has(row.time)) this.warn('unmatched_time', row.vt_symbol);
  }

  metrics(): Record<string, number | null> {
    const first = this.equityRows.findIndex((row) => row.decided);
    const later = this.equityRows.slice(first + 1);
    const rows = this.k.metrics_freq === 'bar' ? later : later.filter((row, i) => later[i + 1]?.session !== row.session);
    const calendar = calendarFor(this.k.calendar ?? exchangeOf(this.universe[0]!));
    const minutes: Record<string, number> = { '1s': 1 / 60, '5s': 5 / 60, '10s': 1 / 6, '1m': 1, '5m': 5, '15m': 15, '1h': 60 };
    const perSession = this.k.metrics_freq === 'bar' && minutes[this.k.interval] ? Math.ceil(calendar.sessionMinutes / minutes[this.k.interval]!) : 1;
    const all = [this.equityRows[first]!, ...rows];
    let benchmark: number[] | null = null;
    if (this.k.benchmark !== null) {
      const own = placeBars(this.input.bars, [this.k.benchmark], this.k).bars;
      for (const action of this.input.actions ?? [])
        if (action.type === 'split' && action.vt_symbol === this.k.benchmark && own.some((bar) => bar.session >= action.ex_date)) for (const bar of own) if (bar.session < action.ex_date) bar.close /= action.ratio!;
      benchmark = all.map((row) => own.filter((bar) => iso(bar.known) <= row.ts).at(-1)?.close ?? Number.NaN);
    }
    return referenceMetrics({
      equity: all.map((row) => row.equity), costs: all.map((row) => row.costs), held: rows.map((row) => row.held), gross: rows.map((row) => row.gross), net: rows.map((row) => row.net), benchmark,
      periodsPerYear: calendar.sessionsPerYear * perSession, riskFree: this.k.risk_free, mar: this.k.mar, traded: num(this.traded),
      trips: this.roundTrips.map((trip) => ({ pnl: Number(trip.pnl), bars_held: trip.bars_held })),
      totals: { commission: num(this.totals.commission), slippage: num(this.totals.slippage), borrow: num(this.totals.borrow), interest: num(this.totals.interest) },
      counts: { bars: this.bars.length, orders: this.orders.length, fills: this.fills.length },
    });
  }

  result(start: number, end: number): ReferenceOutput {
    const datasetHash = referenceDatasetHash(this.bars);
    const exchanges = [...new Set(this.universe.map(exchangeOf))].sort(byCodePoint);
    const contextHash = hashCanonical({
      actions: this.input.actions ?? [],
      instruments: this.input.instruments ?? {},
      calendar_versions: Object.fromEntries(exchanges.map((name) => [name, calendarFor(name).version])),
    });
    const runHash = hashCanonical({
      engine: 'event', engine_version: this.input.engineVersion ?? 'reference', spec_hash: this.specHash, dataset_hash: datasetHash, context_hash: contextHash, seed: this.input.seed, start: iso(start), end: iso(end),
    });
    const rows = this.orders.map((o) => ({
      order_id: o.id, parent_order_id: o.parent, contingency: o.contingency, group_id: o.group, origin: o.origin, vt_symbol: o.symbol, side: o.side > 0 ? 'buy' : 'sell', order_type: o.type,
      requested_quantity: plain(o.requested), quantity: plain(o.quantity), limit_price: o.limit && plain(o.limit), stop_price: o.stop && plain(o.stop), tif: o.tif, reduce_only: o.reduceOnly,
      status: o.status, filled_quantity: plain(o.filled), avg_fill_price: o.filled.isZero() ? null : plain(tenth(o.notional.div(o.filled))), deny_codes: o.deny, reason: o.reason, submitted_at: o.submitted, updated_at: o.updated,
    }));
    return {
      specHash: this.specHash, datasetHash, contextHash, runHash, eventLogHash: this.chain, events: this.events, fills: this.fills, orders: rows, signals: this.signals,
      equity: this.equityRows.map(({ ts, equity, cash, gross, net, positions, drawdown }) => ({ ts, equity: shown(equity), cash: shown(cash), gross: shown(gross), net: shown(net), positions, drawdown })), roundTrips: this.roundTrips,
      metrics: this.decisions === 0 ? {} : this.metrics(), warnings: this.warnings,
    };
  }
}

/** One backtest, bar by bar, as trading.md says it. Throws when the document names something the reference does not know. */
export function referenceRun(input: ReferenceInput): ReferenceOutput {
  return new Run(input).run();
}
