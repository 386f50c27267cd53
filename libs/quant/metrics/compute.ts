import type { Calendar } from '../calendars/index.ts';
import type { BacktestKwargs } from '../recipe/index.ts';
import { METRIC_KEYS, type MetricKey, type Metrics } from './metrics.ts';
import type { PairedReturns } from './pairs.ts';
import { periodsPerYear } from './periods.ts';
import { psr } from './sharpe-significance.ts';
import { NO_SPREAD, deviation, drawdowns, mean, quantile, shapeOf } from './statistics.ts';

interface EquityMarks {
  length: number;
  equity: Float64Array;
  /** Gross and net exposure at each of these ascending rows, and whether anything was held. */
  exposures(rows: Int32Array, take: (row: number, gross: number, net: number, held: boolean) => void): void;
}
interface Trip {
  pnl: number;
  barsHeld: number;
}

export interface MetricsInput {
  equity: EquityMarks;
  /** Rows E_0..E_n as `sampleRows` names them; empty when there was no decision. */
  samples: Int32Array;
  calendar: Calendar;
  options: BacktestKwargs;
  /** Over the periods that the run and its benchmark both have. */
  benchmark: PairedReturns | null;
  roundTrips: readonly Trip[];
  costs: { commission: number; slippage: number; borrow: number; interest: number; atFirst: number; atEnd: number };
  traded: number;
  bars: number;
  orders: number;
  fills: number;
}

type Found = { [K in MetricKey]?: number | null };

function annualised(ratio: number, periods: number, perYear: number): number | null {
  return periods > 0 && ratio >= 0 ? ratio ** (perYear / periods) - 1 : null;
}

function quotient(a: number | null, b: number | null): number | null {
  return a === null || b === null || Math.abs(b) < NO_SPREAD ? null : a / b;
}

function picked(values: Float64Array, rows: Int32Array): Float64Array {
  const out = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i]!]!;
  return out;
}

function returnsOf(values: Float64Array): Float64Array {
  const out = new Float64Array(Math.max(0, values.length - 1));
  for (let i = 1; i < values.length; i++) out[i - 1] = values[i]! / values[i - 1]! - 1;
  return out;
}

function risk(r: Float64Array, options: BacktestKwargs, perYear: number): Found {
  const rf = options.risk_free / perYear;
  const { mean: average, deviation: s, skew, kurtosis } = shapeOf(r);
  const var95 = r.length === 0 ? null : quantile(r, 0.05);
  let below = 0;
  let gains = 0;
  let losses = 0;
  let tail = 0;
  let tailCount = 0;
  for (let i = 0; i < r.length; i++) {
    const x = r[i]!;
    const short = x - options.mar;
    if (short < 0) below += short * short;
    if (x > 0) gains += x;
    else losses -= x;
    if (x <= var95!) {
      tail += x;
      tailCount++;
    }
  }
  const perPeriod = quotient(average - rf, s);
  const sortino = r.length === 0 ? null : quotient(average - options.mar, Math.sqrt(below / r.length));
  return {
    volatility_ann: s === null ? null : s * Math.sqrt(perYear),
    sharpe: perPeriod === null ? null : perPeriod * Math.sqrt(perYear),
    sortino: sortino === null ? null : sortino * Math.sqrt(perYear),
    omega: losses === 0 ? null : gains / losses,
    var_95: var95,
    cvar_95: var95 === null ? null : tail / tailCount,
    skew,
    kurtosis,
    psr:
      perPeriod === null || skew === null || kurtosis === null
        ? null
        : psr({ sharpe: perPeriod, n: r.length, skew, kurtosis }),
  };
}

function fallsFromPeaks(marks: Float64Array): Found {
  const falls = drawdowns(marks);
  let worst = 0;
  let run = 0;
  let longest = 0;
  let squares = 0;
  for (let i = 1; i < falls.length; i++) {
    const fall = falls[i]!;
    if (fall < worst) worst = fall;
    run = fall < 0 ? run + 1 : 0;
    if (run > longest) longest = run;
    squares += fall * fall;
  }
  return {
    max_drawdown: worst,
    max_drawdown_duration: longest,
    ulcer: falls.length < 2 ? null : Math.sqrt(squares / (falls.length - 1)),
  };
}

function exposure(marks: EquityMarks, rows: Int32Array): Found {
  const n = rows.length - 1;
  if (n < 1) return {};
  let held = 0;
  let gross = 0;
  let net = 0;
  marks.exposures(rows.subarray(1), (row, grossValue, netValue, any) => {
    if (any) held++;
    gross += grossValue / marks.equity[row]!;
    net += netValue / marks.equity[row]!;
  });
  return { exposure_time: held / n, mean_gross: gross / n, mean_net: net / n };
}

