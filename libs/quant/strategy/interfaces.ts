import type { Calendar } from '../calendars/index.ts';
import type { Rng } from '../random/index.ts';

export type Field = 'open' | 'high' | 'low' | 'close' | 'volume';
export type Direction = 'long' | 'short' | 'flat';
export type Side = 'buy' | 'sell';
export type OrderType =
  'market' | 'market_on_open' | 'market_on_close' | 'limit' | 'stop' | 'stop_limit' | 'trailing_stop';
export type TimeInForce = 'day' | 'gtc' | 'gtd' | 'ioc' | 'fok' | 'opg' | 'cls';
export type Contingency = 'none' | 'oco' | 'oto' | 'bracket';
export type OrderOrigin = 'strategy' | 'manual' | 'liquidation' | 'external';
export type OrderStatus =
  | 'created'
  | 'denied'
  | 'submitting'
  | 'new'
  | 'triggered'
  | 'partial'
  | 'filled'
  | 'pending_cancel'
  | 'cancelled'
  | 'expired'
  | 'rejected'
  | 'unknown';

/**
 * What an alpha says of one symbol. Strength and confidence in 0..1; `horizonBars` counts that symbol's bars, null =
 * until superseded.
 */
export interface Signal {
  vtSymbol: string;
  /** Dense id of the symbol as in the slice; optional, saves a look-up. */
  id?: number;
  direction: Direction;
  strength: number;
  confidence: number;
  horizonBars: number | null;
  source: string;
  rationale?: string;
}

/** Desired signed portfolio weight of a symbol, as a fraction of equity. */
export interface Target {
  vtSymbol: string;
  id?: number;
  weight: number;
}

/** An order as a strategy asks for it. Quantity > 0; prices in instrument currency. */
export interface OrderRequest {
  vtSymbol: string;
  /** Dense id of the symbol; optional, saves a look-up. */
  id?: number;
  side: Side;
  orderType: OrderType;
  quantity: number;
  limitPrice?: number | null;
  stopPrice?: number | null;
  trailAmount?: number | null;
  trailPct?: number | null;
  /** Default `gtc`. */
  tif?: TimeInForce;
  /** A date (last session in which it may fill) or an RFC 3339 instant. */
  gtdUntil?: string | null;
  reduceOnly?: boolean;
  postOnly?: boolean;
  contingency?: Contingency;
  groupId?: string | null;
  parentOrderId?: string | null;
  reference?: string | null;
  /**
   * Exits created for the part of this order that fills; prices are fixed at the decision. The two cancel each other.
   */
  bracket?: { stopPrice: number; takePrice: number };
  /**
   * Orders held back until this one fills: exits for the filled part of a `bracket`, on its symbol, else orders of any
   * symbol for a complete fill. `groupId` links within the slice and symbol of the decision only.
   */
  children?: OrderRequest[];
  /**
   * Sent to reduce or leave a position: it never opens one, and ends as `position_closed` with it. Unlike `reduceOnly`
   * it counts as working where targets are sized.
   */
  closing?: boolean;
}

export interface OrderView {
  readonly orderId: string;
  readonly vtSymbol: string;
  readonly id: number;
  readonly side: Side;
  readonly orderType: OrderType;
  readonly remaining: number;
  readonly limitPrice: number | null;
  readonly stopPrice: number | null;
  readonly reduceOnly: boolean;
  readonly contingency: Contingency;
  readonly origin: OrderOrigin;
  readonly groupId: string | null;
  /** Bars of the symbol in which the order was live so far: those that opened at its acceptance or later. */
  readonly barsLive: number;
}

export interface PortfolioView {
  /** Equity at the last mark, a double in account currency. */
  readonly equity: number;
  readonly cash: number;
  /** equity / greatest mark so far − 1. */
  readonly drawdown: number;
  readonly account: 'cash' | 'margin';
  quantity(vtSymbol: string): number;
  /** Signed quantity by dense id. */
  quantityOf(id: number): number;
  /** Last close of the symbol, NaN before its first bar. */
  priceOf(id: number): number;
  averagePrice(vtSymbol: string): number;
  /** Ids of symbols with a position, in code-point order. */
  held(): readonly number[];
}

/** Everything that becomes known at one instant; position k of 0..size−1 runs in code-point order of the symbols. */
export interface Slice {
  readonly now: number;
  readonly size: number;
  id(k: number): number;
  symbol(k: number): string;
  /** Label of the bar, ms: session date at 00:00Z for daily bars, its open for intraday bars. */
  label(k: number): number;
  /** 0-based index of the bar in its symbol's history. */
  barIndex(k: number): number;
  open(k: number): number;
  high(k: number): number;
  low(k: number): number;
  close(k: number): number;
  /** NaN = unknown. */
  volume(k: number): number;
}

/**
 * Full columns of every symbol, for `precompute` only: whoever reads ahead here is caught by bias-check, not by the
 * engine.
 */
export interface Panel {
  readonly symbols: readonly string[];
  column(id: number, field: Field): Float64Array;
}

export interface SizingRules {
  readonly cashBuffer: number;
  readonly minOrderValue: number;
  readonly minDrift: number;
}

export interface Ctx {
  /** Instant of the slice, ms UTC. */
  readonly now: number;
  /**
   * A copy of the last `n` known values, oldest first; shorter when there are fewer. Throws LookAheadError when asked
   * for values after now (negative `n`, or `until` > now).
   */
  history(vtSymbol: string, n: number, field?: Field, until?: number): Float64Array;
  /** Bars of the symbol known so far. */
  barCount(id: number): number;
  /** Every symbol handed to the engine, in code-point order; the index is the dense id. */
  readonly symbols: readonly string[];
  idOf(vtSymbol: string): number | undefined;
  readonly portfolio: PortfolioView;
  readonly openOrders: readonly OrderView[];
  readonly slice: Slice;
  readonly universe: readonly string[];
  /** Rises whenever an active signal appears, changes or ends: equal revision, equal active signals. */
  readonly signalRevision: number;
  readonly sizing: SizingRules;
  lotSize(id: number): number;
  readonly calendar: Calendar;
  rng(stream: string): Rng;
  cancel(orderId: string, reason: string): void;
  warn(code: string, message: string, vtSymbol?: string): void;
  /** The same for what may happen often: one warning per code and symbol, the first message, and how often. */
  count(code: string, message: string, vtSymbol: string): void;
  log(level: string, message: string): void;
}

export interface UniverseModel {
  select(ctx: Ctx): readonly string[];
}
export interface AlphaModel {
  readonly warmupBars: number;
  onSlice(slice: Slice, universe: readonly string[], ctx: Ctx): readonly Signal[];
  precompute?(panel: Panel): void;
  /** The history of the symbol was rescaled by a split: streaming state must be rebuilt from `ctx.history`. */
  onRescale?(id: number): void;
}
export interface PortfolioModel {
  construct(active: readonly Signal[], ctx: Ctx): readonly Target[];
  unmatched?(): readonly string[];
}
export interface RiskModel {
  evaluate(targets: readonly Target[], ctx: Ctx): readonly Target[];
}
export interface ExecutionModel {
  execute(targets: readonly Target[], ctx: Ctx): readonly OrderRequest[];
  unmatched?(): readonly string[];
}

/** The five models of one strategy, ready to run once. */
export interface StrategyModels {
  universe: UniverseModel;
  alpha: AlphaModel | null;
  portfolio: PortfolioModel | null;
  risk: RiskModel;
  execution: ExecutionModel;
  rebalanceEvery: number;
  /** Largest warm-up over all components, bars. */
  warmupBars: number;
}
