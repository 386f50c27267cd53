import { decimal, percent, quantity } from './number-format.ts';
import type { Metrics } from './tear-sheet-input.ts';

export type MetricFormat = 'percent' | 'ratio' | 'money' | 'count' | 'periods';

export interface MetricEntry {
  readonly key: string;
  readonly label: string;
  readonly format: MetricFormat;
  /** What it is, in words a client understands; formulas are those of trading.md 7.9. */
  readonly meaning: string;
}

export interface MetricGroup {
  readonly title: string;
  /** Left out where it has no value at all. */
  readonly optional?: boolean;
  readonly entries: readonly MetricEntry[];
}

const entry = (key: string, label: string, format: MetricFormat, meaning: string): MetricEntry => ({
  key,
  label,
  format,
  meaning,
});

/** Every metric key of trading.md 7.10, in reading order. */
export const METRIC_GROUPS: readonly MetricGroup[] = [
  {
    title: 'Return',
    entries: [
      entry('total_return', 'Total return', 'percent', 'Final over starting equity, less one'),
      entry('cagr', 'CAGR', 'percent', 'Compound annual growth rate'),
      entry('final_equity', 'Final equity', 'money', 'Cash plus positions at the last close'),
    ],
  },
  {
    title: 'Risk',
    entries: [
      entry('volatility_ann', 'Volatility', 'percent', 'Standard deviation of returns, annualised'),
      entry('max_drawdown', 'Maximum drawdown', 'percent', 'Largest fall from a peak'),
      entry('max_drawdown_duration', 'Longest drawdown', 'periods', 'Longest run of periods below a peak'),
      entry('ulcer', 'Ulcer index', 'percent', 'Root mean square drawdown'),
      entry('var_95', 'Value at risk 95%', 'percent', '5% quantile of period returns'),
      entry('cvar_95', 'Conditional VaR 95%', 'percent', 'Mean return at or below the value at risk'),
      entry('skew', 'Skewness', 'ratio', 'Below zero: the larger surprises are losses'),
      entry('kurtosis', 'Kurtosis', 'ratio', 'Weight of the tails; a normal distribution has 3'),
    ],
  },
  {
    title: 'Risk-adjusted',
    entries: [
      entry('sharpe', 'Sharpe ratio', 'ratio', 'Excess return per unit of volatility, annualised'),
      entry('sortino', 'Sortino ratio', 'ratio', 'As Sharpe, counting downside deviation only'),
      entry('calmar', 'Calmar ratio', 'ratio', 'CAGR over maximum drawdown'),
      entry('omega', 'Omega ratio', 'ratio', 'Sum of gains over sum of losses'),
      entry('psr', 'Probabilistic Sharpe', 'percent', 'Probability that the true Sharpe ratio exceeds zero'),
    ],
  },
  {
    title: 'Against the benchmark',
    optional: true,
    entries: [
      entry('beta', 'Beta', 'ratio', 'Sensitivity to the benchmark'),
      entry('alpha', 'Alpha', 'percent', 'Annual return that beta does not explain'),
      entry('tracking_error', 'Tracking error', 'percent', 'Volatility of the difference in returns'),
      entry('information_ratio', 'Information ratio', 'ratio', 'Excess return per unit of tracking error'),
      entry('up_capture', 'Up capture', 'percent', 'Mean return over that of the benchmark when it rose'),
      entry('down_capture', 'Down capture', 'percent', 'The same when the benchmark fell'),
    ],
  },
  {
    title: 'Round trips',
    entries: [
      entry('n_round_trips', 'Round trips', 'count', 'Positions opened and closed again'),
      entry('win_rate', 'Win rate', 'percent', 'Share of round trips with a profit'),
      entry('profit_factor', 'Profit factor', 'ratio', 'Sum of profits over sum of losses'),
      entry('payoff', 'Payoff ratio', 'ratio', 'Average profit over average loss'),
      entry('expectancy', 'Expectancy', 'money', 'Average profit or loss of a round trip'),
      entry('mean_bars_held', 'Mean holding', 'ratio', 'Bars from entry to exit'),
    ],
  },
  {
    title: 'Activity and exposure',
    entries: [
      entry('exposure_time', 'Time in market', 'percent', 'Share of periods with a position'),
      entry('mean_gross', 'Mean gross exposure', 'percent', 'Absolute market value over equity'),
      entry('mean_net', 'Mean net exposure', 'percent', 'Signed market value over equity'),
      entry('turnover', 'Turnover', 'ratio', 'Traded value over starting equity'),
      entry('turnover_ann', 'Annual turnover', 'ratio', 'Half the traded value over mean equity, per year'),
      entry('n_trades', 'Fills', 'count', 'Executions'),
      entry('n_orders', 'Orders', 'count', 'Orders, denied ones included'),
      entry('n_bars', 'Bars', 'count', 'Bars of all symbols, warm-up included'),
    ],
  },
  {
    title: 'Costs',
    entries: [
      entry('commission_total', 'Commission', 'money', 'Charged on fills'),
      entry('slippage_total', 'Slippage', 'money', 'Worse fill prices; contained in them'),
      entry('borrow_total', 'Borrow', 'money', 'Fees on short positions'),
      entry('interest_total', 'Interest', 'money', 'On cash and debit balances'),
      entry('cost_drag', 'Cost drag', 'percent', 'CAGR before costs less CAGR after'),
    ],
  },
];

const CATALOGUE = new Map(METRIC_GROUPS.flatMap((group) => group.entries).map((item) => [item.key, item]));

/** Keys a newer engine may add are shown by their own name. */
export function metricsBeyondCatalogue(metrics: Metrics): string[] {
  return Object.keys(metrics)
    .filter((key) => !CATALOGUE.has(key))
    .sort();
}

/** The printed value of a metric; an en dash when it is null, absent or not finite. */
export function metricText(metrics: Metrics, key: string): string {
  const value = metrics[key];
  switch (CATALOGUE.get(key)?.format) {
    case 'percent':
      return percent(value);
    case 'money':
      return decimal(value);
    case 'count':
    case 'periods':
      return quantity(value, 0);
    case 'ratio':
      return decimal(value);
    default:
      return quantity(value, 6);
  }
}
