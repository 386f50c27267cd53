import { Injectable } from '@nestjs/common';
import { TenantTransaction } from '#platform/database';
import type { SealedBlob } from '#platform/envelope';
import type { CredentialKey, CredentialPlace, StoredCredential } from './credential.ts';

interface VersionRow {
  id: string;
  org_id: string;
  workspace_id: string | null;
  owner_user_id: string | null;
  version: number;
  ciphertext: Buffer;
  dek_wrapped: Buffer;
  kek_id: string;
}

export interface CredentialRow extends CredentialPlace {
  readonly id: string;
  readonly orgId: string;
  readonly fingerprint: Buffer;
  readonly last4: string | null;
  readonly expiresAt: Date | null;
  readonly createdBy: string;
}

/** A credential at its current version, with what an operator may know. */
export interface CheckableCredential extends StoredCredential {
  readonly purpose: string;
  readonly label: string;
  readonly fingerprint: Buffer;
}

/** The head of a credential that a rotation or a revocation changes. */
export type CredentialHead = Pick<StoredCredential, 'id' | 'orgId' | 'workspaceId' | 'ownerUserId' | 'version'>;

const INSERT_VERSION = `
  INSERT INTO credential_versions (credential_id, version, org_id, ciphertext, dek_wrapped, kek_id, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7)`;

/** Credentials and their sealed versions. Row-level security leaves those of the organization. */
@Injectable()
export class CredentialsRepository {
  constructor(private readonly tx: TenantTransaction) {}

  /** False where there is one of that key. */
  async insert(row: CredentialRow, sealed: SealedBlob, at: Date): Promise<boolean> {
    const inserted = await this.tx.manager.query<unknown[]>(
      `INSERT INTO credentials (id, org_id, workspace_id, owner_user_id, kind, service, purpose, label, fingerprint,
         last4, expires_at, created_by, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13) ON CONFLICT DO NOTHING RETURNING id`,
      [
        ...[row.id, row.orgId, row.workspaceId, row.ownerUserId, row.kind, row.service, row.purpose, row.label],
        ...[row.fingerprint, row.last4, row.expiresAt, row.createdBy, at],
      ],
    );
    if (inserted.length === 0) return false;
    await this.#insertVersion({ ...row, version: 1 }, sealed, at);
    return true;
  }

  /** Locked until the transaction ends, so that versions are numbered without gaps. Null: none, or revoked. */
  async lock(id: string): Promise<CredentialHead | null> {
    const rows = await this.tx.manager.query<Omit<VersionRow, 'ciphertext' | 'dek_wrapped' | 'kek_id'>[]>(
      `SELECT id, org_id, workspace_id, owner_user_id, version FROM credentials WHERE id = $1 AND status <> 'revoked'
       FOR UPDATE`,
      [id],
    );
    const row = rows[0];
    return row ? headOf(row) : null;
  }

  /** The next version; the one before stays usable until `oldUntil`, and those before that as long as they had. */
  async addVersion(
    head: CredentialHead,
    { sealed, fingerprint, last4 }: { sealed: SealedBlob; fingerprint: Buffer; last4: string | null },
    oldUntil: Date,
    at: Date,
  ): Promise<void> {
    await this.tx.manager.query(
      'UPDATE credential_versions SET valid_until = $3 WHERE credential_id = $1 AND version = $2 - 1',
      [head.id, head.version, oldUntil],
    );
    await this.#insertVersion(head, sealed, at);
    await this.tx.manager.query(
      'UPDATE credentials SET version = $2, fingerprint = $3, last4 = $4, updated_at = $5 WHERE id = $1',
      [head.id, head.version, fingerprint, last4, at],
    );
  }

  /** Destroys what is sealed; that there was a credential stays. */
  async revoke(id: string, at: Date): Promise<void> {
    await this.tx.manager.query('DELETE FROM credential_versions WHERE credential_id = $1', [id]);
    await this.tx.manager.query("UPDATE credentials SET status = 'revoked', updated_at = $2 WHERE id = $1", [id, at]);
  }

