import type { Interval } from '../bars/index.ts';
import type { ComponentSpec } from '../models/index.ts';
import type { RiskBlock } from './risk-block.ts';

export type AccountSpec =
  | { type: 'cash' }
  | { type: 'margin'; initial: number; maintenance_long: number; maintenance_short: number; max_leverage: number };

/** `backtest.kwargs` with every default filled in (trading.md 3.8). */
export interface BacktestKwargs {
  start: string | null;
  end: string | null;
  interval: Interval;
  normalization: 'raw' | 'split_adjusted' | 'adjusted' | 'total_return';
  initial_cash: number;
  currency: string;
  account: AccountSpec;
  slippage: ComponentSpec;
  commission: ComponentSpec;
  max_participation: number;
  limit_touch: 'through' | 'touch';
  intrabar: 'adverse_first' | 'adaptive' | 'ohlc' | 'olhc';
  on_insufficient: 'reduce' | 'reject';
  cash_buffer: number;
  min_order_value: number;
  min_drift: number;
  lot_size: number;
  borrow_rate: number;
  cash_yield: number;
  debit_rate: number;
  not_borrowable: string[];
  close_at_end: boolean;
  metrics_freq: 'session' | 'bar';
  mar: number;
  reentry: 'immediate' | 'next_signal';
  calendar: string | null;
  extended_hours: boolean;
  event_log: 'full' | 'orders_only' | 'off';
  benchmark: string | null;
  risk_free: number;
  seed: number;
}

export interface StrategyKwargs {
  universe_model: ComponentSpec;
  alpha_model?: ComponentSpec;
  portfolio_model?: ComponentSpec;
  risk_model: ComponentSpec;
  execution_model: ComponentSpec;
  rebalance_every: number;
}

/** The hash-locked form of a recipe: aliases resolved, short forms expanded, labels left out, defaults filled in. */
export interface NormalisedRecipe {
  schema_version: 1;
  strategy: { class: 'FrameworkAlgorithm'; kwargs: StrategyKwargs };
  backtest: { engine: 'event'; kwargs: BacktestKwargs };
  /** As written, no default filled in. */
  risk?: RiskBlock;
  session?: Record<string, unknown>;
  brokerage?: unknown;
  feed?: unknown;
}

/**
 * Something the caller should know although the run is fine. `count`: how many inputs it is about; `example`: one of
 * them as text.
 */
export interface RunWarning {
  code: string;
  message: string;
  vt_symbol?: string;
  count?: number;
  example?: string;
}

export interface NormalisationResult {
  recipe: NormalisedRecipe;
  specHash: string;
  warmupBars: number;
  warnings: RunWarning[];
}
