import { canonicalJson, sha256Hex } from '#kernel';
import type { History } from './alphas.ts';
import type { Action, ReferenceInput } from './input.ts';
import { D, ZERO, cents8, dec, num, plain } from './decimal.ts';
import { referenceNormalise, type Recipe } from './recipe.ts';
import { fromStore } from './store.ts';
import { byCodePoint, exchangeOf, placeBars, toSlices, type Bar, type SliceOfBars } from './slices.ts';

export type Row = Record<string, any>;
export interface ReferenceOutput {
  specHash: string;
  datasetHash: string;
  contextHash: string;
  runHash: string;
  eventLogHash: string;
  events: Row[];
  fills: Row[];
  orders: Row[];
  signals: Row[];
  equity: Row[];
  roundTrips: Row[];
  comparison: Row[];
  metrics: Record<string, number | null>;
  warnings: Row[];
}

/**
 * `since` is the instant of acceptance: a bar is one of the order when it opens then or later. `liveFrom` is the open
 * of the first such bar. `waiting` are the rows of its group that come with its fill, `link` names the OCO partners,
 * `reduction` marks what Bracket sends to reduce or exit.
 */
export interface Order {
  seq: number;
  id: string;
  symbol: string;
  side: 1 | -1;
  type: string;
  requested: D;
  quantity: D;
  filled: D;
  notional: D;
  charged: D;
  limit: D | null;
  stop: D | null;
  trailAmount: D | null;
  trailPct: D | null;
  extreme: D | null;
  tif: string;
  gtd: string | null;
  reduceOnly: boolean;
  postOnly: boolean;
  contingency: string;
  group: string | null;
  parent: string | null;
  origin: string;
  status: string;
  reason: string | null;
  deny: string[];
  triggered: boolean;
  since: number;
  liveFrom: number | null;
  submitted: string;
  updated: string;
  liveBars: number;
  waiting: { exits: boolean; requests: Request[] } | null;
  children: Order[];
  isChild: boolean;
  link: string | null;
  reduction: boolean;
  ttl: boolean;
  reference: string | null;
  daySession: string | null;
  free: boolean;
}
export interface Request {
  symbol: string;
  side: 1 | -1;
  type: string;
  quantity: D;
  limit?: D | null;
  stop?: D | null;
  trailAmount?: D | null;
  trailPct?: D | null;
  tif?: string;
  gtd?: string | null;
  reduceOnly?: boolean;
  postOnly?: boolean;
  contingency?: string;
  group?: string | null;
  waiting?: Order['waiting'];
  link?: string;
  reduction?: boolean;
  ttl?: boolean;
  origin?: string;
  parent?: string | null;
  reference?: string | null;
}
export interface Trip {
  direction: 1 | -1;
  entryQty: D;
  entryNotional: D;
  exitQty: D;
  exitNotional: D;
  commission: D;
  entryTs: string;
  entryBar: number;
  money: D;
  earlier: Bar[];
}
export interface Active {
  symbol: string;
  direction: string;
  strength: number;
  confidence: number;
  horizon: number | null;
  bornBar: number;
}
export interface Point {
  leg: number;
  distance: D;
}

const CRYPTO = ['BINANCE', 'COINBASE'];
const TERMINAL = ['denied', 'rejected', 'filled', 'cancelled', 'expired'];
export const working = (order: Order): boolean => !TERMINAL.includes(order.status);
export const rest = (order: Order): D => order.quantity.minus(order.filled);
export const iso = (ms: number): string => new Date(ms).toISOString();
/** Marks are doubles, shown with 8 decimals. */
export const shown = (x: number): number => Number(x.toFixed(8));
/** Averages are prices of 10 decimals (trading.md 3.3). */
export const tenth = (x: D): D => x.toDecimalPlaces(10, D.ROUND_HALF_EVEN);
export const signOf = (x: D): number => (x.isZero() ? 0 : x.gt(0) ? 1 : -1);
export const before = (a: Point, b: Point): number => a.leg - b.leg || a.distance.cmp(b.distance);

/** What a run knows, and the smallest steps on it. */
export class State {
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
  posted = new Set<Action>();
  /** Due after the symbol had left. */
  tooLate = new Set<Action>();
  /** Symbols with an order. */
  ordered = new Set<string>();
  lastSeenSession = new Map<string, string>();
  left = new Set<string>();
  delisted = new Set<string>();
  lastTarget = new Map<string, number>();
  /** Rows of schedules whose bar came. */
  matched = new Set<unknown>();
  totals = { commission: ZERO, slippage: ZERO, borrow: ZERO, interest: ZERO };
  traded = ZERO;
  peak = 0;
  earlierPeak = 0;
  equity = 0;
  drawdown = 0;
  flat = false;
  over = false;
  /** Instant of the first mark in breach since the requirement last held. */
  breach: number | null = null;
  decisions = 0;
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
  out = new Set<string>();

