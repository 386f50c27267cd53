import { Injectable } from '@nestjs/common';
import { Clock } from '#kernel';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { Compression, FileFormat } from './reading/formats.ts';

export interface UploadRow {
  id: string;
  filename: string | null;
  format: FileFormat;
  compression: Compression;
  media_type: string;
  size_bytes: string;
  sha256: string;
  storage_key: string;
  state: string;
  created_at: Date;
  expires_at: Date;
}

const LIFETIME_MS = 24 * 3_600_000;

@Injectable()
export class UploadsRepository {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
  ) {}

  /** The row of an upload whose bytes are on their way: nobody finds it, and it expires like any other. */
  async reserve(
    ctx: WorkspaceContext,
    upload: {
      id: string;
      filename: string | null;
      format: FileFormat;
      compression: string;
      mediaType: string;
      bytes: number;
      sha256: string;
      storageKey: string;
    },
  ): Promise<void> {
    const now = this.clock.now();
    await this.tx.manager.query(
      `INSERT INTO ingest_uploads (id, org_id, workspace_id, project_id, created_by, filename, format, compression,
        media_type, size_bytes, sha256, storage_key, state, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'open', $13, $14)`,
      [
        upload.id,
        ctx.orgId,
        ctx.workspaceId,
        ctx.projectId,
        ctx.principal.actor,
        upload.filename,
        upload.format,
        upload.compression,
        upload.mediaType,
        upload.bytes,
        upload.sha256,
        upload.storageKey,
        new Date(now),
        new Date(now + LIFETIME_MS),
      ],
    );
  }

  async complete(id: string): Promise<UploadRow> {
    const [rows] = await this.tx.manager.query<[UploadRow[]]>(
      "UPDATE ingest_uploads SET state = 'complete' WHERE id = $1 AND state = 'open' RETURNING *",
      [id],
    );
    if (!rows[0]) throw new Error(`upload ${id} expired while it was stored`);
    return rows[0];
  }

  /** Of all organizations: needs a scope with `platformRead`. */
  async expiredBefore(time: Date): Promise<{ id: string; org_id: string; storage_key: string }[]> {
    return this.tx.manager.query(
      `SELECT id, org_id, storage_key FROM ingest_uploads WHERE state IN ('open', 'complete') AND expires_at < $1
       ORDER BY expires_at`,
      [time],
    );
  }

  async expire(id: string): Promise<void> {
    await this.tx.manager.query("UPDATE ingest_uploads SET state = 'expired' WHERE id = $1", [id]);
  }

  async find(workspaceId: string, id: string): Promise<UploadRow | null> {
    return (
      (
        await this.tx.manager.query<UploadRow[]>(
          "SELECT * FROM ingest_uploads WHERE workspace_id = $1 AND id = $2 AND state <> 'open'",
          [workspaceId, id],
        )
      )[0] ?? null
    );
  }
}
