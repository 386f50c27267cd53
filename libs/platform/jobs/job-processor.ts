import { SetMetadata } from '@nestjs/common';
import type { RequestContext } from '#platform/context';
import type { QueueName } from '#platform/config';
import type { JobOutcome, JobSettled } from './job.ts';

interface ProcessorOptions {
  /** `<area>.<verb>`; also the audit action of every execution. */
  name: string;
  queue: QueueName;
  /** The signal aborts after so many milliseconds, and the job fails with `timeout`. */
  timeoutMs: number;
  /** Default 5. */
  maxAttempts?: number;
  /** For deterministic work: a lost process is no attempt; after so many losses the job fails with `worker_lost`. */
  lostProcessLimit?: number;
  /** Work that a halt stops: taken while one is engaged it ends cancelled. */
  haltable?: boolean;
  /** From a cancel or timeout to the end of waiting for the processor. Default `ALPHASWARM_JOB_GRACE_MS`. */
  cancelGraceMs?: number;
}

/**
 * `requeue`: after `ALPHASWARM_JOB_SHUTDOWN_MS` of a shutdown the job returns to the queue, uncounted. `finish`: it
 * goes on for up to `finishMs` from the beginning of the shutdown; what has not ended then is left like the job of a
 * lost process.
 */
export type ShutdownOptions = { onShutdown?: 'requeue' } | { onShutdown: 'finish'; finishMs: number };

export type JobProcessorOptions = ProcessorOptions & ShutdownOptions;

/** One attempt of a job, as its processor sees it. */
export interface JobExecution {
  readonly id: string;
  readonly runId: string;
  readonly args: Record<string, unknown>;
  readonly context: RequestContext;
  readonly attempt: number;
  /** Rises with every attempt. What an older attempt writes is refused. */
  readonly fencing: number;
  /** Aborts on cancel, timeout, shutdown and when the lease is lost. */
  readonly signal: AbortSignal;
  /** A progress frame. Resolves when it is stored; never rejects, because emission must not fail the work. */
  publish(stage: string, message: string, extras?: Record<string, unknown>): Promise<void>;
  /** Inside a tenant transaction: locks the job row and throws `stale_attempt` when this attempt has been replaced. */
  assertCurrent(): Promise<void>;
  /**
   * Inside a tenant transaction: marks that an effect has left the process or is about to, with the outcome by which
   * the job ends if nobody comes to say more. From the commit on it is never queued again. Before an effect: an outcome
   * that says nobody knows; as soon as its answer is known, called again with that. Throws `stale_attempt`.
   */
  acted(outcome: JobOutcome): Promise<void>;
}

/** A job that goes back to the queue or into it again. */
export interface RequeuedJob {
  readonly id: string;
  readonly runId: string;
  readonly context: RequestContext;
}

export interface JobRunner {
  run(job: JobExecution): Promise<Record<string, unknown>>;
  /**
   * In the transaction that ends the job, together with the job row, the terminal frame and the audit outcome.
   * `result` becomes the job's and the frame's; the members of `frame` join the frame. A job that acted may be settled
   * in another process than it ran in, so the outcome has to be enough.
   */
  onSettled?(job: JobExecution, outcome: JobOutcome): Promise<JobSettled | void>;
  /** A lost or returned job waits again; its run row may follow. */
  onRequeued?(job: RequeuedJob): Promise<void>;
  /** In the transaction of a retry: re-opens the run for the new task, or names another run. */
  onRetried?(job: RequeuedJob, previousTaskId: string): Promise<{ runId: string } | void>;
}

export const JOB_PROCESSOR = Symbol('job-processor');

/** Marks an injectable JobRunner; found at boot. */
export function JobProcessor(options: JobProcessorOptions): ClassDecorator {
  return SetMetadata(JOB_PROCESSOR, options);
}
