import type { Clock } from '#kernel';
import type { JobExecution } from '#platform/jobs';
import type { EngineMessage } from './engine/engine-thread.ts';

/** At most two `progress` frames a second (trading.md 5). */
const PROGRESS_GAP_MS = 500;

const MESSAGES: Readonly<Record<string, string>> = {
  'data.loaded': 'The bars are loaded.',
  warmup: 'Warming up.',
  progress: 'Running.',
  metrics: 'The metrics are computed.',
};

/** Turns what the engine tells into frames, in order, and adds the time that is left. */
export class ProgressPace {
  readonly #clock: Clock;
  readonly #job: JobExecution;
  readonly #started: number;
  #lastProgress = Number.NEGATIVE_INFINITY;
  #chain: Promise<void> = Promise.resolve();

  constructor(clock: Clock, job: JobExecution) {
    this.#clock = clock;
    this.#job = job;
    this.#started = clock.now();
  }

  tell({ stage, extras }: EngineMessage): void {
    const now = this.#clock.now();
    let shown = extras;
    if (stage === 'progress') {
      if (now - this.#lastProgress < PROGRESS_GAP_MS) return;
      this.#lastProgress = now;
      const pct = Number(extras['pct']);
      shown = {
        ...extras,
        eta_s: pct > 0 ? Math.round(((now - this.#started) / 1_000) * (100 / pct - 1)) : null,
        progress: pct / 100,
      };
    }
    this.#chain = this.#chain.then(() => this.#job.publish(stage, MESSAGES[stage] ?? stage, shown));
  }

  /** Resolves when everything told so far has been published. */
  settled(): Promise<void> {
    return this.#chain;
  }
}
