import { DomainError } from '#kernel';
import type { RequestContext } from '#platform/context';
import type { TraceHeaders } from '#platform/spans';

export type JobStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'dead';

export const JOB_STATUSES = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'dead',
] as const satisfies readonly JobStatus[];

export interface JobError {
  code: string;
  message: string;
  retryable: boolean;
}

/** How a job ends. `result` with `succeeded`, `error` with the others; a cancelled job may have none. */
export interface JobOutcome {
  status: Exclude<JobStatus, 'queued' | 'running'>;
  result?: Record<string, unknown>;
  error?: JobError;
  /** Why a cancelled job was cancelled. */
  reason?: string;
}

/** What an area says about a job that ends. */
export interface JobSettled {
  /** With `succeeded` only; default the outcome's. */
  result?: Record<string, unknown>;
  /** Members of the terminal frame, at most 16 KiB of JSON; the platform's own names win. */
  frame?: Record<string, unknown>;
}

/** A row of `jobs` as execution needs it. */
export interface Job {
  readonly id: string;
  readonly orgId: string | null;
  readonly projectId: string | null;
  readonly queue: string;
  readonly name: string;
  readonly runId: string;
  readonly args: Record<string, unknown>;
  readonly status: JobStatus;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly lost: number;
  readonly lostProcessLimit: number | null;
  readonly fencing: number;
  /** Milliseconds since the epoch; null before the first attempt. */
  readonly startedAt: number | null;
  readonly context: RequestContext;
  /** Parent of every attempt: where the trace of the caller goes on. */
  readonly trace: TraceHeaders | null;
}

/** Three lost processes end a job that may have had effects; nobody knows what a fourth try would repeat. */
const MAX_LOST = 3;

/** Seconds before the next attempt: e^min(attempt, 10), as Graphile Worker has it. */
export function retryDelaySeconds(attempt: number): number {
  return Math.exp(Math.min(attempt, 10));
}

/** Why a job that was just taken must not run again; undefined when it may. */
export function exhaustedByLosses(job: Job): JobOutcome | undefined {
  const limit = job.lostProcessLimit ?? MAX_LOST;
  if (job.lost < limit) return undefined;
  const error = {
    code: 'worker_lost',
    message: `The process that ran the job was lost ${job.lost} times.`,
    retryable: false,
  };
  return { status: job.lostProcessLimit === null ? 'dead' : 'failed', error };
}

/**
 * What a thrown error means for the attempt: refusals of ours below 500 are final, everything else may pass with time.
 */
export function jobErrorOf(error: unknown): JobError {
  if (error instanceof DomainError) return { code: error.code, message: error.message, retryable: error.status >= 500 };
  return { code: 'internal_error', message: 'Something went wrong on our side.', retryable: true };
}

/** Null: another attempt is due. */
export function outcomeOfFailure(job: Job, error: JobError): JobOutcome | null {
  if (!error.retryable) return { status: 'failed', error };
  return job.attempt >= job.maxAttempts ? { status: 'dead', error: { ...error, retryable: false } } : null;
}

const MAX_RESULT_BYTES = 262_144;

/** Throws 422 `job_result_too_large`. */
export function assertResultFits(result: Record<string, unknown> | undefined): void {
  if (result && Buffer.byteLength(JSON.stringify(result)) > MAX_RESULT_BYTES) {
    throw new DomainError(422, 'job_result_too_large', { detail: 'The result of a job has at most 256 KiB.' });
  }
}
