/** Milliseconds UTC, or RFC 3339 text. */
export type Instant = number | string;

export interface TearSheetRun {
  readonly id: string;
  readonly name: string | null;
  readonly status: string;
  readonly engine: string;
  readonly engine_version: string;
  readonly seed: number;
  readonly currency: string;
  readonly interval: string;
  readonly start: Instant | null;
  readonly end: Instant | null;
  readonly initial_cash: number;
  readonly completed_at: Instant | null;
  /** Universe of the run. Absent: `strategy.kwargs.universe_model.kwargs.symbols` of the recipe. */
  readonly symbols?: readonly string[];
  /** Instant of E_0 (trading.md 7.9). Absent or null: the first equity row. */
  readonly first_decision?: Instant | null;
  /** Exchange whose calendar cuts the periods of the metrics. */
  readonly calendar: string;
  /** Default `session`. */
  readonly metrics_freq?: 'session' | 'bar';
  /** A of trading.md 7.9 for sessions, or weeks of weekly bars; also the long rolling window. Default 252. */
  readonly sessions_per_year?: number;
  /** Annual rate, as in the recipe. Default 0. */
  readonly risk_free?: number;
}

/** Null where the run has no such hash, for example `event_log_hash` of a run with its log off. */
export interface TearSheetHashes {
  readonly spec_hash: string | null;
  readonly dataset_hash: string | null;
  readonly run_hash: string | null;
  readonly event_log_hash: string | null;
  readonly context_hash: string | null;
}

/**
 * Equity rows as columns of equal length, ascending by `ts`. `ts` is the instant of the slice, so the close of the bar,
 * in ms UTC; `session` the session date the engine gave it, as its 00:00Z in ms. Days, months and years are cut by
 * `session` alone: sessions cross midnight, and a close at midnight ends the day before. `equity`, `cash`, `gross` (sum
 * of |market value|) and `net` are money in account currency; `drawdown` is a fraction <= 0.
 */
export interface EquityColumns {
  readonly ts: Float64Array;
  readonly session: Float64Array;
  readonly equity: Float64Array;
  readonly drawdown: Float64Array;
  readonly gross: Float64Array;
  readonly net: Float64Array;
  readonly cash: Float64Array;
}

/**
 * What the run is compared with, in account currency from the same starting equity: the last value known at each
 * instant.
 */
export interface BenchmarkColumns {
  readonly label: string;
  readonly ts: Float64Array;
  readonly value: Float64Array;
  /** The metrics of trading.md 7.9 applied to `value`; printed beside those of the run where present. */
  readonly metrics?: Metrics;
}

/** Keys of trading.md 7.10; null = undefined. */
export type Metrics = Readonly<Record<string, number | null>>;

/** One row of trading.md 7.10; `return`, `mae`, `mfe` are fractions. */
export interface RoundTripRow {
  readonly vt_symbol: string;
  readonly direction: string;
  readonly quantity: number;
  readonly entry_ts: Instant;
  readonly exit_ts: Instant;
  readonly entry_price: number;
  readonly exit_price: number;
  readonly pnl: number;
  readonly return: number | null;
  readonly bars_held: number;
  readonly mae: number | null;
  readonly mfe: number | null;
}

/** A code alone, or a document with `code` and what else the engine recorded. */
export type TearSheetWarning = string | ({ readonly code: string } & Readonly<Record<string, unknown>>);

export interface TearSheetInput {
  readonly run: TearSheetRun;
  readonly hashes: TearSheetHashes;
  /** The recipe document, normalised (trading.md 3.8). */
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly metrics: Metrics;
  readonly warnings: readonly TearSheetWarning[];
  readonly equity: EquityColumns;
  readonly benchmark?: BenchmarkColumns | null;
  readonly roundTrips: readonly RoundTripRow[];
}
