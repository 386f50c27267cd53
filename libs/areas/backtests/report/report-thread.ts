import type { PackedInput } from '../engine/engine-thread.ts';
import { olderRun } from './older-run.ts';
import { type PlotFigure, type PlotKind, plotFigure } from './plot-figure.ts';
import { renderTearSheet } from './render-tear-sheet.ts';
import { type ComparedColumns, comparedColumns, equityColumns, roundTrips, rowsOf } from './stored-rows.ts';
import type { BenchmarkColumns, EquityColumns, TearSheetInput } from './tear-sheet-input.ts';

/** What crosses into the thread: the run's row, and its artifacts as NDJSON. */
export interface ReportTask {
  page: 'tear-sheet' | PlotKind;
  meta: Omit<TearSheetInput, 'equity' | 'benchmark' | 'roundTrips'>;
  /** Symbol of the recipe's benchmark. */
  benchmark: string | null;
  equity: Uint8Array;
  roundTrips: Uint8Array;
  /** Its comparison; or, of a run whose engine wrote none, what it ran on, as that is now. */
  compared: { comparison: Uint8Array } | { ranOn: PackedInput };
}

/** Entry of the worker thread that draws reports. */
export default function reportThread(task: ReportTask): string | PlotFigure {
  const { equity, compared } = storedSeries(task);
  const input: TearSheetInput = {
    ...task.meta,
    equity,
    benchmark: benchmarkOf(task, equity, compared),
    roundTrips: roundTrips(rowsOf(task.roundTrips)),
  };
  return task.page === 'tear-sheet' ? renderTearSheet(input) : plotFigure(task.page, input);
}

function storedSeries({ equity, compared, meta }: ReportTask): {
  equity: EquityColumns;
  compared: ComparedColumns | null;
} {
  const stored = rowsOf(equity);
  return 'comparison' in compared
    ? { equity: equityColumns(stored), compared: comparedColumns(rowsOf(compared.comparison)) }
    : olderRun(stored, compared.ranOn, meta);
}

/** The benchmark where it has values, else the universe held in equal parts. */
function benchmarkOf(
  { benchmark, meta }: ReportTask,
  equity: EquityColumns,
  compared: ComparedColumns | null,
): BenchmarkColumns | null {
  if (compared === null || equity.ts.length === 0) return null;
  if (benchmark !== null && compared.benchmark.some(Number.isFinite))
    return { label: `Benchmark ${benchmark}`, ts: equity.ts, value: compared.benchmark };
  if (!compared.buyAndHold.some(Number.isFinite)) return null;
  const symbols = meta.run.symbols ?? [];
  return {
    label: symbols.length === 1 ? `Buy and hold ${symbols[0]}` : 'Buy and hold, equal weights',
    ts: equity.ts,
    value: compared.buyAndHold,
  };
}
