import { Injectable } from '@nestjs/common';
import { TenantTransaction } from '#platform/database';
import type { GrantStep, MembershipView, UserView } from './dto/member.views.ts';

export type UserRow = Omit<UserView, 'last_login_at' | 'created_at' | 'updated_at'> & {
  last_login_at: Date | null;
  created_at: Date;
  updated_at: Date;
};
export type MembershipRow = Omit<MembershipView, 'granted_at' | 'expires_at'> & {
  granted_at: Date;
  expires_at: Date | null;
};

export interface MembershipFilter {
  readonly scopeId: string | null;
  readonly subjectId: string | null;
  /** Rows on scopes this subject cannot see are left out, but for his own. Null: all of them. */
  readonly visibleTo: string | null;
}

export const MEMBERSHIP_COLUMNS =
  'id, org_id, subject_kind, subject_id, scope_kind, scope_id, role, live_control, granted_by, granted_at, ' +
  'expires_at, source, version';
const USER_COLUMNS = 'id, email, display_name, status, avatar_url, last_login_at, version, created_at, updated_at';

/** People of the organization and their grants. */
@Injectable()
export class MembersRepository {
  constructor(private readonly tx: TenantTransaction) {}

  async user(id: string): Promise<UserRow | null> {
    const rows = await this.tx.manager.query<UserRow[]>(`SELECT ${USER_COLUMNS} FROM users WHERE id = $1`, [id]);
    return rows[0] ?? null;
  }

  /** By (display name, id). Row-level security leaves those who share the organization. */
  async users(after: { name: string; id: string } | null, limit: number): Promise<UserRow[]> {
    return this.tx.manager.query<UserRow[]>(
      `SELECT ${USER_COLUMNS} FROM users
       WHERE status <> 'deleted' AND ($1::text IS NULL OR (display_name, id) > ($1, $2::uuid)) ORDER BY display_name, id
         LIMIT $3`,
      [after?.name ?? null, after?.id ?? null, limit],
    );
  }

  /** By id, so by the time of the grant. */
  async memberships(
    { scopeId, subjectId, visibleTo }: MembershipFilter,
    after: string | null,
    limit: number,
  ): Promise<MembershipRow[]> {
    return this.tx.manager.query<MembershipRow[]>(
      `SELECT ${MEMBERSHIP_COLUMNS} FROM memberships m
       WHERE ($1::uuid IS NULL OR m.scope_id = $1) AND ($2::uuid IS NULL OR m.subject_id = $2)
         AND ($3::uuid IS NULL OR m.subject_id = $3 OR EXISTS (SELECT 1 FROM effective_role($3, m.scope_id)))
         AND ($4::uuid IS NULL OR m.id > $4)
       ORDER BY m.id LIMIT $5`,
      [scopeId, subjectId, visibleTo, after, limit],
    );
  }

  /** Every grant that counts for the subject on the scope, the strongest first. */
  async grants(subjectId: string, scopeId: string): Promise<GrantStep[]> {
    return this.tx.manager.query<GrantStep[]>(
      `SELECT via, role, live_control, membership_id, scope_kind, scope_id, team_id FROM effective_grants($1, $2)
       ORDER BY role_rank(role) DESC, via, membership_id`,
      [subjectId, scopeId],
    );
  }
}
