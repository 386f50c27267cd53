import { Injectable } from '@nestjs/common';
import { Clock, newId } from '#kernel';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { IngestRequest } from './ingest-request.ts';
import type { IngestRunRow, RunCounts, RunStatus } from './ingest-run.ts';

export interface NewRun {
  readonly id: string;
  readonly trigger: 'api' | 'retry';
  readonly request: IngestRequest;
  readonly commitRoot: string;
  readonly attempt: number;
  readonly retryOf: string | null;
}

export interface RunFilter {
  status: string | null;
  trigger: string | null;
  table: string | null;
  pipeline: string | null;
  since: Date | null;
}

/** Rows of ingestion runs and of what they refused. */
@Injectable()
export class IngestRunsRepository {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
  ) {}

  async insert(ctx: WorkspaceContext, run: NewRun): Promise<void> {
    await this.tx.manager.query(
      `INSERT INTO ingest_runs (id, org_id, workspace_id, project_id, created_by, trigger, request, source, target,
        commit_root, ol_run_id, attempt, retry_of, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
      [
        run.id,
        ctx.orgId,
        ctx.workspaceId,
        ctx.projectId,
        ctx.principal.actor,
        run.trigger,
        JSON.stringify(run.request),
        JSON.stringify(run.request.source),
        JSON.stringify(run.request.target),
        run.commitRoot,
        newId(this.clock),
        run.attempt,
        run.retryOf,
        new Date(this.clock.now()),
      ],
    );
  }

  async setTask(id: string, taskId: string): Promise<void> {
    await this.tx.manager.query('UPDATE ingest_runs SET task_id = $2 WHERE id = $1', [id, taskId]);
  }

  async find(workspaceId: string, id: string): Promise<IngestRunRow | null> {
    return (
      (
        await this.tx.manager.query<IngestRunRow[]>('SELECT * FROM ingest_runs WHERE workspace_id = $1 AND id = $2', [
          workspaceId,
          id,
        ])
      )[0] ?? null
    );
  }

  async page(
    workspaceId: string,
    filter: RunFilter,
    after: { at: string; id: string } | null,
    limit: number,
  ): Promise<IngestRunRow[]> {
    return this.tx.manager.query<IngestRunRow[]>(
      `SELECT * FROM ingest_runs WHERE workspace_id = $1 AND ($2::text IS NULL OR status = $2) AND ($3::text IS NULL OR
        trigger = $3) AND ($4::text IS NULL OR target->>'table' = $4)
         AND ($5::uuid IS NULL OR pipeline_id = $5) AND ($6::timestamptz IS NULL OR created_at >= $6) AND
         ($7::timestamptz IS NULL OR (created_at, id) < ($7::timestamptz, $8::uuid))
       ORDER BY created_at DESC, id DESC LIMIT $9`,
      [
        workspaceId,
        filter.status,
        filter.trigger,
        filter.table,
        filter.pipeline,
        filter.since,
        after?.at ?? null,
        after?.id ?? null,
        limit,
      ],
    );
  }

  /** Moves a run on; one that has ended stays as it is. */
  async advance(id: string, status: RunStatus): Promise<void> {
    await this.tx.manager.query(
      `UPDATE ingest_runs SET status = $2, started_at = coalesce(started_at, $3) WHERE id = $1 AND status NOT IN
        ('succeeded', 'partially_succeeded', 'failed', 'cancelled')`,
      [id, status, new Date(this.clock.now())],
    );
  }

  async count(id: string, counts: RunCounts): Promise<void> {
    await this.tx.manager.query(
      `UPDATE ingest_runs SET rows_read = $2, rows_written = $3, rows_duplicate = $4, rows_quarantined = $5, bytes_read
        = $6, truncated = $7, reasons = $8, warnings = $9, commits = $10, refusals = $11 WHERE id = $1`,
      [
        id,
        counts.rowsRead,
        counts.rowsWritten,
        counts.rowsDuplicate,
        counts.rowsQuarantined,
        counts.bytesRead,
        counts.truncated,
        JSON.stringify(counts.reasons),
        JSON.stringify(counts.warnings),
        JSON.stringify(counts.commits),
        JSON.stringify(counts.refusals),
      ],
    );
  }

  async end(id: string, status: RunStatus, error: { code: string; message: string } | null): Promise<void> {
    const now = new Date(this.clock.now());
    await this.tx.manager.query(
      `UPDATE ingest_runs SET status = $2, error = $3, started_at = coalesce(started_at, $4), finished_at = $4 WHERE id
        = $1 AND status NOT IN ('succeeded', 'partially_succeeded', 'failed', 'cancelled')`,
      [id, status, error && JSON.stringify(error), now],
    );
  }

  async insertQuarantine(
    ctx: WorkspaceContext,
    batch: { runId: string; target: string; rows: number; reasons: Record<string, number> },
  ): Promise<void> {
    await this.tx.manager.query(
      `INSERT INTO quarantine_batches (id, org_id, workspace_id, run_id, target, rows, reasons, created_at) VALUES ($1,
        $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (run_id) DO NOTHING`,
      [
        newId(this.clock),
        ctx.orgId,
        ctx.workspaceId,
        batch.runId,
        batch.target,
        batch.rows,
        JSON.stringify(batch.reasons),
        new Date(this.clock.now()),
      ],
    );
  }

  async sourceKind(name: string): Promise<string | null> {
    return (
      (await this.tx.manager.query<{ kind: string }[]>('SELECT kind FROM data_sources WHERE name = $1', [name]))[0]
        ?.kind ?? null
    );
  }
}