function trips(rows: readonly Trip[]): Found {
  const pnls = rows.map((row) => row.pnl);
  const wins = pnls.filter((pnl) => pnl > 0);
  const losses = pnls.filter((pnl) => pnl < 0);
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
  const some = rows.length > 0;
  return {
    n_round_trips: rows.length,
    win_rate: some ? wins.length / rows.length : null,
    profit_factor: losses.length > 0 ? total(wins) / -total(losses) : null,
    payoff: wins.length > 0 && losses.length > 0 ? total(wins) / wins.length / (-total(losses) / losses.length) : null,
    expectancy: some ? total(pnls) / rows.length : null,
    mean_bars_held: some ? total(rows.map((row) => row.barsHeld)) / rows.length : null,
  };
}

function capture(r: Float64Array, b: Float64Array, side: 1 | -1): number | null {
  const at = [...b.keys()].filter((i) => b[i]! * side > 0);
  return at.length === 0 ? null : mean(at.map((i) => r[i]!)) / mean(at.map((i) => b[i]!));
}

/**
 * β = cov/var, α, tracking error, information ratio and capture against the benchmark over the periods that both have.
 */
function against(
  all: Float64Array,
  { periods, returns: b }: PairedReturns,
  options: BacktestKwargs,
  perYear: number,
): Found {
  const r = Float64Array.from(periods, (period) => all[period]!);
  const captures = { up_capture: capture(r, b, 1), down_capture: capture(r, b, -1) };
  if (r.length < 2) return captures;
  const rf = options.risk_free / perYear;
  const [meanR, meanB] = [mean(r), mean(b)];
  let covariance = 0;
  for (let i = 0; i < r.length; i++) covariance += (r[i]! - meanR) * (b[i]! - meanB);
  covariance /= r.length - 1;
  const spread = deviation(b);
  const beta = spread === null || spread === 0 ? null : covariance / (spread * spread);
  const active = r.map((x, i) => x - b[i]!);
  const error = deviation(active);
  const ratio = quotient(mean(active), error);
  return {
    beta,
    alpha: beta === null ? null : (meanR - rf - beta * (meanB - rf)) * perYear,
    tracking_error: error === null ? null : error * Math.sqrt(perYear),
    information_ratio: ratio === null ? null : ratio * Math.sqrt(perYear),
    ...captures,
  };
}

/** All metrics of trading.md 7.9 and 7.10 for one run. Without a decision every value is null. */
export function computeMetrics(input: MetricsInput): Metrics {
  const { equity, options, costs, samples: rows } = input;
  const metrics = Object.fromEntries(METRIC_KEYS.map((key) => [key, null])) as Metrics;
  if (rows.length === 0) return metrics;
  const perYear = periodsPerYear(input.calendar, options);
  const n = rows.length - 1;
  const marks = picked(equity.equity, rows);
  const r = returnsOf(marks);
  const growth = marks[n]! / marks[0]!;
  const cagr = annualised(growth, n, perYear);
  const falls = fallsFromPeaks(marks);
  const grossCagr = annualised((marks[n]! + costs.atEnd) / (marks[0]! + costs.atFirst), n, perYear);
  const found: Found = {
    total_return: growth - 1,
    cagr,
    ...risk(r, options, perYear),
    ...falls,
    calmar: cagr === null || !falls.max_drawdown ? null : cagr / Math.abs(falls.max_drawdown),
    turnover: input.traded / marks[0]!,
    turnover_ann: n < 1 ? null : ((0.5 * input.traded) / mean(marks.subarray(1))) * (perYear / n),
    ...exposure(equity, rows),
    ...trips(input.roundTrips),
    commission_total: costs.commission,
    slippage_total: costs.slippage,
    borrow_total: costs.borrow,
    interest_total: costs.interest,
    cost_drag: cagr === null || grossCagr === null ? null : grossCagr - cagr,
    final_equity: Number(equity.equity[equity.length - 1]!.toFixed(8)),
    n_bars: input.bars,
    n_orders: input.orders,
    n_trades: input.fills,
  };
  Object.assign(metrics, found);
  if (input.benchmark) Object.assign(metrics, against(r, input.benchmark, options, perYear));
  for (const key of METRIC_KEYS) if (metrics[key] !== null && !Number.isFinite(metrics[key])) metrics[key] = null;
  return metrics;
}
