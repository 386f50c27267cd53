import type { StoredFrame } from '#platform/progress';
import type { JobView } from './dto/job.views.ts';

/** What the gateway knows of the task behind a socket. */
export interface FollowedTask {
  readonly id: string;
  /** Last `seq` the client has seen. */
  readonly after: number;
  /** Of the job, when the socket was admitted. */
  readonly status: string;
}

const STAGES: Readonly<Record<string, string>> = {
  succeeded: 'done',
  failed: 'error',
  dead: 'error',
  cancelled: 'cancelled',
};

/** The terminal frame as the job's row tells it, for a stream whose frames have expired; null while the job goes on. */
export function lastFrameOf(job: JobView): StoredFrame | null {
  const stage = STAGES[job.status];
  if (!stage) return null;
  const seq = job.progress_seq ?? 1;
  const frame = {
    task_id: job.id,
    stage,
    message: job.error?.message ?? 'The task has ended.',
    timestamp: Date.parse(job.ended_at ?? job.created_at) / 1_000,
    run_id: job.run_id,
    ...(stage === 'done' ? { result: job.result } : {}),
    ...(stage === 'error' ? { error: job.error } : {}),
    ...(stage === 'cancelled' ? { reason: 'requested' } : {}),
    seq,
  };
  return { seq, stage, terminal: true, text: JSON.stringify(frame) };
}
