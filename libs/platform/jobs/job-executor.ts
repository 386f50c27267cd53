import { Injectable, Logger } from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import { WorkloadRuntime, type WorkloadRun } from '#platform/audit';
import { JobsConfig } from '#platform/config';
import { HaltState } from '#platform/http';
import { Progress } from '#platform/progress';
import { inSpan } from '#platform/spans';
import { type Job, type JobOutcome, exhaustedByLosses, jobErrorOf, outcomeOfFailure } from './job.ts';
import { JobRun, StaleAttemptError } from './job-run.ts';
import { JobSettlement } from './job-settlement.ts';
import { parentOf } from './job-trace.ts';
import { JobsRepository } from './jobs.repository.ts';
import { ProcessorRegistry, type RegisteredProcessor } from './processor-registry.ts';
import { QueueRepository } from './queue.repository.ts';

/** Before another look at a job that could not be started or ended for lack of audit, database or halt state. */
const TROUBLE_DELAY_MS = 5_000;
/** Audit runs of jobs stay open this much longer than their last heartbeat. */
const AUDIT_LEASE_SECONDS = 300;

type Ending = { outcome: JobOutcome } | { error: unknown } | 'abandoned';

/** Runs one attempt at a time per slot: claim, audit intent, processor, ending. */
@Injectable()
export class JobExecutor {
  readonly #logger = new Logger('jobs');
  readonly #running = new Map<string, { run: JobRun; workload: WorkloadRun | null }>();
  #shutDown = false;

  constructor(
    private readonly config: JobsConfig,
    private readonly queue: QueueRepository,
    private readonly jobs: JobsRepository,
    private readonly processors: ProcessorRegistry,
    private readonly settlement: JobSettlement,
    private readonly progress: Progress,
    private readonly workloads: WorkloadRuntime,
    private readonly halt: HaltState,
  ) {}

