import { Injectable, Logger } from '@nestjs/common';
import { WorkloadRuntime, type WorkloadRun } from '#platform/audit';
import { TenantTransaction } from '#platform/database';
import { Progress, type TerminalFrame } from '#platform/progress';
import { JobMetrics } from './job-metrics.ts';
import { type JobError, type JobOutcome, assertResultFits, retryDelaySeconds } from './job.ts';
import type { JobRun } from './job-run.ts';
import { JobsRepository } from './jobs.repository.ts';
import { ProcessorRegistry } from './processor-registry.ts';

/** Members that the area adds to a terminal frame, bytes of JSON. */
const MAX_FRAME_MEMBERS_BYTES = 16_384;
/** What the platform says in terminal frames, or in none of them. */
const PLATFORM_NAMES = ['run_id', 'context', 'progress', 'result', 'error', 'reason', 'halted'];

/**
 * How an attempt ends: the area's rows, the job row, its frame and the audit outcome in one commit, refused to a
 * replaced attempt.
 */
@Injectable()
export class JobSettlement {
  private readonly logger = new Logger('jobs');

  constructor(
    private readonly tx: TenantTransaction,
    private readonly jobs: JobsRepository,
    private readonly processors: ProcessorRegistry,
    private readonly progress: Progress,
    private readonly workloads: WorkloadRuntime,
    private readonly metrics: JobMetrics,
  ) {}

  /**
   * Ends a running job. Throws StaleAttemptError, and whatever the area's hook throws; then nothing has changed. The
   * audit run may begin as late as its outcome: whatever is done here is not before the commit.
   */
  async settle(run: JobRun, outcome: JobOutcome, workload: () => WorkloadRun | Promise<WorkloadRun>): Promise<void> {
    await run.published();
    await this.tx.run(run.context, async () => {
      await run.assertCurrent();
      await this.#end(run, outcome);
      await this.workloads.finish(await workload(), {
        status: outcome.status === 'dead' ? 'failed' : outcome.status,
        errorCode: outcome.error?.code,
      });
    });
  }

  /** Ends a job that waits, in the caller's transaction, which holds the row's lock. */
  async cancelQueued(run: JobRun): Promise<void> {
    run.abort('cancelled');
    await this.#end(run, { status: 'cancelled', reason: 'requested' });
  }

  /** A failed attempt goes back to the queue, with its delay. */
  async retryLater(run: JobRun, error: JobError, workload: WorkloadRun): Promise<void> {
    await run.published();
    const delay = retryDelaySeconds(run.attempt);
    await this.tx.run(run.context, async () => {
      await run.assertCurrent();
      await this.jobs.scheduleRetry(run.id, error, delay);
      await this.progress.publishWithin(
        run.id,
        run.job.orgId,
        {
          stage: 'retry',
          message: `Attempt ${run.attempt} failed; the next one follows.`,
          extras: {
            attempt: run.attempt,
            delay_seconds: Math.round(delay * 1_000) / 1_000,
            error,
            ...run.frameContext,
          },
        },
        run.fencing,
      );
      await this.processors
        .find(run.job.name)
        ?.runner.onRequeued?.({ id: run.id, runId: run.runId, context: run.context });
      await this.workloads.finish(workload, { status: 'failed', errorCode: error.code });
      this.tx.afterCommit(() => this.metrics.retried(run.job));
    });
  }

  async #end(run: JobRun, outcome: JobOutcome): Promise<void> {
    const told = await this.processors.find(run.job.name)?.runner.onSettled?.(run, outcome);
    const ended =
      outcome.status === 'succeeded' ? { ...outcome, result: told?.result ?? outcome.result ?? {} } : outcome;
    assertResultFits(ended.result);
    const frame = terminalFrame(run, ended, this.#members(run, told?.frame));
    const seq = await this.progress.finish(run.id, run.job.orgId, frame, run.fencing);
    await this.jobs.end(run.id, ended, seq);
    this.tx.afterCommit(() => this.metrics.ended(run.job, ended.status));
  }

  /** What the area adds. Too much is left out, with a line in the log: no job fails by what it says of itself. */
  #members(run: JobRun, frame: Record<string, unknown> = {}): Record<string, unknown> {
    const members = Object.fromEntries(Object.entries(frame).filter(([name]) => !PLATFORM_NAMES.includes(name)));
    const bytes = Buffer.byteLength(JSON.stringify(members));
    if (bytes <= MAX_FRAME_MEMBERS_BYTES) return members;
    const names = Object.keys(members);
    this.logger.error({
      msg: 'members of a terminal frame left out',
      job_id: run.id,
      name: run.job.name,
      bytes,
      names,
    });
    return {};
  }
}

function terminalFrame(run: JobRun, outcome: JobOutcome, members: Record<string, unknown>): TerminalFrame {
  const extras = { ...members, ...run.frameContext };
  if (outcome.status === 'succeeded')
    return { stage: 'done', message: 'The task is done.', extras: { ...extras, progress: 1, result: outcome.result } };
  if (outcome.status === 'cancelled') {
    const halted = outcome.error?.code === 'kill_switch_engaged';
    return {
      stage: 'cancelled',
      message: 'The task was cancelled.',
      extras: { ...extras, reason: outcome.reason ?? 'requested', ...(halted ? { halted } : {}) },
    };
  }
  return {
    stage: 'error',
    message: outcome.error?.message ?? 'The task failed.',
    extras: { ...extras, error: outcome.error },
  };
}
