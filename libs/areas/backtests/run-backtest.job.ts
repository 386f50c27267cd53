import { Injectable } from '@nestjs/common';
import { Clock } from '#kernel';
import { StrategyTestsService } from '#areas/strategies';
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
import { ArtifactStorage } from '#platform/storage';
import type { StoredArtifact } from './artifacts.repository.ts';
import { BacktestInputs } from './backtest-inputs.ts';
import { BacktestViewsRepository } from './backtest-views.repository.ts';
import { BacktestsRepository } from './backtests.repository.ts';
import type { EncodedArtifact } from './engine/encode-artifacts.ts';
import type { FinishedRun } from './engine/engine-thread.ts';
import { EngineThreads } from './engine/engine-threads.ts';
import { ProgressPace } from './progress-pace.ts';

/**
 * Runs one backtest. A lost process starts it over: the run is deterministic and its result is written in one
 * transaction.
 */
@JobProcessor({ name: 'backtest.run', queue: 'backtest', timeoutMs: 1_800_000, lostProcessLimit: 50 })
@Injectable()
export class RunBacktestJob implements JobRunner {
  /** By attempt, because a settlement that failed is tried again and needs it again. */
  readonly #finished = new WeakMap<JobExecution, FinishedRun & { stored: StoredArtifact[] }>();

  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
    private readonly backtests: BacktestsRepository,
    private readonly views: BacktestViewsRepository,
    private readonly inputs: BacktestInputs,
    private readonly threads: EngineThreads,
    private readonly storage: ArtifactStorage,
    private readonly tests: StrategyTestsService,
  ) {}

  async run(job: JobExecution): Promise<Record<string, unknown>> {
    const order = await this.tx.run(job.context, async () => {
      await job.assertCurrent();
      await this.backtests.markRunning(job.runId, new Date(this.clock.now()));
      return this.backtests.order(job.runId);
    });
    if (!order) throw new Error(`backtest ${job.runId} is gone`);
    await job.publish('start', 'The backtest starts.');
    const input = await this.inputs.load(job.context, order);
    const pace = new ProgressPace(this.clock, job);
    const finished = await this.threads.run(job.context.orgId, input, job.signal, (message) => pace.tell(message));
    await pace.settled();
    const stored = await withStorage(job, () => this.#store(finished.artifacts));
    for (const { kind, rows } of stored) await job.publish('artifact', `${kind}: ${rows} rows`, { kind, rows });
    finished.output.warnings = [...order.warnings, ...(input.readWarnings ?? []), ...finished.output.warnings];
    this.#finished.set(job, { ...finished, stored });
    return {};
  }

  /**
   * In the transaction that ends the job: the run row, its artifacts and the strategy's test change together, or not at
   * all.
   */
  async onSettled(job: JobExecution, outcome: JobOutcome): Promise<JobSettled | void> {
    const at = new Date(this.clock.now());
    const finished = this.#finished.get(job);
    if (outcome.status === 'succeeded' && finished) {
      const { metrics } = finished.output;
      await this.backtests.complete(job.runId, finished.output, at);
      await this.backtests.insertArtifacts(job.context, job.runId, finished.stored, at);
      await this.tests.finish(job.context, job.runId, {
        status: 'completed',
        sharpe: metrics.sharpe,
        sortino: metrics.sortino,
        maxDrawdown: metrics.max_drawdown,
        totalReturn: metrics.total_return,
        finalEquity: finished.output.finalEquity,
        completedAt: at,
      });
      return { result: { ...(await this.views.summary(job.runId)), run_id: job.runId } };
    }
    const status = outcome.status === 'cancelled' ? 'cancelled' : 'failed';
    await this.backtests.end(job.runId, status, outcome.error ?? null, at);
    await this.tests.finish(job.context, job.runId, {
      status,
      sharpe: null,
      sortino: null,
      maxDrawdown: null,
      totalReturn: null,
      finalEquity: null,
      completedAt: at,
    });
  }

  async onRequeued(job: RequeuedJob): Promise<void> {
    await this.backtests.markQueued(job.runId);
  }

  async onRetried(job: RequeuedJob): Promise<void> {
    await this.backtests.reopen(job.runId, job.id);
  }

  async #store(artifacts: readonly EncodedArtifact[]): Promise<StoredArtifact[]> {
    return Promise.all(
      artifacts.map(async ({ packed, ...artifact }) => ({
        ...artifact,
        uri: packed && (await this.storage.put(`${artifact.sha256}.ndjson.gz`, packed)),
      })),
    );
  }
}