  /** The nearest that counts for this person in this workspace: his own, the workspace's, the organization's. */
  async nearest(
    { service, purpose, label, pinned }: CredentialKey,
    where: { userId: string | null; workspaceId: string | null },
    now: Date,
  ): Promise<StoredCredential | null> {
    const rows = await this.tx.manager.query<VersionRow[]>(
      `SELECT c.id, c.org_id, c.workspace_id, c.owner_user_id, v.version, v.ciphertext, v.dek_wrapped, v.kek_id
       FROM credentials c JOIN credential_versions v ON v.credential_id = c.id AND v.version = COALESCE($5, c.version)
       WHERE c.service = $1 AND c.purpose = $2 AND ($3::text IS NULL OR c.label = $3)
         AND ($4::uuid IS NULL OR c.id = $4)
         AND (c.owner_user_id IS NULL OR c.owner_user_id = $6) AND (c.workspace_id IS NULL OR c.workspace_id = $7)
         AND c.status <> 'revoked' AND (c.expires_at IS NULL OR c.expires_at > $8)
         AND (v.valid_until IS NULL OR v.valid_until > $8)
       ORDER BY c.owner_user_id IS NULL, c.workspace_id IS NULL, c.created_at DESC, c.id DESC LIMIT 1`,
      [
        ...[service, purpose, label ?? null, pinned?.id ?? null, pinned?.version ?? null],
        ...[where.userId, where.workspaceId, now],
      ],
    );
    const row = rows[0];
    return row ? storedOf(row) : null;
  }

  /** All of a service that are not revoked, in the order of `nearest`. */
  async ofService(service: string): Promise<CheckableCredential[]> {
    const rows = await this.tx.manager.query<(VersionRow & Omit<CheckableCredential, keyof StoredCredential>)[]>(
      `SELECT c.id, c.org_id, c.workspace_id, c.owner_user_id, c.purpose, c.label, c.fingerprint, v.version,
         v.ciphertext, v.dek_wrapped, v.kek_id
       FROM credentials c JOIN credential_versions v ON v.credential_id = c.id AND v.version = c.version
       WHERE c.service = $1 AND c.status <> 'revoked'
       ORDER BY c.owner_user_id IS NULL, c.workspace_id IS NULL, c.created_at DESC, c.id DESC`,
      [service],
    );
    return rows.map((row) => ({
      ...storedOf(row),
      purpose: row.purpose,
      label: row.label,
      fingerprint: row.fingerprint,
    }));
  }

  /** Id of the organization with this slug. */
  async organization(slug: string): Promise<string | null> {
    const rows = await this.tx.manager.query<{ id: string }[]>('SELECT id FROM organizations WHERE slug = $1', [slug]);
    return rows[0]?.id ?? null;
  }

  async used(id: string, at: Date): Promise<void> {
    await this.tx.manager.query('UPDATE credentials SET last_used_at = $2 WHERE id = $1', [id, at]);
  }

  async #insertVersion({ id, orgId, version }: CredentialHead, sealed: SealedBlob, at: Date): Promise<void> {
    const { ciphertext, wrappedKey, kekId } = sealed;
    await this.tx.manager.query(INSERT_VERSION, [id, version, orgId, ciphertext, wrappedKey, kekId, at]);
  }
}

function headOf(row: Omit<VersionRow, 'ciphertext' | 'dek_wrapped' | 'kek_id'>): CredentialHead {
  return {
    id: row.id,
    orgId: row.org_id,
    workspaceId: row.workspace_id,
    ownerUserId: row.owner_user_id,
    version: row.version,
  };
}

function storedOf(row: VersionRow): StoredCredential {
  return { ...headOf(row), sealed: { ciphertext: row.ciphertext, wrappedKey: row.dek_wrapped, kekId: row.kek_id } };
}
