import type { MessagePort } from 'node:worker_threads';
import { type Answer, answerOf, counted } from '#kernel';
// A type: nothing of the HTTP platform is loaded in the thread.
import type { InlineColumns } from '#platform/http';
import {
  type BacktestInput,
  type BacktestOutput,
  type ReplayResult,
  type RunIdentity,
  type RunWarning,
  barColumnsToSeries,
  identifyRun,
  replayEventLog,
  runBacktest,
} from '#quant';
import { type EncodedArtifact, encodeArtifacts } from './encode-artifacts.ts';
import { packBars, unpackBars } from './pack-bars.ts';

/** What crosses into the thread. Bars are packed columns; `prepare` brings the request's own. */
export type EngineTask =
  | { kind: 'prepare'; request: RunRequest; columns: InlineColumns; repair: 'drop' | 'clamp' | null }
  | { kind: 'identify'; input: PackedInput }
  | { kind: 'run'; input: PackedInput; cancel: Int32Array; port?: MessagePort }
  | { kind: 'replay'; eventLog: Uint8Array };

/** Everything that decides a run but its bars. */
export type RunRequest = Omit<BacktestInput, 'series' | 'benchmark'>;

/** `readWarnings`: what the reading of the bars left without effect; the engine does not look at it. */
export type PackedInput = RunRequest & { bars: Uint8Array; benchmark: Uint8Array | null; readWarnings?: RunWarning[] };

export interface PreparedBars {
  bars: Uint8Array;
  /** What `repair` did. */
  repairs: RunWarning[];
  runHash: string;
}

export interface FinishedRun {
  output: Omit<BacktestOutput, 'artifacts'>;
  artifacts: EncodedArtifact[];
}

export interface EngineMessage {
  stage: string;
  extras: Record<string, unknown>;
}

/** Entry of the worker thread: everything of a backtest that costs CPU. */
export default function engineThread(task: EngineTask): Answer<unknown> {
  return answerOf(() => perform(task));
}

function perform(task: EngineTask): PreparedBars | RunIdentity | FinishedRun | ReplayResult {
  switch (task.kind) {
    case 'prepare': {
      const { request, columns, repair } = task;
      const { series, dropped, clamped } = barColumnsToSeries(columns, request.recipe.backtest.kwargs.interval, {
        repair,
      });
      // What the engine would refuse is refused now, while the caller is still there to hear it.
      return {
        bars: packBars(series),
        repairs: repairWarnings(dropped, clamped),
        runHash: identifyRun({ ...request, series }).runHash,
      };
    }
    case 'identify':
      return identifyRun(unpackInput(task.input));
    case 'run':
      return run(task.input, task.port, task.cancel);
    case 'replay':
      return replayEventLog(task.eventLog);
  }
}

function repairWarnings(dropped: number, clamped: Readonly<Record<string, number>>): RunWarning[] {
  const left =
    dropped === 0
      ? []
      : [
          {
            code: 'bars_dropped',
            message: `${counted(dropped, 'bad bar was', 'bad bars were')} left out.`,
            count: dropped,
          },
        ];
  const moved = Object.entries(clamped)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([vtSymbol, count]) => ({
      code: 'bars_clamped',
      message:
        `The high or low of ` +
        `${counted(count, 'bar was', 'bars were')} moved to the open or close that it missed by rounding.`,
      vt_symbol: vtSymbol,
      count,
    }));
  return [...left, ...moved];
}

/** What the engine reads, from what crossed into the thread. */
export function unpackInput({ bars, benchmark, ...input }: PackedInput): BacktestInput {
  return { ...input, series: unpackBars(bars), benchmark: benchmark ? unpackBars(benchmark)[0] : undefined };
}

function run(input: PackedInput, port: MessagePort | undefined, cancel: Int32Array): FinishedRun {
  const tell = (stage: string, extras: object): void => port?.postMessage({ stage, extras } as EngineMessage);
  const { artifacts, ...output } = runBacktest(unpackInput(input), {
    onStage: (stage, extras) => tell(stage, extras),
    onProgress: (progress) => tell('progress', progress),
    cancelled: () => Atomics.load(cancel, 0) === 1,
  });
  return { output, artifacts: encodeArtifacts(artifacts) };
}
