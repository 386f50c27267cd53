import { Injectable } from '@nestjs/common';
import { Clock } from '#kernel';
import { TenantTransaction } from '#platform/database';
import {
  type JobExecution,
  type JobOutcome,
  JobProcessor,
  type JobRunner,
  type JobSettled,
  type RequeuedJob,
  withStorage,
} from '#platform/jobs';
import { ArtifactReader } from './artifact-reader.ts';
import { BacktestViewsRepository } from './backtest-views.repository.ts';
import { BacktestsRepository, type ReplayResultSummary } from './backtests.repository.ts';
import { EngineThreads } from './engine/engine-threads.ts';
import { compareReplay } from './replay-difference.ts';

/**
 * Folds the event log of a finished run, without strategy or bars, and says whether it gives what the run stored
 * (trading.md 7.5).
 */
@JobProcessor({ name: 'backtest.replay', queue: 'backtest', timeoutMs: 1_800_000, lostProcessLimit: 50 })
@Injectable()
export class ReplayBacktestJob implements JobRunner {
  /** By attempt, because a settlement that failed is tried again and needs it again. */
  readonly #results = new WeakMap<JobExecution, ReplayResultSummary>();

  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
    private readonly backtests: BacktestsRepository,
    private readonly views: BacktestViewsRepository,
    private readonly reader: ArtifactReader,
    private readonly threads: EngineThreads,
  ) {}

  async run(job: JobExecution): Promise<Record<string, unknown>> {
    const [order, original] = await this.tx.run(job.context, async () => {
      await job.assertCurrent();
      await this.backtests.markRunning(job.runId, new Date(this.clock.now()));
      const replay = await this.backtests.order(job.runId);
      return [replay, replay?.parentId ? await this.views.summary(replay.parentId) : undefined] as const;
    });
    if (!order?.parentId || !original) throw new Error(`the run replayed by ${job.runId} is gone`);
    await job.publish('start', 'The replay starts.');
    const log = await this.reader.find(job.context, order.parentId, 'event_log');
    const bytes = await withStorage(job, () => this.reader.bytes(log));
    const replayed = await this.threads.replay(job.context.orgId, bytes, job.signal);
    const [equity, fills] = await Promise.all([
      this.reader.find(job.context, order.parentId, 'equity'),
      this.reader.find(job.context, order.parentId, 'fills'),
    ]);
    const firstDiff = await withStorage(job, () =>
      compareReplay(replayed, {
        equity: this.reader.lines(equity),
        fills: this.reader.lines(fills),
        eventLogHash: original.event_log_hash,
      }),
    );
    this.#results.set(job, {
      identical: firstDiff === null,
      first_diff: firstDiff,
      event_log_hash: replayed.eventLogHash,
      final_equity: replayed.equity.at(-1)?.equity ?? 0,
      n_fills: replayed.fills.length,
    });
    return {};
  }

  async onSettled(job: JobExecution, outcome: JobOutcome): Promise<JobSettled | void> {
    const at = new Date(this.clock.now());
    const result = this.#results.get(job);
    if (outcome.status === 'succeeded' && result) {
      await this.backtests.completeReplay(job.runId, result, at);
      return {
        result: {
          ...(await this.views.summary(job.runId)),
          run_id: job.runId,
          identical: result.identical,
          first_diff: result.first_diff,
        },
      };
    }
    await this.backtests.end(
      job.runId,
      outcome.status === 'cancelled' ? 'cancelled' : 'failed',
      outcome.error ?? null,
      at,
    );
  }
  async onRequeued(job: RequeuedJob): Promise<void> {
    await this.backtests.markQueued(job.runId);
  }

  async onRetried(job: RequeuedJob): Promise<void> {
    await this.backtests.reopen(job.runId, job.id);
  }
}
