import * as quant from '#quant';
import type { BacktestInput, BacktestOutput, BarSeries, Interval } from '#quant';
import type { FusedResult } from './fused.ts';

export type Mode = 'event' | 'level';
export type Log = 'off' | 'full';
export const INITIAL_CASH = 100_000;

/** The engine of this checkout, or of another one. */
export type Quant = Pick<typeof quant, 'normaliseRecipe' | 'runBacktest'>;

export interface Account {
  initial_cash?: number;
  slippage_bps?: number;
  commission_pct?: number;
}

/**
 * The recipe a caller would send: EmaCross(20, 50), long or flat, equal weights over all symbols, whole lots, every
 * cost at its default unless `account` says otherwise.
 */
export function inputOf(
  series: readonly BarSeries[],
  interval: Interval,
  mode: Mode,
  log: Log,
  { account = {}, engine = quant }: { account?: Account; engine?: Quant } = {},
): BacktestInput {
  const kwargs = {
    universe_model: { class: 'StaticUniverse', kwargs: { symbols: series.map((bars) => bars.vtSymbol) } },
    alpha_model: { class: 'EmaCross', kwargs: { fast: 20, slow: 50, mode } },
    portfolio_model: { class: 'EqualWeight', kwargs: { max_positions: series.length } },
  };
  const backtest = { engine: 'event', kwargs: { interval, event_log: log, initial_cash: INITIAL_CASH, ...account } };
  const { recipe, specHash } = engine.normaliseRecipe({ strategy: { class: 'FrameworkAlgorithm', kwargs }, backtest });
  const instruments = Object.fromEntries(series.map((bars) => [bars.vtSymbol, { lot_size: 1 }]));
  return { recipe, specHash, seed: 42, series, instruments };
}

/**
 * Shares of one run's time, in percent: preparation with the hash of the data, the bars, and the metrics with
 * everything after them.
 */
export function phases(input: BacktestInput): { preparation: number; bars: number; metrics: number } {
  const marks: Partial<Record<string, number>> = {};
  const from = performance.now();
  quant.runBacktest(input, { onStage: (stage) => void (marks[stage] ??= performance.now()) });
  const to = performance.now();
  const loaded = marks['data.loaded'] ?? from;
  const measured = marks['metrics'] ?? to;
  const percent = (ms: number): number => (100 * ms) / (to - from);
  return { preparation: percent(loaded - from), bars: percent(measured - loaded), metrics: percent(to - measured) };
}

function decimalUnits(text: string): number {
  const [whole, fraction = ''] = text.split('.');
  return Number(whole! + fraction.padEnd(8, '0'));
}

/**
 * Fails unless every fill (symbol, side, quantity, price, commission) and the last equity mark, unrounded, are those of
 * the fused loop.
 */
export function requireEqual(
  name: string,
  output: BacktestOutput,
  fused: FusedResult,
  series: readonly BarSeries[],
): void {
  const fills = output.artifacts.fills;
  const different = (what: string): Error => new Error(`${name}: the engine and the fused loop differ: ${what}`);
  if (fills.length !== fused.fills.length) throw different(`${fills.length} and ${fused.fills.length} fills`);
  fills.forEach((fill, i) => {
    const other = fused.fills[i]!;
    const same =
      fill.vt_symbol === series[other.symbol]!.vtSymbol &&
      Number(fill.quantity) === Math.abs(other.quantity) &&
      (fill.side === 'buy') === other.quantity > 0 &&
      decimalUnits(fill.price) === other.price &&
      decimalUnits(fill.commission) === other.commission;
    if (!same) throw different(`fill ${i + 1} is ${JSON.stringify(fill)} and ${JSON.stringify(other)}`);
  });
  const { equity, length } = output.artifacts.equity;
  if (equity[length - 1] !== fused.finalEquity)
    throw different(`last equity mark ${equity[length - 1]} and ${fused.finalEquity}`);
}
