import { SetMetadata } from '@nestjs/common';
import type { RequestContext } from '#platform/context';
import type { JobOutcome, QueueName } from './job.ts';

export interface JobProcessorOptions {
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
}

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
   * What it returns becomes the job's `result` and the frame's.
   */
  onSettled?(job: JobExecution, outcome: JobOutcome): Promise<Record<string, unknown> | void>;
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
