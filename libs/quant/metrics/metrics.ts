/** Keys of trading.md 7.10 in their order. An undefined value is null, never 0 or NaN. */
export const METRIC_KEYS = [
  'total_return', 'cagr', 'volatility_ann', 'sharpe', 'sortino', 'max_drawdown', 'max_drawdown_duration', 'calmar', 'ulcer', 'omega', 'var_95', 'cvar_95',
  'skew', 'kurtosis', 'turnover', 'turnover_ann', 'exposure_time', 'mean_gross', 'mean_net', 'psr', 'win_rate', 'profit_factor', 'payoff', 'expectancy',
  'mean_bars_held', 'n_round_trips', 'beta', 'alpha', 'tracking_error', 'information_ratio', 'up_capture', 'down_capture', 'commission_total', 'slippage_total',
  'borrow_total', 'interest_total', 'cost_drag', 'final_equity', 'n_bars', 'n_orders', 'n_trades',
] as const;

export type MetricKey = (typeof METRIC_KEYS)[number];
export type Metrics = Record<MetricKey, number | null>;
