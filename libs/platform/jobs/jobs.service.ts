import { Injectable } from '@nestjs/common';
import { Clock, DomainError, NotFoundError, newId } from '#kernel';
import { JobsConfig, type QueueName } from '#platform/config';
import type { RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { Progress } from '#platform/progress';
import { inSpan } from '#platform/spans';
import type { Job } from './job.ts';
import { storeContext } from './job-context.ts';
import { JobExecutor } from './job-executor.ts';
import { JobRun } from './job-run.ts';
import { JobSettlement } from './job-settlement.ts';
import { traceOfCaller } from './job-trace.ts';
import { JobsRepository, type NewJob } from './jobs.repository.ts';
import { ProcessorRegistry } from './processor-registry.ts';
import { QueuedTask, streamUrl } from './queued-task.ts';

const DEFAULT_ATTEMPTS = 5;
const MAX_ARGS_BYTES = 65_536;

export interface EnqueueJob {
  queue: QueueName;
  name: string;
  /** The area's run row. */
  runId: string;
  /** Ids and small values only, at most 64 KiB of JSON. */
  args: Record<string, unknown>;
  maxAttempts?: number;
  /** While an open job of the organization and queue has this key, that one is answered instead of a second one. */
  dedupeKey?: string;
}

/** Queues (platform.md 10.2), cancels and retries jobs. */
@Injectable()
export class Jobs {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
    private readonly config: JobsConfig,
    private readonly jobs: JobsRepository,
    private readonly processors: ProcessorRegistry,
    private readonly progress: Progress,
    private readonly settlement: JobSettlement,
    private readonly executor: JobExecutor,
  ) {}

  /**
   * Job row, queue entry and first frame commit with the caller's transaction. Throws 429 `job_quota_exceeded` and 422
   * `job_args_too_large`.
   */
  async enqueue(ctx: RequestContext, job: EnqueueJob): Promise<QueuedTask> {
    if (Buffer.byteLength(JSON.stringify(job.args)) > MAX_ARGS_BYTES) {
      throw new DomainError(422, 'job_args_too_large', { detail: 'The arguments of a job have at most 64 KiB.' });
    }
    const trace = traceOfCaller();
    return inSpan(
      'job.enqueue',
      () =>
        this.tx.run(ctx, async () =>
          this.#insert(ctx, {
            id: newId(this.clock),
            queue: job.queue,
            name: job.name,
            runId: job.runId,
            args: job.args,
            maxAttempts: job.maxAttempts ?? this.#attempts(job.name),
            lostProcessLimit: this.processors.find(job.name)?.options.lostProcessLimit ?? null,
            dedupeKey: job.dedupeKey ?? null,
            retryOf: null,
            createdBy: ctx.principal.actor,
            context: storeContext(ctx),
            trace,
          }),
        ),
      () => ({ attributes: { queue: job.queue, name: job.name } }),
    );
  }

  /**
   * A waiting job is cancelled at once, a running one is asked to stop, one that has ended stays as it is. Throws 404.
   */
  async cancel(ctx: RequestContext, taskId: string): Promise<{ ended: boolean }> {
    return this.tx.run(ctx, async () => {
      const job = await this.jobs.lock(taskId);
      if (!job) throw new NotFoundError();
      if (job.status === 'queued') await this.settlement.cancelQueued(new JobRun(job, this.progress, this.jobs));
      if (job.status === 'running') await this.#askToStop(job);
      return { ended: job.status !== 'queued' && job.status !== 'running' };
    });
  }

  /** A new job for a failed or dead one. Throws 404 and 409 `not_retryable`. */
  async retry(ctx: RequestContext, taskId: string): Promise<QueuedTask> {
    return this.tx.run(ctx, async () => {
      const job = await this.jobs.lock(taskId);
      if (!job) throw new NotFoundError();
      if (job.status !== 'failed' && job.status !== 'dead') {
        throw new DomainError(409, 'not_retryable', {
          detail: `The job is ${job.status}; only a failed or dead one can be retried.`,
        });
      }
      // The lock on the old job makes this the only retry: whoever wants another one retries the newer job.
      if (await this.jobs.hasRetry(job.id)) {
        throw new DomainError(409, 'not_retryable', {
          detail: 'The job has been retried already; retry the newest one.',
        });
      }
      const id = newId(this.clock);
      const reopened = await this.processors
        .find(job.name)
        ?.runner.onRetried?.({ id, runId: job.runId, context: job.context }, job.id);
      return this.#insert(ctx, {
        id,
        queue: job.queue,
        name: job.name,
        runId: reopened?.runId ?? job.runId,
        args: job.args,
        maxAttempts: job.maxAttempts,
        lostProcessLimit: job.lostProcessLimit,
        dedupeKey: null,
        retryOf: job.id,
        createdBy: ctx.principal.actor,
        context: { ...storeContext(job.context), request_id: ctx.requestId },
        trace: job.trace ?? traceOfCaller(),
      });
    });
  }

  #attempts(name: string): number {
    return this.processors.find(name)?.options.maxAttempts ?? DEFAULT_ATTEMPTS;
  }

  async #insert(ctx: RequestContext, job: NewJob): Promise<QueuedTask> {
    if ((await this.jobs.countQueued(this.config.maxQueued)) >= this.config.maxQueued) {
      throw new DomainError(429, 'job_quota_exceeded', {
        detail: `${this.config.maxQueued} jobs of the organization are waiting already.`,
        headers: { 'Retry-After': '30' },
      });
    }
    if (!(await this.jobs.insert(job))) {
      const open = await this.jobs.openWithKey(job.queue, job.dedupeKey ?? '');
      // It ended between the two statements: its key is free again.
      if (!open) return this.#insert(ctx, job);
      return taskOf(open.id, open.runId);
    }
    const frameContext = { run_id: job.runId, context: { org_id: ctx.orgId, project_id: job.context.project_id } };
    await this.progress.publishWithin(job.id, ctx.orgId, {
      stage: 'queued',
      message: 'The task waits for its turn.',
      extras: frameContext,
    });
    return taskOf(job.id, job.runId);
  }

  async #askToStop(job: Job): Promise<void> {
    if (!(await this.jobs.requestCancel(job.id))) return;
    const run = new JobRun(job, this.progress, this.jobs);
    await this.progress.publishWithin(
      job.id,
      job.orgId,
      { stage: 'cancelling', message: 'The task was asked to stop.', extras: run.frameContext },
      job.fencing,
    );
    // Other processes look once a second.
    this.tx.afterCommit(() => this.executor.abort(job.id, 'cancelled'));
  }
}

function taskOf(id: string, runId: string): QueuedTask {
  return Object.assign(new QueuedTask(), { task_id: id, run_id: runId, status: 'queued', stream_url: streamUrl(id) });
}
