import { Injectable } from '@nestjs/common';
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
}
