import { Injectable } from '@nestjs/common';
import type { Role } from '#platform/auth';
import { TenantTransaction } from '#platform/database';
import type { ScopeKind, SubjectKind } from './dto/membership.requests.ts';
import { MEMBERSHIP_COLUMNS, type MembershipRow } from './members.repository.ts';

interface Held {
  readonly role: Role;
  readonly live_control: boolean;
  readonly expires_at: string | null;
  readonly grantedBy: string;
  readonly grantedAt: string;
}

export interface NewGrant extends Held {
  readonly id: string;
  readonly orgId: string;
  readonly subject_kind: SubjectKind;
  readonly subject_id: string;
  readonly scope_kind: ScopeKind;
  readonly scope_id: string;
}

const SUBJECTS: Readonly<Record<SubjectKind, string>> = {
  user: "SELECT 1 FROM users WHERE id = $1 AND status <> 'deleted'",
  team: 'SELECT 1 FROM teams WHERE id = $1',
  service_principal: 'SELECT 1 FROM service_principals WHERE id = $1 AND org_id IS NOT NULL',
};

/** Writes of grants, in the transaction of the request; row-level security keeps them in its organization. */
@Injectable()
export class GrantsRepository {
  constructor(private readonly tx: TenantTransaction) {}

  async hasSubject(kind: SubjectKind, id: string): Promise<boolean> {
    const rows = await this.tx.manager.query<unknown[]>(SUBJECTS[kind], [id]);
    return rows.length > 0;
  }

  /** Whether the organization has fewer grants than `most`. Those who ask wait for each other until they commit. */
  async hasRoom(orgId: string, most: number): Promise<boolean> {
    await this.tx.manager.query("SELECT pg_advisory_xact_lock(hashtextextended('memberships of ' || $1, 0))", [orgId]);
    const [row] = await this.tx.manager.query<{ count: number }[]>(
      'SELECT count(*)::int AS count FROM (SELECT 1 FROM memberships WHERE org_id = $1 LIMIT $2) AS held',
      [orgId, most],
    );
    return row!.count < most;
  }

  /** Null where the subject has a grant on the scope. */
  async insert(grant: NewGrant): Promise<MembershipRow | null> {
    const [row] = await this.tx.manager.query<MembershipRow[]>(
      `INSERT INTO memberships (id, org_id, subject_kind, subject_id, scope_kind, scope_id, role, live_control,
        expires_at, granted_by, granted_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
       ON CONFLICT (subject_kind, subject_id, scope_id) DO NOTHING RETURNING ${MEMBERSHIP_COLUMNS}`,
      [
        grant.id,
        grant.orgId,
        grant.subject_kind,
        grant.subject_id,
        grant.scope_kind,
        grant.scope_id,
        grant.role,
        grant.live_control,
        grant.expires_at,
        grant.grantedBy,
        grant.grantedAt,
      ],
    );
    return row ?? null;
  }

  async lock(id: string): Promise<MembershipRow | null> {
    const [row] = await this.tx.manager.query<MembershipRow[]>(
      `SELECT ${MEMBERSHIP_COLUMNS} FROM memberships WHERE id = $1 FOR UPDATE`,
      [id],
    );
    return row ?? null;
  }

  async update(id: string, { role, live_control, expires_at, grantedBy, grantedAt }: Held): Promise<MembershipRow> {
    const [rows] = await this.tx.manager.query<[MembershipRow[]]>(
      `UPDATE memberships SET role = $2, live_control = $3, expires_at = $4, granted_by = $5, granted_at = $6,
        updated_at = now(), version = version + 1
       WHERE id = $1 RETURNING ${MEMBERSHIP_COLUMNS}`,
      [id, role, live_control, expires_at, grantedBy, grantedAt],
    );
    return rows[0]!;
  }

  async remove(id: string): Promise<void> {
    await this.tx.manager.query('DELETE FROM memberships WHERE id = $1', [id]);
  }

  /** Whether the organization has an owner, once nobody else is changing its owners. */
  async ownerRemains(orgId: string): Promise<boolean> {
    const [row] = await this.tx.manager.query<{ remains: boolean }[]>('SELECT owner_remains($1) AS remains', [orgId]);
    return row!.remains;
  }
}
