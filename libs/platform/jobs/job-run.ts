import { Logger } from '@nestjs/common';
import { DomainError } from '#kernel';
import type { RequestContext } from '#platform/context';
import { Progress, TaskFinishedError } from '#platform/progress';
import { type Job, type JobOutcome, assertResultFits } from './job.ts';
import type { JobExecution } from './job-processor.ts';
import type { JobsRepository } from './jobs.repository.ts';

export type AbortReason = 'cancelled' | 'timeout' | 'lease_lost' | 'shutdown';

/** Why a job's signal was aborted; the signal's `reason`. */
export class JobAborted extends Error {
  readonly reason: AbortReason;

  constructor(reason: AbortReason) {
    super(`The job was aborted: ${reason}.`);
    this.name = 'JobAborted';
    this.reason = reason;
  }
}

/** 409: the attempt that wants to write has been replaced. */
export class StaleAttemptError extends DomainError {
  constructor() {
    super(409, 'stale_attempt', { detail: 'Another attempt of the job has taken its place.' });
  }
}

/** One attempt in this process. */
export class JobRun implements JobExecution {
  static readonly #logger = new Logger('jobs');
  readonly job: Job;
  readonly #abort = new AbortController();
  readonly #progress: Progress;
  readonly #jobs: JobsRepository;
  #published: Promise<unknown> = Promise.resolve();
  /** Milliseconds since the epoch by this process' clock, never later than the lease in the database. */
  leaseEnds = Number.POSITIVE_INFINITY;
  /** Its settlement has failed: the lease is not renewed any more. */
  settling = false;

  constructor(job: Job, progress: Progress, jobs: JobsRepository) {
    this.job = job;
    this.#progress = progress;
    this.#jobs = jobs;
  }

  get id(): string {
    return this.job.id;
  }
  get runId(): string {
    return this.job.runId;
  }
  get args(): Record<string, unknown> {
    return this.job.args;
  }
  get context(): RequestContext {
    return this.job.context;
  }
  get attempt(): number {
    return this.job.attempt;
  }
  get fencing(): number {
    return this.job.fencing;
  }
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Undefined while nobody has aborted it. */
  get abortedBy(): AbortReason | undefined {
    const reason: unknown = this.signal.reason;
    return reason instanceof JobAborted ? reason.reason : undefined;
  }

  /** The first reason stays. */
  abort(reason: AbortReason): void {
    if (!this.signal.aborted) this.#abort.abort(new JobAborted(reason));
  }

  async publish(stage: string, message: string, extras: Record<string, unknown> = {}): Promise<void> {
    const published = this.#progress.publish(
      this.id,
      this.job.orgId,
      { stage, message, extras: { ...extras, ...this.frameContext } },
      this.fencing,
    );
    const settled = published.then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof TaskFinishedError)
          JobRun.#logger.log({ msg: 'a replaced attempt published a frame', job_id: this.id, stage });
        else JobRun.#logger.warn({ msg: 'progress frame lost', job_id: this.id, stage, err: error });
      },
    );
    this.#published = Promise.all([this.#published, settled]);
    await settled;
  }

  async assertCurrent(): Promise<void> {
    if (!(await this.#jobs.lockAttempt(this.id, this.fencing))) throw new StaleAttemptError();
  }

  async acted(outcome: JobOutcome): Promise<void> {
    assertResultFits(outcome.result);
    if (!(await this.#jobs.markActed(this.id, this.fencing, outcome))) throw new StaleAttemptError();
  }

  /** Resolves when every frame published so far is stored or lost. */
  async published(): Promise<void> {
    await this.#published;
  }

  /** Extras of every frame of a run (trading.md 5). */
  get frameContext(): Record<string, unknown> {
    return { run_id: this.runId, context: { org_id: this.job.orgId, project_id: this.job.projectId } };
  }
}
