import type { RiskBlock } from '../../recipe/index.ts';

/**
 * Limits in force, by the keys of trading.md 8.3; null = no limit. Fractions of equity unless the key says otherwise.
 */
export interface RiskLimits {
  readonly max_position_pct: number | null;
  readonly max_concentration_pct: number | null;
  readonly max_gross_exposure: number | null;
  readonly max_net_exposure: number | null;
  readonly max_short_exposure: number | null;
  readonly max_sector_pct: number | null;
  readonly max_order_notional: number | null;
  /** Units. */
  readonly max_order_qty: number | null;
  readonly price_collar_pct: number | null;
  readonly max_adv_pct: number | null;
  readonly max_messages_per_s: number | null;
  readonly message_burst: number | null;
  readonly max_messages_per_day: number | null;
  readonly max_open_orders: number | null;
  readonly max_open_orders_per_symbol: number | null;
  readonly duplicate_window_ms: number | null;
  readonly restricted: readonly string[];
  readonly max_stale_intervals: number | null;
  readonly max_daily_loss_pct: number | null;
  readonly max_drawdown_pct: number | null;
}

/** The defaults of the table of trading.md 8.3. */
export const DEFAULT_LIMITS: RiskLimits = {
  max_position_pct: 0.2,
  max_concentration_pct: 0.5,
  max_gross_exposure: 1,
  max_net_exposure: 1,
  max_short_exposure: 0,
  max_sector_pct: 0.35,
  max_order_notional: 0.25,
  max_order_qty: null,
  price_collar_pct: 0.05,
  max_adv_pct: 0.1,
  max_messages_per_s: 5,
  message_burst: 20,
  max_messages_per_day: 1_000,
  max_open_orders: 50,
  max_open_orders_per_symbol: 10,
  duplicate_window_ms: 500,
  restricted: [],
  max_stale_intervals: 3,
  max_daily_loss_pct: 0.03,
  max_drawdown_pct: 0.15,
};

/**
 * A block over the defaults: a key that is absent leaves the default, null takes the limit away. Keys that no backtest
 * knows have no effect.
 */
export function effectiveLimits(block: RiskBlock, defaults: RiskLimits = DEFAULT_LIMITS): RiskLimits {
  const limits: Record<string, unknown> = { ...defaults };
  for (const key of Object.keys(defaults) as (keyof RiskLimits)[])
    if (block[key] !== undefined) limits[key] = block[key];
  return limits as unknown as RiskLimits;
}
