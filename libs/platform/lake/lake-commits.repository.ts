import { Injectable } from '@nestjs/common';
import { Clock, DomainError, newId } from '#kernel';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { LakeTable } from './lake-table.ts';

export interface CommitRow {
  id: string;
  payload_sha256: string;
  state: 'prepared' | 'files_written' | 'committed' | 'aborted';
  snapshot_id: string | null;
  version: number | null;
  rows: string;
  duplicates: string;
  conflicts: string;
  conflict_first_line: string | null;
}

export interface CommitResult {
  readonly snapshotId: string | null;
  readonly version: number | null;
  readonly baseSnapshotId: string | null;
  readonly rows: number;
  readonly duplicates: number;
  readonly conflicts: number;
  readonly conflictFirstLine: number | null;
  readonly files: number;
  readonly bytes: number;
}

/** How long a silent process keeps an append to itself. */
export const LEASE_SECONDS = 15;

/** The rows that make an append exactly-once: one per (table, branch, commit key). */
@Injectable()
export class LakeCommitsRepository {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
  ) {}

  /**
   * Finds the commit of this key, or prepares it. It stays when the caller's transaction rolls back: a retry must find
   * it.
   */
  async prepare(
    ctx: WorkspaceContext,
    table: LakeTable,
    commit: { key: string; payloadSha256: string; runId: string | null },
  ): Promise<CommitRow> {
    return this.tx.runSeparately(ctx, async () => {
      await this.tx.manager.query(
        `INSERT INTO lake_commits (id, org_id, workspace_id, table_uuid, commit_key, payload_sha256, run_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (table_uuid, branch, commit_key) DO NOTHING`,
        [
          newId(this.clock),
          ctx.orgId,
          ctx.workspaceId,
          table.uuid,
          commit.key,
          commit.payloadSha256,
          commit.runId,
          new Date(this.clock.now()),
        ],
      );
      const rows = await this.tx.manager.query<CommitRow[]>(
        'SELECT * FROM lake_commits WHERE table_uuid = $1 AND branch = $2 AND commit_key = $3',
        [table.uuid, 'main', commit.key],
      );
      return rows[0]!;
    });
  }

  /**
   * Takes the commit for this process, for `LEASE_SECONDS` unless renewed. Returns the number of the attempt; null
   * while another process works on it or when it is committed.
   */
  async claim(ctx: WorkspaceContext, commitId: string, owner: string): Promise<number | null> {
    return this.tx.runSeparately(ctx, async () => {
      const [rows] = await this.tx.manager.query<[{ attempts: number }[], number]>(
        `UPDATE lake_commits SET lease_owner = $2, lease_until = clock_timestamp() + make_interval(secs => $3), attempts
          = attempts + 1
         WHERE id = $1 AND state <> 'committed' AND (lease_until IS NULL OR lease_until < clock_timestamp()) RETURNING
           attempts`,
        [commitId, owner, LEASE_SECONDS],
      );
      return rows[0]?.attempts ?? null;
    });
  }

  async renew(ctx: WorkspaceContext, commitId: string, owner: string): Promise<void> {
    await this.tx.runSeparately(ctx, () =>
      this.tx.manager.query(
        `UPDATE lake_commits SET lease_until = clock_timestamp() + make_interval(secs => $3) WHERE id = $1 AND
        lease_owner = $2`,
        [commitId, owner, LEASE_SECONDS],
      ),
    );
  }

  async release(ctx: WorkspaceContext, commitId: string, owner: string): Promise<void> {
    await this.tx.runSeparately(ctx, () =>
      this.tx.manager.query(
        'UPDATE lake_commits SET lease_until = NULL, lease_owner = NULL WHERE id = $1 AND lease_owner = $2',
        [commitId, owner],
      ),
    );
  }

  async filesWritten(ctx: WorkspaceContext, commitId: string, files: number, bytes: number): Promise<void> {
    await this.tx.runSeparately(ctx, () =>
      this.tx.manager.query(
        `UPDATE lake_commits SET state = 'files_written', files = $2, bytes = $3 WHERE id = $1 AND state <>
        'committed'`,
        [commitId, files, bytes],
      ),
    );
  }

  /** Part of the committing transaction. Throws when another process took the commit over in between. */
  async committed(commitId: string, owner: string, result: CommitResult): Promise<void> {
    const [, changed] = await this.tx.manager.query<[unknown[], number]>(
      `UPDATE lake_commits SET state = 'committed', snapshot_id = $3, version = $4, base_snapshot_id = $5, rows = $6,
        duplicates = $7, conflicts = $8,
         conflict_first_line = $9, files = $10, bytes = $11, committed_at = $12 WHERE id = $1 AND lease_owner = $2 AND
         state <> 'committed'`,
      [
        commitId,
        owner,
        result.snapshotId,
        result.version,
        result.baseSnapshotId,
        result.rows,
        result.duplicates,
        result.conflicts,
        result.conflictFirstLine,
        result.files,
        result.bytes,
        new Date(this.clock.now()),
      ],
    );
    if (changed !== 1)
      throw new DomainError(409, 'commit_in_progress', { detail: 'Another process took this append over.' });
  }

  async state(ctx: WorkspaceContext, commitId: string): Promise<CommitRow> {
    return this.tx.runSeparately(ctx, async () => {
      const rows = await this.tx.manager.query<CommitRow[]>('SELECT * FROM lake_commits WHERE id = $1', [commitId]);
      if (!rows[0]) throw new Error(`lake commit ${commitId} is gone`);
      return rows[0];
    });
  }
}
