import { Injectable } from '@nestjs/common';
import type { RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { QUEUES } from '#platform/jobs';
import type { JobView, QueueView } from './dto/job.views.ts';

export interface JobFilter {
  status?: string;
  queue?: string;
  name?: string;
  runId?: string;
}

export interface ListPosition {
  at: string;
  id: string;
}

// A finished stream's number is in the row; a running one's is its counter's.
const VIEW =
  `
  j.id, j.id AS task_id, j.run_id, j.name, j.queue, j.status, j.attempt, j.max_attempts, s.progress,
  COALESCE(j.progress_seq, s.last_seq)::float8 AS progress_seq, j.result, j.error, rfc3339(j.cancel_requested_at) AS ` +
  `cancel_requested_at, j.retry_of, j.created_by,
  rfc3339(j.created_at) AS created_at, rfc3339(j.started_at) AS started_at, rfc3339(j.ended_at) AS ended_at, ` +
  `'/ws/progress/' || j.id AS stream_url`;

/** A consumer that has not been seen for so long is gone. */
const CONSUMER_LIFE = "interval '60 seconds'";

/** Screens of jobs. */
@Injectable()
export class JobViewsRepository {
  constructor(private readonly tx: TenantTransaction) {}

  async detail(id: string): Promise<JobView | undefined> {
    const rows: JobView[] = await this.tx.manager.query(
      `SELECT ${VIEW} FROM jobs j LEFT JOIN progress_streams s ON s.task_id = j.id WHERE j.id = $1`,
      [id],
    );
    return rows[0];
  }

  /** Newest first: those of the active workspace, and those that belong to none. */
  async list(ctx: RequestContext, filter: JobFilter, limit: number, after: ListPosition | null): Promise<JobView[]> {
    return this.tx.manager.query(
      `SELECT ${VIEW} FROM jobs j LEFT JOIN progress_streams s ON s.task_id = j.id
       WHERE j.org_id = $1 AND (j.workspace_id = $2 OR j.workspace_id IS NULL)
         AND ($3::text IS NULL OR j.status = $3) AND ($4::text IS NULL OR j.queue = $4) AND ($5::text IS NULL OR j.name
         = $5) AND ($6::uuid IS NULL OR j.run_id = $6)
         AND ($7::timestamptz IS NULL OR (j.created_at, j.id) < ($7, $8::uuid))
       ORDER BY j.created_at DESC, j.id DESC LIMIT $9`,
      [
        ctx.orgId,
        ctx.workspaceId,
        filter.status ?? null,
        filter.queue ?? null,
        filter.name ?? null,
        filter.runId ?? null,
        after?.at ?? null,
        after?.id ?? null,
        limit,
      ],
    );
  }

  /** Every queue of the platform; numbers of jobs are the tenant's own, consumers are everybody's. */
  async queues(): Promise<QueueView[]> {
    return this.tx.manager.query(
      `SELECT q.queue, count(j.id) FILTER (WHERE j.status = 'queued')::int AS depth, count(j.id) FILTER (WHERE j.status
        = 'running')::int AS running,
         floor(extract(epoch FROM now() - min(j.created_at) FILTER (WHERE j.status = 'queued')))::int AS
         oldest_age_seconds,
         (SELECT count(*)::int FROM job_consumers c WHERE c.queue = q.queue AND c.seen_at > now() -
         ${CONSUMER_LIFE}) AS consumers
       FROM unnest($1::text[]) WITH ORDINALITY AS q (queue, position) LEFT JOIN jobs j ON j.queue = q.queue AND j.status
         IN ('queued', 'running')
       GROUP BY q.queue, q.position ORDER BY q.position`,
      [QUEUES],
    );
  }
}
