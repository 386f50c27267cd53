import { Injectable, Logger } from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import { Clock } from '#kernel';
import { WorkloadRuntime, type WorkloadRun } from '#platform/audit';
import { JobsConfig } from '#platform/config';
import { HaltState } from '#platform/http';
import { Progress } from '#platform/progress';
import { inSpan } from '#platform/spans';
import { type Job, type JobOutcome, exhaustedByLosses } from './job.ts';
import { runAttempt } from './job-attempt.ts';
import { JobEnding } from './job-ending.ts';
import { JobRun } from './job-run.ts';
import { parentOf } from './job-trace.ts';
import { JobsRepository } from './jobs.repository.ts';
import { ProcessorRegistry, type RegisteredProcessor } from './processor-registry.ts';
import { QueueRepository } from './queue.repository.ts';

/** Before another look at a job that could not be started or ended for lack of audit, database or halt state. */
const TROUBLE_DELAY_MS = 5_000;
/** Audit runs of jobs stay open this much longer than their last heartbeat. */
const AUDIT_LEASE_SECONDS = 300;

/** Runs one attempt at a time per slot: claim, audit intent, processor, ending (platform.md 10.4). */
@Injectable()
export class JobExecutor {
  readonly #logger = new Logger('jobs');
  readonly #running = new Map<string, { run: JobRun; workload: WorkloadRun | null }>();
  #shutDownMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly config: JobsConfig,
    private readonly queue: QueueRepository,
    private readonly jobs: JobsRepository,
    private readonly processors: ProcessorRegistry,
    private readonly ending: JobEnding,
    private readonly clock: Clock,
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

  /** The shutdown has lasted so long: aborts what may not go on, and of what is just being claimed the same. */
  shutDown(elapsedMs: number): void {
    this.#shutDownMs = elapsedMs;
    for (const { run } of this.#running.values()) this.#abortIfOver(run);
  }

  #abortIfOver(run: JobRun): void {
    const options = this.processors.find(run.job.name)?.options;
    const allowed = options?.onShutdown === 'finish' ? options.finishMs : this.config.shutdownMs;
    if (this.#shutDownMs >= allowed) run.abort('shutdown');
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
  async execute(id: string, queue: string, holder: string): Promise<void> {
    const leaseEnds = this.clock.now() + this.config.leaseMs;
    const job = await this.queue.claim(id, holder, this.config.leaseMs, this.config.orgSlots(queue));
    if (!job) return;
    const run = new JobRun(job, this.progress, this.jobs);
    run.leaseEnds = leaseEnds;
    const entry = { run, workload: null as WorkloadRun | null };
    this.#running.set(id, entry);
    this.#abortIfOver(run);
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
    const ending = refused
      ? { outcome: refused }
      : run.signal.aborted
        ? 'abandoned'
        : await runAttempt(run, processor, this.config.graceMs);
    await this.ending.end(run, ending, workload, processor.options);
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

  /** Neither started nor ended: the job waits a little and is tried again, as if this attempt had not been. */
  async #giveBack(run: JobRun, workload: WorkloadRun | null, cause: unknown): Promise<void> {
    this.#logger.error({ msg: 'job returned to the queue', job_id: run.id, name: run.job.name, err: cause });
    try {
      if (!(await this.queue.release(run, TROUBLE_DELAY_MS)))
        throw new Error('It acted, or is another attempt by now.');
      if (workload) await this.workloads.finish(workload, { status: 'cancelled', errorCode: 'not_started' });
    } catch (error) {
      this.#logger.error({ msg: 'job not returned; its lease will lapse', job_id: run.id, err: error });
    }
  }
}
