import type { BarSeries } from '../bars/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { NormalisedRecipe, RunWarning } from '../recipe/index.ts';
import type {
  Contingency,
  Direction,
  OrderOrigin,
  OrderStatus,
  OrderType,
  Side,
  TimeInForce,
} from '../strategy/index.ts';

/**
 * A corporate action. `ratio` new shares per old one (2 = 2:1); `amount` in currency per old share. Splits and
 * dividends are those of raw data; the other kinds move no price and stand beside every normalisation. A merger has
 * `amount`, or `ratio` with `new_vt_symbol`, or all three. A rename has a `ratio` where the two series are adjusted to
 * different dates: units of the new one per unit of the old.
 */
export type CorporateAction =
  | { vt_symbol: string; ex_date: string; type: 'split'; ratio: number }
  | { vt_symbol: string; ex_date: string; type: 'dividend'; amount: number }
  | { vt_symbol: string; ex_date: string; type: 'rename'; new_vt_symbol: string; ratio?: number }
  | { vt_symbol: string; ex_date: string; type: 'merger'; amount?: number; ratio?: number; new_vt_symbol?: string }
  | { vt_symbol: string; ex_date: string; type: 'delisting' };

export interface InstrumentRules {
  lot_size?: number;
  tick_size?: number;
  sector?: string;
}

export interface BacktestInput {
  recipe: NormalisedRecipe;
  specHash: string;
  /** 0..2^53−1. */
  seed: number;
  /** Columns per universe symbol; bars after `end` are ignored, bars before `start` are history. */
  series: readonly BarSeries[];
  actions?: readonly CorporateAction[];
  instruments?: Readonly<Record<string, InstrumentRules>>;
  benchmark?: BarSeries;
}

/** Stages of trading.md 5 that the engine itself can tell; the caller adds queue stages, artifacts and `eta_s`. */
export interface BacktestStages {
  'data.loaded': { bars: number; symbols: number; dataset_hash: string };
  warmup: { bars: number };
  metrics: { summary: Metrics };
}

export interface BacktestHooks {
  onStage?<K extends keyof BacktestStages>(stage: K, extras: BacktestStages[K]): void;
  /** Called every 256 slices and at the end; throttling is the caller's. */
  onProgress?(progress: { pct: number; bars_done: number; bars_total: number; equity: number }): void;
  /** Asked every 256 slices; true ends the run with BacktestFailure `cancelled`. */
  cancelled?(): boolean;
}

/** What a run is, before it runs. Instants RFC 3339 with milliseconds. */
export interface RunIdentity {
  engine: 'event';
  engineVersion: string;
  specHash: string;
  datasetHash: string;
  contextHash: string;
  runHash: string;
  seed: number;
  /** Instant of the first slice at or after `start`, and of the last slice. */
  start: string;
  end: string;
}

/** Exact decimal as plain text without trailing zeros: money, prices of orders and fills, quantities. */
export type DecimalText = string;

export interface OrderRow {
  order_id: string;
  client_order_id: string;
  parent_order_id: string | null;
  contingency: Contingency;
  group_id: string | null;
  origin: OrderOrigin;
  vt_symbol: string;
  side: Side;
  order_type: OrderType;
  requested_quantity: DecimalText;
  quantity: DecimalText;
  limit_price: DecimalText | null;
  stop_price: DecimalText | null;
  trail_amount: DecimalText | null;
  trail_pct: number | null;
  tif: TimeInForce;
  gtd_until: string | null;
  reduce_only: boolean;
  post_only: boolean;
  status: OrderStatus;
  filled_quantity: DecimalText;
  avg_fill_price: DecimalText | null;
  deny_codes: string[];
  reason: string | null;
  reference: string | null;
  /** RFC 3339 instants of slices. */
  submitted_at: string;
  updated_at: string;
  /** Open of the first bar in which the order was live, RFC 3339; null while there is none. */
  live_from: string | null;
}

