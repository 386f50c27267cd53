import { inlineBarsToSeries, type BarSeries, type InlineBar, type Interval } from '../bars/index.ts';
import { equityRows, runBacktest, type BacktestInput, type BacktestOutput, type EquityRow } from '../engine/index.ts';
import { normaliseRecipe, type NormalisationResult } from '../recipe/index.ts';
import type { OrderRow } from '../engine/index.ts';

/** Ten US equity sessions of January 2024, the days of scenario A. */
export const SESSIONS = [
  '2024-01-02',
  '2024-01-03',
  '2024-01-04',
  '2024-01-05',
  '2024-01-08',
  '2024-01-09',
  '2024-01-10',
  '2024-01-11',
  '2024-01-12',
  '2024-01-16',
] as const;

/** open/high/low/close of scenario A. */
export const SCENARIO_A: readonly (readonly number[])[] = [
  [100, 101, 99, 100],
  [101, 103, 100, 102],
  [102, 104, 101, 103],
  [104, 106, 103, 105],
  [105, 107, 104, 106],
  [106, 106, 101, 102],
  [101, 102, 98, 99],
  [99, 101, 97, 100],
  [100, 104, 100, 103],
  [103, 105, 102, 104],
];

type Kwargs = Record<string, unknown>;

export interface RecipeParts {
  symbols?: string[];
  alpha?: { class: string; kwargs?: Kwargs };
  portfolio?: { class: string; kwargs?: Kwargs };
  risk?: { class: string; kwargs?: Kwargs };
  execution?: { class: string; kwargs?: Kwargs };
  rebalanceEvery?: number;
  kwargs?: Kwargs;
  extra?: Kwargs;
}

/** A recipe document on X.SIM with the default costs. */
export function recipe(parts: RecipeParts = {}): Kwargs {
  const strategy: Kwargs = {
    universe_model: { class: 'StaticUniverse', kwargs: { symbols: parts.symbols ?? ['X.SIM'] } },
  };
  if (parts.alpha) strategy['alpha_model'] = parts.alpha;
  if (parts.portfolio) strategy['portfolio_model'] = parts.portfolio;
  if (parts.risk) strategy['risk_model'] = parts.risk;
  if (parts.execution) strategy['execution_model'] = parts.execution;
  if (parts.rebalanceEvery) strategy['rebalance_every'] = parts.rebalanceEvery;
  return {
    strategy: { class: 'FrameworkAlgorithm', kwargs: strategy },
    backtest: { engine: 'event', kwargs: parts.kwargs ?? {} },
    ...parts.extra,
  };
}

/** Scenario A's targets. */
export function scenarioA(kwargs: Kwargs = {}): Kwargs {
  const targets = [
    [0, 0.95],
    [5, 0],
    [7, 0.5],
  ].map(([bar, weight]) => ({ time: SESSIONS[bar!], vt_symbol: 'X.SIM', weight }));
  return recipe({ portfolio: { class: 'ScheduledTargets', kwargs: { targets } }, kwargs });
}

/** A recipe whose orders are the given table; `bar` counts the sessions from 1. */
export function ordersRecipe(
  orders: ({ bar: number; vt_symbol?: string } & Kwargs)[],
  kwargs: Kwargs = {},
  symbols?: string[],
): Kwargs {
  const rows = orders.map(({ bar, ...order }) => ({
    time: SESSIONS[bar - 1],
    vt_symbol: 'X.SIM',
    order_type: 'market',
    ...order,
  }));
  return recipe({ symbols, execution: { class: 'ScheduledOrders', kwargs: { orders: rows } }, kwargs });
}

/** Daily bars `[open, high, low, close, volume?]` on the sessions from `from` (counted from 0). */
export function dailyBars(
  rows: readonly (readonly (number | null)[])[],
  vtSymbol = 'X.SIM',
  dates: readonly string[] = SESSIONS,
): InlineBar[] {
  return rows.map(([open, high, low, close, volume], i) => ({
    vt_symbol: vtSymbol,
    time: dates[i]!,
    open: open!,
    high: high!,
    low: low!,
    close: close!,
    volume: volume ?? null,
  }));
}

/** Bars of one price each, or from an open to a close. */
export function barsOf(
  vtSymbol: string,
  rows: readonly (readonly [time: string, close: number, open?: number])[],
): InlineBar[] {
  return rows.map(([time, close, open = close]) => ({
    vt_symbol: vtSymbol,
    time,
    open,
    high: Math.max(open, close),
    low: Math.min(open, close),
    close,
    volume: null,
  }));
}

export interface Ran extends BacktestOutput {
  rows: EquityRow[];
  normalised: NormalisationResult;
}

/** Normalises and runs. */
export function run(
  document: unknown,
  bars: readonly InlineBar[] | BarSeries[],
  options: Partial<BacktestInput> = {},
): Ran {
  const normalised = normaliseRecipe(document);
  const interval: Interval = normalised.recipe.backtest.kwargs.interval;
  const series =
    bars.length > 0 && 'vtSymbol' in bars[0]!
      ? (bars as BarSeries[])
      : inlineBarsToSeries(bars as InlineBar[], interval).series;
  const output = runBacktest({
    recipe: normalised.recipe,
    specHash: normalised.specHash,
    seed: normalised.recipe.backtest.kwargs.seed,
    series,
    ...options,
  });
  return { ...output, rows: [...equityRows(output.artifacts.equity)], normalised };
}

/** Equity rows as a replay gives them: the log tells no session dates. */
export function toldRows({ rows }: Ran): Omit<EquityRow, 'session_date'>[] {
  return rows.map(({ session_date: _, ...row }) => row);
}

/** `side quantity @ price` of each fill. */
export function fillsOf(result: BacktestOutput): string[] {
  return result.artifacts.fills.map((fill) => `${fill.side} ${fill.quantity} @ ${fill.price}`);
}

export function orderOf(result: BacktestOutput, orderId: string): OrderRow {
  const order = result.artifacts.orders.find((row) => row.order_id === orderId);
  if (!order) throw new Error(`no order ${orderId}`);
  return order;
}

/** Events of a full log, parsed. */
export function eventsOf(result: BacktestOutput): Record<string, unknown>[] {
  return new TextDecoder()
    .decode(result.artifacts.eventLog!)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
