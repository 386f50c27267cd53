import { Injectable } from '@nestjs/common';
import { TenantTransaction } from '#platform/database';
import type { LedgerEntryView, WorkloadRunView } from './dto/audit.views.ts';

export interface RunFilter {
  orgId: string;
  /** Only what this principal started. */
  startedBy: string | null;
  actor: string | undefined;
  action: string | undefined;
  status: string | undefined;
  target: string | undefined;
  from: string | undefined;
  to: string | undefined;
}

/** Sort key of the last run seen. */
export interface RunPosition {
  startedAt: string;
  id: string;
}

const RUN = `id, org_id, action, CASE WHEN target_kind IS NOT NULL AND target_id IS NOT NULL THEN target_kind || ':' ||
  target_id END AS target,
  CASE actor_kind WHEN 'anonymous' THEN actor_kind ELSE actor_kind || ':' || actor_id END AS actor, started_by_user_id,
  status, error_code, payload, result, auth,
  request_id, trace_id, host(source_ip) AS source_ip, idempotency_key, rfc3339(started_at) AS started_at,
  rfc3339(ended_at) AS ended_at`;

@Injectable()
export class WorkloadRunViewsRepository {
  constructor(private readonly tx: TenantTransaction) {}

  /** Newest first. */
  list(filter: RunFilter, limit: number, after: RunPosition | null): Promise<WorkloadRunView[]> {
    return this.tx.manager.query(
      `SELECT ${RUN} FROM workload_runs
       WHERE org_id = $1 AND ($2::text IS NULL OR actor_id = $2) AND ($3::text IS NULL OR $3 IN (actor_id, actor_kind ||
         ':' || actor_id))
         AND ($4::text IS NULL OR action = $4) AND ($5::text IS NULL OR status = $5) AND ($6::text IS NULL OR $6 IN
         (target_id, target_kind || ':' || target_id))
         AND ($7::timestamptz IS NULL OR started_at >= $7) AND ($8::timestamptz IS NULL OR started_at < $8)
         AND ($9::timestamptz IS NULL OR (workload_runs.started_at, id) < ($9, $10::uuid))
       ORDER BY workload_runs.started_at DESC, id DESC LIMIT $11`,
      [
        filter.orgId,
        filter.startedBy,
        filter.actor ?? null,
        filter.action ?? null,
        filter.status ?? null,
        filter.target ?? null,
        filter.from ?? null,
        filter.to ?? null,
        after?.startedAt ?? null,
        after?.id ?? null,
        limit,
      ],
    );
  }

  async find(id: string, startedBy: string | null): Promise<WorkloadRunView | null> {
    const rows = await this.tx.manager.query<WorkloadRunView[]>(
      `SELECT ${RUN} FROM workload_runs WHERE id = $1 AND ($2::text IS NULL OR actor_id = $2)`,
      [id, startedBy],
    );
    return rows[0] ?? null;
  }

  /** Entries of a run, sealed or not, in the order in which they were committed. */
  async entries(runId: string): Promise<LedgerEntryView[]> {
    const rows = await this.tx.manager.query<(Omit<LedgerEntryView, 'seq'> & { seq: string | null })[]>(
      `SELECT seq, chain_id AS chain, kind, rfc3339(at) AS at, body, encode(prev_hash, 'hex') AS prev_hash,
        encode(entry_hash, 'hex') AS entry_hash
       FROM (SELECT seq, chain_id, kind, at, body, prev_hash, entry_hash FROM audit_ledger WHERE run_id = $1
             UNION ALL SELECT NULL, chain_id, kind, at, body, NULL, NULL FROM audit_entries WHERE run_id = $1) entries
       ORDER BY entries.at, seq NULLS LAST`,
      [runId],
    );
    return rows.map((row) => ({ ...row, seq: row.seq === null ? null : Number(row.seq) }));
  }
}
