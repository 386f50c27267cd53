import { equityRows, inlineBarsToSeries, normaliseRecipe, runBacktest, signalRows, type BarSeries, type Interval } from '#quant';
import type { ComparableRun } from './compare.ts';
import type { Row } from './engine.ts';
import type { GeneratedCase } from './recorded-draw.ts';

/** The engine of libs/quant behind the same doors as the API: normalise, place the bars, run; its columns turned into rows. */
export function productionRun(test: GeneratedCase): ComparableRun & { warnings: Row[]; engineVersion: string; eventLogHash: string | null; contextHash: string } {
  const { recipe, specHash } = normaliseRecipe(test.document);
  const kwargs = recipe.backtest.kwargs;
  const { series } = inlineBarsToSeries(test.bars, kwargs.interval as Interval);
  const universe = recipe.strategy.kwargs.universe_model.kwargs.symbols as string[];
  const known = series.filter((one: BarSeries) => universe.includes(one.vtSymbol));
  const benchmark = series.find((one: BarSeries) => one.vtSymbol === kwargs.benchmark);
  const output = runBacktest({ recipe, specHash, seed: test.seed, series: known, actions: test.actions as never, instruments: test.instruments, ...(benchmark ? { benchmark } : {}) });
  const { artifacts } = output;
  return {
    specHash, datasetHash: output.datasetHash, runHash: output.runHash, contextHash: output.contextHash, engineVersion: output.engineVersion, eventLogHash: output.eventLogHash,
    fills: artifacts.fills as never, orders: artifacts.orders as never, signals: [...signalRows(artifacts.signals)] as never, equity: [...equityRows(artifacts.equity)] as never,
    roundTrips: artifacts.roundTrips as never, metrics: output.metrics, warnings: output.warnings as never,
    events: artifacts.eventLog === null ? [] : Buffer.from(artifacts.eventLog).toString('utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Row),
  };
}
