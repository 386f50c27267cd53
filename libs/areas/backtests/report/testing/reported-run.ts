import {
  type BacktestInput,
  type InlineBar,
  type Interval,
  type Metrics,
  type RunWarning,
  inlineBarsToSeries,
  normaliseRecipe,
} from '#quant';
import type { Answer } from '#kernel';
import { calendarFor } from '#quant/calendars';
import { periodsPerYear } from '#quant/metrics';
import engineThread, { type FinishedRun, type PackedInput } from '../../engine/engine-thread.ts';
import { packBars } from '../../engine/pack-bars.ts';
import type { PlotFigure, PlotKind } from '../plot-figure.ts';
import reportThread, { type ReportTask } from '../report-thread.ts';

export interface ReportedRun {
  readonly metrics: Metrics;
  readonly warnings: readonly RunWarning[];
  readonly firstDecision: string | null;
  /** Rows of an artifact. */
  rows(kind: string): Record<string, unknown>[];
  /** Text of the tear sheet as a reader meets it; of a run of an older engine where asked. */
  text(older?: boolean): string;
  plot(kind: PlotKind, older?: boolean): PlotFigure;
}

/** A run through the worker threads of the service: engine, artifacts, report. */
export function reportedRun(
  document: unknown,
  bars: readonly InlineBar[],
  options: Pick<BacktestInput, 'actions'> = {},
): ReportedRun {
  const { recipe, specHash } = normaliseRecipe(document);
  const { kwargs } = recipe.backtest;
  const { series } = inlineBarsToSeries(bars, kwargs.interval as Interval);
  const benchmark = series.find((one) => one.vtSymbol === kwargs.benchmark);
  const ranOn: PackedInput = {
    recipe,
    specHash,
    seed: 42,
    bars: packBars(series),
    benchmark: benchmark ? packBars([benchmark]) : null,
    ...options,
  };
  const { output, artifacts } = finished(engineThread({ kind: 'run', input: ranOn, cancel: new Int32Array(1) }));
  const rows = (kind: string): Record<string, unknown>[] =>
    JSON.parse(artifacts.find((artifact) => artifact.kind === kind)!.inline!) as Record<string, unknown>[];
  const ndjson = (values: readonly object[]): Uint8Array =>
    Buffer.from(values.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const symbols = recipe.strategy.kwargs.universe_model.kwargs['symbols'] as string[];
  const calendar = kwargs.calendar ?? symbols[0]!.slice(symbols[0]!.lastIndexOf('.') + 1);
  const task = (page: ReportTask['page'], older: boolean): ReportTask => ({
    page,
    meta: {
      run: {
        id: '0198f3c2-7d44-7c1e-9a51-2f6b1c0e77aa',
        name: 'A run',
        status: 'completed',
        engine: output.engine,
        engine_version: output.engineVersion,
        seed: 42,
        currency: output.currency,
        interval: output.interval,
        start: output.start,
        end: output.end,
        initial_cash: output.initialCash,
        completed_at: '2026-01-02T10:00:00.000Z',
        symbols,
        first_decision: output.firstDecision,
        calendar,
        metrics_freq: kwargs.metrics_freq,
        risk_free: kwargs.risk_free,
        sessions_per_year: periodsPerYear(calendarFor(calendar), {
          interval: kwargs.interval,
          metrics_freq: 'session',
        }),
      },
      hashes: {
        spec_hash: specHash,
        dataset_hash: output.datasetHash,
        run_hash: output.runHash,
        event_log_hash: output.eventLogHash,
        context_hash: output.contextHash,
      },
      recipe: { ...recipe },
      metrics: output.metrics,
      warnings: output.warnings.map((warning) => ({ ...warning })),
    },
    benchmark: kwargs.benchmark,
    roundTrips: ndjson(rows('round_trips')),
    equity: ndjson(older ? rows('equity').map(({ session_date: _, ...row }) => row) : rows('equity')),
    compared: older ? { ranOn } : { comparison: ndjson(rows('comparison')) },
  });
  return {
    metrics: output.metrics,
    warnings: output.warnings,
    firstDecision: output.firstDecision,
    rows,
    text: (older = false) => textOf(reportThread(task('tear-sheet', older)) as string),
    plot: (kind, older = false) => reportThread(task(kind, older)) as PlotFigure,
  };
}

function finished(answer: Answer<unknown>): FinishedRun {
  if (!answer.ok) throw new Error(`${answer.code}: ${JSON.stringify(answer.options)}`);
  return answer.value as FinishedRun;
}

function textOf(page: string): string {
  return page
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/<svg[\s\S]*?<\/svg>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
}
