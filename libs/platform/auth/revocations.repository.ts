import { Injectable } from '@nestjs/common';
import { newId } from '#kernel';
import { AppPool } from '#platform/database';

/** `key` is the hex SHA-256 of what is revoked; `notBefore` in whole seconds. */
export interface RevocationRow {
  readonly kind: 'token' | 'subject' | 'tenant';
  readonly key: string;
  readonly notBefore: number;
}

export type RevocationKey = Omit<RevocationRow, 'notBefore'>;

const COLUMNS = `kind, encode(key_hash, 'hex') AS key, floor(extract(epoch FROM not_before))::float8 AS "notBefore"`;

/** The truth about revoked tokens. The table knows no tenant, so no tenant transaction is needed. */
@Injectable()
export class RevocationsRepository {
  constructor(private readonly pool: AppPool) {}

  async unexpired(): Promise<RevocationRow[]> {
    return this.pool.query<RevocationRow[]>(`SELECT ${COLUMNS} FROM token_revocations WHERE expires_at > now()`);
  }

  async matching(keys: readonly RevocationKey[]): Promise<RevocationRow[]> {
    return this.pool.query<RevocationRow[]>(
      `SELECT ${COLUMNS} FROM token_revocations JOIN unnest($1::text[], $2::text[]) AS asked (asked_kind, asked_key)
       ON kind = asked_kind AND key_hash = decode(asked_key, 'hex') WHERE expires_at > now()`,
      [keys.map(({ kind }) => kind), keys.map(({ key }) => key)],
    );
  }

  /**
   * Refuses what was issued until now, under this key, for as long as such a token could live: 24 hours and the skew of
   * its times (platform.md 3.2). Asked again it reaches up to the later moment.
   */
  async revoke({ kind, key }: RevocationKey, reason: string | null): Promise<void> {
    await this.pool.query(
      `INSERT INTO token_revocations (id, kind, key_hash, not_before, expires_at, reason)
       VALUES ($1, $2, decode($3, 'hex'), now(), now() + interval '24 hours 2 minutes', $4)
       ON CONFLICT (kind, key_hash) DO UPDATE SET not_before = EXCLUDED.not_before,
         expires_at = EXCLUDED.expires_at, reason = EXCLUDED.reason, updated_at = now()`,
      [newId(), kind, key, reason],
    );
  }
}