  constructor(given: ReferenceInput) {
    const { recipe, specHash } = referenceNormalise(given.document);
    const input = fromStore(given, recipe.backtest.kwargs);
    this.input = input;
    this.recipe = recipe;
    this.specHash = specHash;
    this.k = recipe.backtest.kwargs;
    this.universe = [...new Set<string>(recipe.strategy.kwargs.universe_model.kwargs.symbols)];
    const placed = placeBars(input.bars, this.universe, this.k);
    this.bars = placed.bars;
    for (const [symbol, count] of placed.dropped) this.warn('off_session', symbol, count);
    for (const symbol of this.universe)
      if (!this.bars.some((bar) => bar.symbol === symbol)) this.warn('symbol_without_data', symbol);
    this.slices = toSlices(this.bars);
    this.margin = this.k.account.type === 'margin';
    this.cash = dec(this.k.initial_cash);
    this.equity = this.k.initial_cash;
    this.peak = this.equity;
    this.earlierPeak = this.equity;
  }

  warn(code: string, symbol?: string, count?: number): void {
    const told = this.warnings.find((row) => row.code === code && row.vt_symbol === symbol);
    if (told) {
      if (count !== undefined) told.count += count;
      return;
    }
    this.warnings.push({
      code,
      ...(symbol === undefined ? {} : { vt_symbol: symbol }),
      ...(count === undefined ? {} : { count }),
    });
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
    const own = this.input.instruments?.[symbol]?.lot_size;
    if (own !== undefined) return dec(own);
    return dec(this.k.lot_size === 1 && CRYPTO.includes(exchangeOf(symbol)) ? 1e-8 : this.k.lot_size);
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
    for (const symbol of [...this.position.keys()].sort(byCodePoint))
      total += num(this.qty(symbol)) * this.mark.get(symbol)!;
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

  openOrders(symbol: string): Order[] {
    return this.orders.filter((order) => order.symbol === symbol && working(order));
  }

  /** The newest bar of a symbol, under its former name before its own first one. */
  lastBar(symbol: string): Bar {
    return (this.seen.get(symbol)?.at(-1) ?? this.trips.get(symbol)!.earlier.at(-1))!;
  }

  append(slice: SliceOfBars): void {
    for (const bar of slice.bars) {
      const h = this.history.get(bar.symbol) ?? { open: [], high: [], low: [], close: [], volume: [] };
      this.history.set(bar.symbol, h);
      for (const field of ['open', 'high', 'low', 'close', 'volume'] as const) h[field].push(bar[field]);
      const seen = this.seen.get(bar.symbol) ?? [];
      this.seen.set(bar.symbol, seen);
      seen.push({ ...bar });
      this.mark.set(bar.symbol, bar.close);
      this.lastSeenSession.set(bar.symbol, bar.ends);
    }
  }

  newOrder(request: Request): Order {
    const order: Order = {
      seq: ++this.orderCount,
      id: `o-${this.orderCount}`,
      symbol: request.symbol,
      side: request.side,
      type: request.type,
      requested: request.quantity,
      quantity: request.quantity,
      filled: ZERO,
      notional: ZERO,
      charged: ZERO,
      limit: request.limit ?? null,
      stop: request.stop ?? null,
      trailAmount: request.trailAmount ?? null,
      trailPct: request.trailPct ?? null,
      extreme: null,
      tif: request.tif ?? 'gtc',
      gtd: request.gtd ?? null,
      reduceOnly: request.reduceOnly ?? false,
      postOnly: request.postOnly ?? false,
      contingency: request.contingency ?? 'none',
      group: request.group ?? null,
      parent: request.parent ?? null,
      origin: request.origin ?? 'strategy',
      status: 'created',
      reason: null,
      deny: [],
      triggered: false,
      since: this.now,
      liveFrom: null,
      submitted: iso(this.now),
      updated: iso(this.now),
      liveBars: 0,
      waiting: request.waiting ?? null,
      children: [],
      isChild: false,
      link: request.link ?? (request.contingency === 'oco' ? `${this.now} ${request.group} ${request.symbol}` : null),
      reduction: request.reduction ?? false,
      ttl: request.ttl ?? false,
      reference: request.reference ?? null,
      daySession: null,
      free: false,
    };
    this.orders.push(order);
    this.ordered.add(order.symbol);
    return order;
  }

  announce(order: Order): void {
    this.emit('ORDER', {
      order_id: order.id,
      vt_symbol: order.symbol,
      side: order.side > 0 ? 'buy' : 'sell',
      order_type: order.type,
      quantity: plain(order.quantity),
      requested_quantity: plain(order.requested),
      limit_price: order.limit && plain(order.limit),
      stop_price: order.stop && plain(order.stop),
      tif: order.tif,
      reduce_only: order.reduceOnly,
      group_id: order.group,
    });
  }
}