  get running(): JobRun[] {
    return [...this.#running.values()].map(({ run }) => run);
  }

  abort(id: string, reason: 'cancelled' | 'lease_lost' | 'shutdown'): void {
    this.#running.get(id)?.run.abort(reason);
  }

  /** Aborts what runs, and what is just being claimed as soon as it has been. */
  shutDown(): void {
    this.#shutDown = true;
    for (const { run } of this.#running.values()) run.abort('shutdown');
  }

  /** Keeps the audit runs of what runs here from being called unknown. */
  async extendAudit(): Promise<void> {
    for (const { workload } of this.#running.values())
      if (workload) await this.workloads.extendLease(workload, AUDIT_LEASE_SECONDS);
  }

  /**
   * One item of the queue. What becomes of a claimed job is decided here and not by the queue's own retries; rejects
   * only where it cannot be claimed.
   */
  async execute(id: string, holder: string): Promise<void> {
    const job = await this.queue.claim(id, holder, this.config.leaseMs, this.config.orgSlots);
    if (!job) return;
    const run = new JobRun(job, this.progress, this.jobs);
    const entry = { run, workload: null as WorkloadRun | null };
    this.#running.set(id, entry);
    if (this.#shutDown) run.abort('shutdown');
    try {
      await this.progress.fence(job.id, job.orgId, job.fencing);
      entry.workload = await this.workloads.begin(job.context, {
        action: job.name,
        targetKind: 'job',
        targetId: job.id,
        payload: job.args,
        leaseSeconds: AUDIT_LEASE_SECONDS,
      });
      const { workload } = entry;
      await inSpan(
        'job.run',
        () => this.#attempt(run, workload),
        () => ({
          kind: SpanKind.CONSUMER,
          attributes: { queue: job.queue, name: job.name, ...(job.orgId && { tenant_id: job.orgId }) },
        }),
        () => parentOf(job.trace),
      );
    } catch (error) {
      await this.#giveBack(run, entry.workload, error);
    } finally {
      this.#running.delete(id);
    }
  }

  async #attempt(run: JobRun, workload: WorkloadRun): Promise<void> {
    const processor = this.processors.find(run.job.name);
    if (!processor) throw new Error(`There is no processor named ${run.job.name}.`);
    const refused = await this.#refusal(run.job, processor);
    // Aborted between claim and start: there is nothing to start any more.
    const ending = refused ? { outcome: refused } : run.signal.aborted ? 'abandoned' : await this.#run(run, processor);
    try {
      await this.#end(run, ending, workload);
    } catch (error) {
      if (error instanceof StaleAttemptError) return this.#recordStale(run, workload);
      // The area's hook refused: the attempt failed after all.
      this.#logger.error({ msg: 'job not settled', job_id: run.id, name: run.job.name, err: error });
      await this.#end(run, { error }, workload);
    }
  }

  /** Why a job must end before it starts. */
  async #refusal(job: Job, { options }: RegisteredProcessor): Promise<JobOutcome | undefined> {
    const exhausted = exhaustedByLosses(job);
    if (exhausted) {
      this.#logger.error({ msg: 'job given up after lost processes', job_id: job.id, name: job.name, lost: job.lost });
      return exhausted;
    }
    if (!options.haltable) return undefined;
    const verdict = await this.halt.read(job.context);
    if (verdict === 'clear') return undefined;
    if (verdict === 'unknown') throw new Error('The state of the halt cannot be read.');
    return {
      status: 'cancelled',
      reason: 'halted',
      error: { code: 'kill_switch_engaged', message: 'A halt is engaged.', retryable: false },
    };
  }

  async #run(run: JobRun, { options, runner }: RegisteredProcessor): Promise<Ending> {
    const timer = setTimeout(() => run.abort('timeout'), options.timeoutMs);
    const work = runner.run(run).then(
      (result): Ending => ({ outcome: { status: 'succeeded', result } }),
      (error: unknown): Ending => ({ error }),
    );
    try {
      return await Promise.race([work, this.#graceAfterAbort(run)]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Resolves when an aborted processor has had its time to end; what it still does is refused by its fencing. */
  #graceAfterAbort(run: JobRun): Promise<Ending> {
    return new Promise((resolve) => {
      const wait = (): void => {
        const grace = run.abortedBy === 'shutdown' ? Math.min(this.config.graceMs, 1_000) : this.config.graceMs;
        setTimeout(() => resolve('abandoned'), grace).unref();
      };
      // An abort between claim and start has already happened: its event does not come again.
      if (run.signal.aborted) wait();
      else run.signal.addEventListener('abort', wait, { once: true });
    });
  }

  async #end(run: JobRun, ending: Ending, workload: WorkloadRun): Promise<void> {
    if (run.abortedBy === 'lease_lost') throw new StaleAttemptError();
    if (ending !== 'abandoned' && 'outcome' in ending) return this.settlement.settle(run, ending.outcome, workload);
    if (run.abortedBy === 'cancelled')
      return this.settlement.settle(run, { status: 'cancelled', reason: 'requested' }, workload);
    if (run.abortedBy === 'shutdown') return this.#returnToQueue(run, workload);
    if (run.abortedBy === 'timeout') {
      const message = 'The job took longer than it may.';
      return this.settlement.settle(
        run,
        { status: 'failed', error: { code: 'timeout', message, retryable: false } },
        workload,
      );
    }
    const thrown = ending === 'abandoned' ? undefined : ending.error;
    const error = jobErrorOf(thrown);
    if (error.retryable)
      this.#logger.warn({
        msg: 'job attempt failed',
        job_id: run.id,
        name: run.job.name,
        attempt: run.attempt,
        err: thrown,
      });
    const outcome = outcomeOfFailure(run.job, error);
    if (!outcome) return this.settlement.retryLater(run, error, workload);
    if (outcome.status === 'dead')
      this.#logger.error({
        msg: 'job is dead',
        job_id: run.id,
        name: run.job.name,
        attempts: run.attempt,
        err: thrown,
      });
    return this.settlement.settle(run, outcome, workload);
  }

  async #returnToQueue(run: JobRun, workload: WorkloadRun): Promise<void> {
    await run.published();
    await this.queue.release(run, 0);
    await this.workloads.finish(workload, { status: 'cancelled', errorCode: 'shutting_down' });
  }

  async #recordStale(run: JobRun, workload: WorkloadRun): Promise<void> {
    this.#logger.warn({ msg: 'result of a replaced attempt refused', job_id: run.id, attempt: run.attempt });
    await this.workloads.finish(workload, { status: 'failed', errorCode: 'stale_attempt' });
  }

  /** Neither started nor ended: the job waits a little and is tried again, as if this attempt had not been. */
  async #giveBack(run: JobRun, workload: WorkloadRun | null, cause: unknown): Promise<void> {
    this.#logger.error({ msg: 'job returned to the queue', job_id: run.id, name: run.job.name, err: cause });
    try {
      await this.queue.release(run, TROUBLE_DELAY_MS);
      if (workload) await this.workloads.finish(workload, { status: 'cancelled', errorCode: 'not_started' });
    } catch (error) {
      this.#logger.error({ msg: 'job not returned; its lease will lapse', job_id: run.id, err: error });
    }
  }
}
