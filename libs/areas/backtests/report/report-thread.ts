import { datasetHash } from '#quant/bars';
import { unpackBars } from '../engine/pack-bars.ts';
import { buyAndHold } from './buy-and-hold.ts';
import { type PlotFigure, type PlotKind, plotFigure } from './plot-figure.ts';
import { renderTearSheet } from './render-tear-sheet.ts';
import type { BenchmarkColumns, EquityColumns, RoundTripRow, TearSheetInput } from './tear-sheet-input.ts';

/** What crosses into the thread: the run's row, its artifacts as NDJSON, its bars packed. */
export interface ReportTask {
  page: 'tear-sheet' | PlotKind;
  meta: Omit<TearSheetInput, 'equity' | 'benchmark' | 'roundTrips'>;
  equity: Uint8Array;
  roundTrips: Uint8Array;
  /** Bars of the run as they are now. */
  bars: Uint8Array;
  /** True when they came with the request, so that they cannot have been revised since. */
  own: boolean;
  benchmark: Uint8Array | null;
}

/** Entry of the worker thread that draws reports. */
export default function reportThread(task: ReportTask): string | PlotFigure {
  const equity = equityColumns(rows(task.equity));
  const input: TearSheetInput = { ...task.meta, equity, benchmark: benchmarkOf(task, equity), roundTrips: rows(task.roundTrips).map(roundTrip) };
  return task.page === 'tear-sheet' ? renderTearSheet(input) : plotFigure(task.page, input);
}

function benchmarkOf({ bars, own, benchmark, meta }: ReportTask, equity: EquityColumns): BenchmarkColumns | null {
  if (equity.ts.length === 0) return null;
  const series = benchmark ? unpackBars(benchmark) : unpackBars(bars, meta.run.symbols);
  // Warehouse bars may have been revised since; then the comparison would not be the run's own.
  if (!benchmark && !own && datasetHash(series) !== meta.hashes.dataset_hash) return null;
  const label = benchmark ? `Benchmark ${series[0]?.vtSymbol ?? ''}` : series.length === 1 ? `Buy and hold ${series[0]?.vtSymbol ?? ''}` : 'Buy and hold, equal weights';
  return { label, ts: equity.ts, value: buyAndHold(series, equity.ts, meta.run.initial_cash) };
}

function* lines(ndjson: Uint8Array): Generator<string> {
  let from = 0;
  for (let end = ndjson.indexOf(10, from); end >= 0; end = ndjson.indexOf(10, from)) {
    yield Buffer.from(ndjson.subarray(from, end)).toString();
    from = end + 1;
  }
}

function rows(ndjson: Uint8Array): Record<string, unknown>[] {
  return Array.from(lines(ndjson), (line) => JSON.parse(line) as Record<string, unknown>);
}

function equityColumns(equity: readonly Record<string, unknown>[]): EquityColumns {
  const column = (name: string): Float64Array => Float64Array.from(equity, (row) => Number(row[name]));
  return {
    ts: Float64Array.from(equity, (row) => Date.parse(String(row['ts']))),
    equity: column('equity'), drawdown: column('drawdown'), gross: column('gross'), net: column('net'), cash: column('cash'),
  };
}

function roundTrip(row: Record<string, unknown>): RoundTripRow {
  return { ...(row as unknown as RoundTripRow), quantity: Number(row['quantity']), pnl: Number(row['pnl']) };
}

