import { Injectable } from '@nestjs/common';
import type { KeyClaim } from '#platform/audit';
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

  /** Takes the key, unless another request has it. */
  async claim(context: RequestContext, claim: KeyClaim): Promise<boolean> {
    const [row] = await this.tx.manager.query<{ taken: boolean }[]>('SELECT claim_idempotency_key($1) AS taken', [
      JSON.stringify({ ...claim, principal: context.principal.actor }),
    ]);
    return row?.taken ?? false;
  }

  /** The request that has the key, and its answer if it has ended; undefined when the key is free. */
  async holder(
    context: RequestContext,
    key: string,
  ): Promise<{ fingerprint: string; response: StoredResponse | null } | undefined> {
    const [row] = await this.tx.manager.query<Row[]>(
      `SELECT fingerprint, status, body, location, etag, content_type FROM idempotency_keys
       WHERE key = $1 AND principal = $2 AND claimed_at >= now() - CASE WHEN status IS NULL THEN interval '60 seconds'
         ELSE interval '24 hours' END`,
      [key, context.principal.actor],
    );
    return row && { fingerprint: row.fingerprint, response: row.status === null ? null : stored(row.status, row) };
  }

  /**
   * Rejects with ClaimLostError, and has then failed the transaction, when another request has taken the key over in
   * the meantime.
   */
  complete({ id }: KeyClaim, { status, body, location, etag, contentType }: StoredResponse): Promise<void> {
    return this.tx.manager
      .query<unknown>('SELECT complete_idempotency_key($1, $2, $3, $4, $5, $6)', [
        id,
        status,
        body,
        location,
        etag,
        contentType,
      ])
      .then(
        () => undefined,
        (error: unknown) => {
          throw isClaimLost(error) ? new ClaimLostError('The claim is gone.', { cause: error }) : error;
        },
      );
  }

  async release({ id }: KeyClaim): Promise<void> {
    await this.tx.manager.query('DELETE FROM idempotency_keys WHERE claim_id = $1 AND status IS NULL', [id]);
  }
}

/** SQLSTATE of `complete_idempotency_key`. */
const CLAIM_LOST = 'ASKEY';

export class ClaimLostError extends Error {}

function isClaimLost(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === CLAIM_LOST;
}

function stored(status: number, row: Row): StoredResponse {
  return { status, body: row.body, location: row.location, etag: row.etag, contentType: row.content_type };
}
