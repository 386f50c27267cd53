import { Injectable } from '@nestjs/common';
import { TenantTransaction } from '#platform/database';
import type { CredentialView } from './dto/credential.views.ts';

/** Rows as the database gives them: times are still dates. */
export type CredentialRow = {
  [K in keyof CredentialView]: K extends `${string}_at` ? Date | Extract<CredentialView[K], null> : CredentialView[K];
};

export interface CredentialFilter {
  readonly service: string | null;
  /** Whoever asks: what is his own, and of workspaces that he sees, is shown. */
  readonly subjectId: string;
  /** Admins see that others have some of their own. */
  readonly others: boolean;
}

const COLUMNS = `c.id, c.workspace_id, c.owner_user_id, c.kind, c.service, c.purpose, c.label, 'pg' AS store, c.version,
  encode(c.fingerprint, 'hex') AS fingerprint, c.last4, c.status, c.last_used_at, c.expires_at, c.created_at,
  c.updated_at`;

/** What is shown of credentials. Row-level security leaves those of the organization. */
@Injectable()
export class CredentialViewsRepository {
  constructor(private readonly tx: TenantTransaction) {}

  async find(id: string): Promise<CredentialRow | null> {
    const [row] = await this.tx.manager.query<CredentialRow[]>(`SELECT ${COLUMNS} FROM credentials c WHERE c.id = $1`, [
      id,
    ]);
    return row ?? null;
  }

  /** By id, so by the time they were made; revoked ones are left out. */
  async list(
    { service, subjectId, others }: CredentialFilter,
    after: string | null,
    limit: number,
  ): Promise<CredentialRow[]> {
    return this.tx.manager.query<CredentialRow[]>(
      `SELECT ${COLUMNS} FROM credentials c
       WHERE c.status <> 'revoked' AND ($1::text IS NULL OR c.service = $1)
         AND ($3 OR c.owner_user_id IS NULL OR c.owner_user_id = $2)
         AND (c.workspace_id IS NULL OR EXISTS (SELECT 1 FROM effective_role($2, c.workspace_id)))
         AND ($4::uuid IS NULL OR c.id > $4)
       ORDER BY c.id LIMIT $5`,
      [service, subjectId, others, after, limit],
    );
  }

  /**
   * Whether the organization has fewer than `most` that are not revoked. Those who ask wait for each other until they
   * commit.
   */
  async hasRoom(orgId: string, most: number): Promise<boolean> {
    await this.tx.manager.query("SELECT pg_advisory_xact_lock(hashtextextended('credentials of ' || $1, 0))", [orgId]);
    const [row] = await this.tx.manager.query<{ count: number }[]>(
      "SELECT count(*)::int AS count FROM (SELECT 1 FROM credentials WHERE status <> 'revoked' LIMIT $1) AS held",
      [most],
    );
    return row!.count < most;
  }

  async isMember(userId: string): Promise<boolean> {
    const rows = await this.tx.manager.query<unknown[]>("SELECT 1 FROM users WHERE id = $1 AND status <> 'deleted'", [
      userId,
    ]);
    return rows.length > 0;
  }
}
