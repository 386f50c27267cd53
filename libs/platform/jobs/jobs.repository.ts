import { Injectable } from '@nestjs/common';
import { TenantTransaction } from '#platform/database';
import type { TraceHeaders } from '#platform/spans';
import type { Job, JobError, JobOutcome, JobStatus } from './job.ts';
import { type StoredContext, restoreContext } from './job-context.ts';

export interface NewJob {
  id: string;
  queue: string;
  name: string;
  runId: string;
  args: Record<string, unknown>;
  maxAttempts: number;
  lostProcessLimit: number | null;
  dedupeKey: string | null;
  retryOf: string | null;
  createdBy: string;
  context: StoredContext;
  trace: TraceHeaders | null;
}

export interface JobRecord {
  id: string;
  org_id: string | null;
  project_id: string | null;
  queue: string;
  name: string;
  run_id: string;
  args: Record<string, unknown>;
  status: JobStatus;
  attempt: number;
  max_attempts: number;
  lost: number;
  lost_process_limit: number | null;
  fencing: string;
  started_at: Date | null;
  context: StoredContext;
  traceparent: string | null;
  tracestate: string | null;
}

export const JOB_COLUMNS =
  'id, org_id, project_id, queue, name, run_id, args, status, attempt, max_attempts, lost, lost_process_limit, ' +
  'fencing, started_at, context, traceparent, tracestate';

export function jobOf(row: JobRecord): Job {
  return {
    id: row.id,
    orgId: row.org_id,
    projectId: row.project_id,
    queue: row.queue,
    name: row.name,
    runId: row.run_id,
    args: row.args,
    status: row.status,
    attempt: row.attempt,
    maxAttempts: row.max_attempts,
    lost: row.lost,
    lostProcessLimit: row.lost_process_limit,
    fencing: Number(row.fencing),
    startedAt: row.started_at?.getTime() ?? null,
    context: restoreContext(row.context),
    trace: row.traceparent === null ? null : { traceparent: row.traceparent, tracestate: row.tracestate },
  };
}

/** Job rows as their tenant sees them. A trigger keeps the queue in step with `status`. */
@Injectable()
export class JobsRepository {
  constructor(private readonly tx: TenantTransaction) {}

  async hasRetry(id: string): Promise<boolean> {
    const rows: unknown[] = await this.tx.manager.query('SELECT 1 FROM jobs WHERE retry_of = $1 LIMIT 1', [id]);
    return rows.length > 0;
  }

  /** False when an open job of the same queue has this dedupe key. */
  async insert(job: NewJob): Promise<boolean> {
    const { context } = job;
    const rows: unknown[] = await this.tx.manager.query(
      `INSERT INTO jobs (id, org_id, workspace_id, project_id, queue, name, run_id, args, max_attempts,
        lost_process_limit, dedupe_key, retry_of, created_by, context, traceparent, tracestate)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
       ON CONFLICT (org_id, queue, dedupe_key) WHERE dedupe_key IS NOT NULL AND status IN ('queued', 'running') DO
       NOTHING RETURNING id`,
      [
        job.id,
        context.org_id,
        context.workspace_id,
        context.project_id,
        job.queue,
        job.name,
        job.runId,
        JSON.stringify(job.args),
        job.maxAttempts,
        job.lostProcessLimit,
        job.dedupeKey,
        job.retryOf,
        job.createdBy,
        JSON.stringify(context),
        job.trace?.traceparent ?? null,
        job.trace?.tracestate ?? null,
      ],
    );
    return rows.length === 1;
  }

  async openWithKey(queue: string, dedupeKey: string): Promise<{ id: string; runId: string } | undefined> {
    const rows: { id: string; run_id: string }[] = await this.tx.manager.query(
      "SELECT id, run_id FROM jobs WHERE queue = $1 AND dedupe_key = $2 AND status IN ('queued', 'running')",
      [queue, dedupeKey],
    );
    return rows[0] && { id: rows[0].id, runId: rows[0].run_id };
  }

  /** Waiting jobs of the tenant, counted up to `limit`. */
  async countQueued(limit: number): Promise<number> {
    const rows: { n: number }[] = await this.tx.manager.query(
      "SELECT count(*)::int AS n FROM (SELECT 1 FROM jobs WHERE status = 'queued' LIMIT $1) q",
      [limit],
    );
    return rows[0]?.n ?? 0;
  }

  async lock(id: string): Promise<Job | undefined> {
    const rows: JobRecord[] = await this.tx.manager.query(`SELECT ${JOB_COLUMNS} FROM jobs WHERE id = $1 FOR UPDATE`, [
      id,
    ]);
    return rows[0] && jobOf(rows[0]);
  }

  /** Locks the row of a running attempt; false when the attempt is no longer the current one. */
  async lockAttempt(id: string, fencing: number): Promise<boolean> {
    const rows: unknown[] = await this.tx.manager.query(
      "SELECT 1 FROM jobs WHERE id = $1 AND fencing = $2 AND status = 'running' FOR UPDATE",
      [id, fencing],
    );
    return rows.length === 1;
  }

  /** False when the attempt is no longer the current one. */
  async markActed(id: string, fencing: number, outcome: JobOutcome): Promise<boolean> {
    const [, affected] = await this.tx.manager.query<[unknown, number]>(
      `UPDATE jobs SET acted = $3, updated_at = clock_timestamp()
       WHERE id = $1 AND fencing = $2 AND status = 'running'`,
      [id, fencing, JSON.stringify(outcome)],
    );
    return affected === 1;
  }

  async end(id: string, outcome: JobOutcome, progressSeq: number): Promise<void> {
    await this.tx.manager.query(
      `UPDATE jobs SET status = $2, result = $3, error = $4, progress_seq = $5, ended_at = clock_timestamp(), updated_at
        = clock_timestamp(),
         lease_owner = NULL, lease_until = NULL, cancel_requested_at = CASE WHEN $2 = 'cancelled' THEN
         COALESCE(cancel_requested_at, clock_timestamp()) ELSE cancel_requested_at END
       WHERE id = $1`,
      [id, outcome.status, json(outcome.result), json(outcome.error), progressSeq],
    );
  }

  /** A failed attempt waits for the next one. */
  async scheduleRetry(id: string, error: JobError, delaySeconds: number): Promise<void> {
    await this.tx.manager.query(
      `UPDATE jobs SET status = 'queued', error = $2, run_at = clock_timestamp() + $3 * interval '1 second', updated_at
        = clock_timestamp(), lease_owner = NULL, lease_until = NULL
       WHERE id = $1`,
      [id, json(error), delaySeconds],
    );
  }

  /** False when somebody has asked before. */
  async requestCancel(id: string): Promise<boolean> {
    const [, affected] = await this.tx.manager.query<[unknown, number]>(
      `UPDATE jobs SET cancel_requested_at = clock_timestamp(), updated_at = clock_timestamp() WHERE id = $1 AND
      cancel_requested_at IS NULL`,
      [id],
    );
    return affected === 1;
  }
}

function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
