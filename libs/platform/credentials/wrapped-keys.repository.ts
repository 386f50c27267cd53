import { TenantTransaction } from '#platform/database';
import type { WrappedKey } from '#platform/envelope';

/** The key of one version of a credential. */
export interface VersionKey extends WrappedKey {
  readonly credentialId: string;
  readonly version: number;
}

interface KeyRow {
  credential_id: string;
  version: number;
  dek_wrapped: Buffer;
  kek_id: string;
}

const ADD_KEY_LOCK = 'alphaswarm.kek.add';

/** The keys of credentials of all organizations, by the key-encryption key they are under. */
export class WrappedKeysRepository {
  constructor(private readonly tx: TenantTransaction) {}

  /** Until the transaction ends nobody else passes here. */
  async lock(): Promise<void> {
    await this.tx.manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [ADD_KEY_LOCK]);
  }

  /** Organizations with keys that are under another one. */
  async organizationsNotUnder(kekId: string): Promise<string[]> {
    const rows = await this.tx.manager.query<{ org_id: string }[]>(
      'SELECT DISTINCT org_id FROM credential_versions WHERE kek_id <> $1 ORDER BY org_id',
      [kekId],
    );
    return rows.map(({ org_id }) => org_id);
  }

  /** The next of the organization that are under another one, locked. In the order of their ids. */
  async notUnder(kekId: string, after: VersionKey | null, limit: number): Promise<VersionKey[]> {
    const rows = await this.tx.manager.query<KeyRow[]>(
      `SELECT credential_id, version, dek_wrapped, kek_id FROM credential_versions
       WHERE kek_id <> $1 AND ($2::uuid IS NULL OR (credential_id, version) > ($2, $3::int))
       ORDER BY credential_id, version LIMIT $4 FOR UPDATE`,
      [kekId, after?.credentialId ?? null, after?.version ?? null, limit],
    );
    return rows.map((row) => ({
      credentialId: row.credential_id,
      version: row.version,
      wrappedKey: row.dek_wrapped,
      kekId: row.kek_id,
    }));
  }

  async put({ credentialId, version }: VersionKey, { wrappedKey, kekId }: WrappedKey): Promise<void> {
    await this.tx.manager.query(
      'UPDATE credential_versions SET dek_wrapped = $3, kek_id = $4 WHERE credential_id = $1 AND version = $2',
      [credentialId, version, wrappedKey, kekId],
    );
  }
}
