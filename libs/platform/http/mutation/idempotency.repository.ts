import { Injectable } from '@nestjs/common';
import { newId } from '#kernel';
import type { RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';

/** What a repeated request gets back. */
export interface StoredResponse {
  status: number;
  /** JSON text; null for an answer without body. */
  body: string | null;
  location: string | null;
  etag: string | null;
  contentType: string | null;
}

export interface Claim {
  key: string;
  id: string;
}

export type ClaimResult = { claim: Claim } | { fingerprint: string; response: StoredResponse | null };

interface Row {
  fingerprint: string;
  status: number | null;
  body: string | null;
  location: string | null;
  etag: string | null;
  content_type: string | null;
}

/** Table `idempotency_keys`. The organization, or the nil UUID, comes from row-level security's own setting. */
@Injectable()
export class IdempotencyRepository {
  constructor(private readonly tx: TenantTransaction) {}

  /** Takes the key, or tells who has it. A running row is free again after 60 s, a finished one after 24 h; database time decides. */
  async claim(context: RequestContext, key: string, fingerprint: string): Promise<ClaimResult> {
    const id = newId();
    const owner = [key, context.principal.actor];
    const [taken] = await this.tx.manager.query<{ claim_id: string }[]>(
      `INSERT INTO idempotency_keys (key, principal, claim_id, fingerprint) VALUES ($1, $2, $3, $4)
       ON CONFLICT (org_id, principal, key) DO UPDATE
         SET claim_id = excluded.claim_id, fingerprint = excluded.fingerprint, claimed_at = now(),
             status = NULL, body = NULL, location = NULL, etag = NULL, content_type = NULL
         WHERE idempotency_keys.claimed_at < now() - CASE WHEN idempotency_keys.status IS NULL THEN interval '60 seconds' ELSE interval '24 hours' END
       RETURNING claim_id`,
      [...owner, id, fingerprint],
    );
    if (taken) return { claim: { key, id } };
    const [row] = await this.tx.manager.query<Row[]>(
      'SELECT fingerprint, status, body, location, etag, content_type FROM idempotency_keys WHERE key = $1 AND principal = $2', owner,
    );
    // Gone between the two statements: its owner failed, and the caller may try again.
    if (!row) return { fingerprint, response: null };
    return { fingerprint: row.fingerprint, response: row.status === null ? null : stored(row.status, row) };
  }

  /** False when another request has taken the key over in the meantime. */
  async complete({ id }: Claim, response: StoredResponse): Promise<boolean> {
    const rows = await this.tx.manager.query<unknown[]>(
      `WITH done AS (
         UPDATE idempotency_keys SET status = $2, body = $3, location = $4, etag = $5, content_type = $6 WHERE claim_id = $1 AND status IS NULL RETURNING 1
       ) SELECT * FROM done`,
      [id, response.status, response.body, response.location, response.etag, response.contentType],
    );
    return rows.length === 1;
  }

  async release({ id }: Claim): Promise<void> {
    await this.tx.manager.query('DELETE FROM idempotency_keys WHERE claim_id = $1 AND status IS NULL', [id]);
  }
}

function stored(status: number, row: Row): StoredResponse {
  return { status, body: row.body, location: row.location, etag: row.etag, contentType: row.content_type };
}
