import {
  comparisonRows,
  equityRows,
  inlineBarsToSeries,
  normaliseRecipe,
  runBacktest,
  signalRows,
  type BarSeries,
  type Interval,
} from '#quant';
import { adjust, type BarTable, type PriceAction } from '#quant/market-data';
import type { ComparableRun } from './compare.ts';
import type { Row } from './engine.ts';
import type { GeneratedCase } from './recorded-draw.ts';
import type { Action } from './input.ts';
import { placeBars } from './slices.ts';

const DAY = 86_400_000;

/** The series as the store would hand them out: adjusted for the stored splits and dividends of the symbol. */
function asStored(
  series: BarSeries,
  test: GeneratedCase,
  interval: string,
  normalization: 'adjusted' | 'split_adjusted',
): BarSeries {
  const { time, open, high, low, close, volume, vtSymbol } = series;
  const rows = placeBars(test.bars, [vtSymbol], {
    ...test.document.backtest.kwargs,
    interval,
    end: null,
    extended_hours: true,
  }).bars;
  const sessionDay = time.map(
    (label) =>
      Date.parse(rows.find((row) => row.label === label)?.session ?? new Date(label).toISOString().slice(0, 10)) / DAY,
  );
  const none = new Float64Array(time.length).fill(Number.NaN);
  const table: BarTable = { time, sessionDay, open, high, low, close, volume, vwap: none, tradeCount: none };
  const closeBefore = (day: number): number => close[sessionDay.findLastIndex((own) => own < day)] ?? Number.NaN;
  const actions = test.actions
    .filter((one) => one.vt_symbol === vtSymbol)
    .flatMap((one): PriceAction[] => {
      const exDay = Date.parse(one.ex_date) / DAY;
      if (one.type === 'split') return [{ kind: 'split', exDay, ratio: one.ratio! }];
      return one.type === 'dividend' ? [{ kind: 'dividend', exDay, cash: one.amount!, currency: null }] : [];
    });
  return { ...series, ...adjust(table, actions, normalization, { closeBefore, currency: null }).table };
}

const priced = (action: Action): boolean => action.type === 'split' || action.type === 'dividend';

/**
 * The engine of libs/quant behind the same doors as the API: normalise, place the bars, run; its columns turned into
 * rows.
 */
export function productionRun(
  test: GeneratedCase,
): ComparableRun & { engineVersion: string; eventLogHash: string | null; contextHash: string } {
  const { recipe, specHash } = normaliseRecipe(test.document);
  const { benchmark, interval, normalization } = recipe.backtest.kwargs;
  const adjusted = test.stored && normalization !== 'raw';
  const series = inlineBarsToSeries(test.bars, interval as Interval).series.map((one: BarSeries) =>
    adjusted ? asStored(one, test, interval, normalization as 'adjusted') : one,
  );
  const universe = recipe.strategy.kwargs.universe_model.kwargs.symbols as string[];
  const beside = series.find((one: BarSeries) => one.vtSymbol === benchmark);
  const actions = adjusted ? test.actions.filter((action) => !priced(action)) : test.actions;
  const output = runBacktest({
    recipe,
    specHash,
    seed: test.seed,
    series: series.filter((one: BarSeries) => universe.includes(one.vtSymbol)),
    actions: actions as never,
    instruments: test.instruments,
    ...(beside ? { benchmark: beside } : {}),
  });
  const { artifacts } = output;
  return {
    specHash,
    datasetHash: output.datasetHash,
    runHash: output.runHash,
    contextHash: output.contextHash,
    engineVersion: output.engineVersion,
    eventLogHash: output.eventLogHash,
    fills: artifacts.fills as never,
    orders: artifacts.orders as never,
    signals: [...signalRows(artifacts.signals)] as never,
    equity: [...equityRows(artifacts.equity)] as never,
    roundTrips: artifacts.roundTrips as never,
    comparison: [...comparisonRows(artifacts.comparison)] as never,
    metrics: output.metrics,
    warnings: output.warnings as never,
    events:
      artifacts.eventLog === null
        ? []
        : Buffer.from(artifacts.eventLog)
            .toString('utf8')
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as Row),
  };
}
