import { Injectable } from '@nestjs/common';
import { AppPool } from '#platform/database';
import type { ResourceKind } from './resource.ts';
import type { Role } from './roles.ts';

export interface OrganizationEntry {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly status: string;
}

/** A user as an identity finds him. `validMs`: until his earliest grant expires, null when none does. */
export interface IdentityRow {
  readonly userId: string;
  readonly email: string;
  readonly displayName: string;
  readonly status: string;
  readonly defaultWorkspaceId: string | null;
  readonly organizations: readonly OrganizationEntry[];
  readonly validMs: number | null;
}

/** A scope and what the subject holds on it; `role` null: nothing. */
export interface ScopeAccess {
  readonly kind: 'org' | 'team' | 'workspace' | 'project' | 'lab';
  readonly orgId: string;
  readonly orgStatus: string;
  readonly workspaceId: string | null;
  readonly role: Role | null;
  readonly liveControl: boolean;
}

export interface AccessibleScope {
  readonly kind: 'workspace' | 'project' | 'lab';
  readonly id: string;
  readonly role: Role;
  readonly live_control: boolean;
}

export interface LocatedRow {
  /** Null: a row of the platform, or of a table without organizations. */
  readonly orgId: string | null;
  readonly scopeId: string | null;
  readonly projectId: string | null;
}

/** Sets the organization whose rows are visible for the rest of the statement. */
const ENTER = "set_config('app.org_id', $2, true)";

/**
 * What must be known before the organization of a request is. Everything here is a function of the database that
 * answers for one subject (or, for `locate`, under row-level security), so it is the one repository that needs no
 * tenant transaction.
 */
@Injectable()
export class AuthorizationRepository {
  constructor(private readonly pool: AppPool) {}

  async identity(provider: string, issuer: string, subject: string): Promise<IdentityRow | null> {
    return this.#one<IdentityRow>(
      `SELECT user_id AS "userId", email, display_name AS "displayName", status, default_workspace_id AS
        "defaultWorkspaceId", organizations, valid_ms AS "validMs"
       FROM identity_snapshot($1, $2, $3)`,
      [provider, issuer, subject],
    );
  }

  async scope(subject: string, id: string): Promise<ScopeAccess | null> {
    return this.#one<ScopeAccess>(
      `SELECT kind, org_id AS "orgId", org_status AS "orgStatus", workspace_id AS "workspaceId", role, live_control AS
        "liveControl"
       FROM resolve_scope($1, $2)`,
      [subject, id],
    );
  }

  /** The first workspace by (name, id) the subject can reach, those in use before archived ones. */
  async firstWorkspace(subject: string, orgId: string): Promise<string | null> {
    return (
      (await this.#one<{ id: string | null }>('SELECT default_workspace($1, $2) AS id', [subject, orgId]))?.id ?? null
    );
  }

  async accessibleScopes(subject: string): Promise<AccessibleScope[]> {
    return this.pool.query<AccessibleScope[]>('SELECT kind, id, role, live_control FROM accessible_scopes($1)', [
      subject,
    ]);
  }

  async organizationBySlug(slug: string): Promise<OrganizationEntry | null> {
    return this.#one<OrganizationEntry>('SELECT id, slug, name, status FROM organization_by_slug($1)', [slug]);
  }

  async organizationByAuth0Id(id: string): Promise<OrganizationEntry | null> {
    return this.#one<OrganizationEntry>('SELECT id, slug, name, status FROM organization_by_auth0($1)', [id]);
  }

  /**
   * Where a row lies that the organization may see, and with `platform` one of the platform, in one round trip; null:
   * there is none. Table and column are names from our code.
   */
  async locate(
    { table, scope }: ResourceKind,
    id: string,
    orgId: string,
    platform: boolean,
  ): Promise<LocatedRow | null> {
    // The look-up needs `entered` and has a LIMIT, so PostgreSQL can neither run it before the tenant is set nor merge
    // it with the outer query. Its columns are the table's, or those of `absent` where the table has none of that name.
    return this.#one<LocatedRow>(
      `SELECT found.org_id AS "orgId", found.scope_id AS "scopeId", found.project_id AS "projectId"
       FROM ${platform ? `concat(${ENTER}, set_config('app.platform', 'on', true))` : ENTER} AS entered,
         (SELECT NULL::uuid AS org_id, NULL::uuid AS workspace_id, NULL::uuid AS project_id) AS absent,
         LATERAL (SELECT org_id, ${scope ?? 'NULL::uuid'} AS scope_id, project_id FROM
         ${table} WHERE id = $1 AND entered IS NOT NULL LIMIT 1) AS found`,
      [id, orgId],
    );
  }

  async #one<T>(sql: string, parameters: unknown[]): Promise<T | null> {
    const rows = await this.pool.query<T[]>(sql, parameters);
    return rows[0] ?? null;
  }
}