export interface FillRow {
  /** `f-1`, also the trade id within the run. */
  fill_id: string;
  trade_id: string;
  order_id: string;
  vt_symbol: string;
  side: Side;
  quantity: DecimalText;
  price: DecimalText;
  commission: DecimalText;
  slippage_cost: DecimalText;
  liquidity: 'taker' | 'maker' | 'auction';
  ts: string;
}

export interface SignalRow {
  ts: string;
  vt_symbol: string;
  direction: Direction;
  strength: number;
  confidence: number;
  horizon_bars: number | null;
  source: string;
}

/** One of the distinct signals of a run. `symbol` indexes `SignalColumns.symbols`. */
export interface SignalKind {
  symbol: number;
  source: string;
  direction: Direction;
  strength: number;
  confidence: number;
  horizonBars: number | null;
}

/** Signals as columns; rows by `signalRows`. */
export interface SignalColumns {
  readonly symbols: readonly string[];
  readonly kinds: readonly SignalKind[];
  readonly length: number;
  /** Instant of the slice, ms. */
  readonly time: Float64Array;
  /** Index into `kinds`. */
  readonly kind: Int32Array;
}

export interface PositionEntry {
  quantity: number;
  avg_price: number;
}
export interface EquityRow {
  /** Session date of the slice, `YYYY-MM-DD`: the latest one of its bars, never before that of an earlier row. */
  session_date: string;
  ts: string;
  equity: number;
  cash: number;
  gross: number;
  net: number;
  positions: Record<string, PositionEntry>;
  drawdown: number;
}

/**
 * Equity marks as columns of equal length (unrounded doubles, currency); rows, rounded to 8 decimals, by `equityRows`.
 */
export interface EquityColumns {
  readonly length: number;
  readonly time: Float64Array;
  /** Session dates, days since 1970. */
  readonly sessionDay: Int32Array;
  readonly equity: Float64Array;
  readonly cash: Float64Array;
  readonly gross: Float64Array;
  readonly net: Float64Array;
  readonly drawdown: Float64Array;
  /** Index into `positionSets` of the positions held at this row. */
  readonly positionSet: Int32Array;
  readonly positionSets: readonly Readonly<Record<string, PositionEntry>>[];
}

/**
 * What a run is compared with, a value per equity row in account currency, from the equity of the first decision. NaN
 * without a decision.
 */
export interface ComparisonColumns {
  readonly length: number;
  readonly time: Float64Array;
  readonly sessionDay: Int32Array;
  /** The universe bought in equal parts and held. */
  readonly buyAndHold: Float64Array;
  /** Null without a benchmark that has bars. */
  readonly benchmark: Float64Array | null;
}

export interface ComparisonRow {
  session_date: string;
  ts: string;
  buy_and_hold: number | null;
  benchmark: number | null;
}

export interface RoundTripRow {
  vt_symbol: string;
  direction: 'long' | 'short';
  quantity: DecimalText;
  entry_ts: string;
  exit_ts: string;
  entry_price: number;
  exit_price: number;
  /** Net of commission, currency. */
  pnl: DecimalText;
  return: number;
  bars_held: number;
  mae: number;
  mfe: number;
}

export interface BacktestArtifacts {
  equity: EquityColumns;
  orders: OrderRow[];
  fills: FillRow[];
  signals: SignalColumns;
  roundTrips: RoundTripRow[];
  comparison: ComparisonColumns;
  /** NDJSON, one JCS line per event exactly as chained; null with `event_log: off`. */
  eventLog: Uint8Array | null;
}

export interface BacktestOutput extends RunIdentity {
  eventLogHash: string | null;
  /** `full` only when replay is possible. */
  eventLogMode: 'full' | 'orders_only' | 'off';
  interval: string;
  currency: string;
  initialCash: number;
  /** RFC 3339 instant of the first decision, null when there was none. */
  firstDecision: string | null;
  metrics: Metrics;
  warnings: RunWarning[];
  counts: {
    bars: number;
    slices: number;
    orders: number;
    fills: number;
    signals: number;
    roundTrips: number;
    equityRows: number;
    events: number;
  };
  finalEquity: number;
  artifacts: BacktestArtifacts;
}
