import type pg from 'pg';
import { newId } from '#kernel';
import { LOCAL_ISSUER } from '../token/local-issuer.ts';
import { ROLES, type Role } from '../roles.ts';

export interface TestPerson {
  readonly id: string;
  /** Subject of the local issuer. */
  readonly user: string;
}

/** An organization with a workspace, a project and one person per role, named `<slug>-<role>`. */
export interface TestTenant {
  readonly slug: string;
  readonly orgId: string;
  readonly workspaceId: string;
  readonly projectId: string;
  readonly people: Readonly<Record<Role, TestPerson>>;
}

export interface TestGrant {
  orgId: string;
  subjectKind?: 'user' | 'team' | 'service_principal';
  subjectId: string;
  scopeKind: 'org' | 'team' | 'workspace' | 'project' | 'lab';
  scopeId: string;
  role: Role;
  liveControl?: boolean;
  expiresAt?: Date;
}

/** Writes tenants as an operator with psql would, below every check of the service. */
export class TenantBuilder {
  readonly #owner: pg.Pool;

  constructor(owner: pg.Pool) {
    this.#owner = owner;
  }

  async tenant(slug: string): Promise<TestTenant> {
    const [orgId, workspaceId, projectId] = [newId(), newId(), newId()];
    await this.#owner.query('INSERT INTO organizations (id, slug, name) VALUES ($1, $2, $2)', [orgId, slug]);
    await this.workspace(orgId, 'main', { id: workspaceId });
    await this.project(orgId, workspaceId, 'main', projectId);
    const people = await Promise.all(
      ROLES.map(async (role) => {
        const person = await this.person(`${slug}-${role}`);
        await this.grant({ orgId, subjectId: person.id, scopeKind: 'org', scopeId: orgId, role });
        return [role, person] as const;
      }),
    );
    return { slug, orgId, workspaceId, projectId, people: Object.fromEntries(people) as Record<Role, TestPerson> };
  }

  async person(user: string, status = 'active'): Promise<TestPerson> {
    const id = newId();
    await this.#owner.query('INSERT INTO users (id, email, display_name, status) VALUES ($1, $2, $3, $4)', [
      id,
      `${user}@example.test`,
      user,
      status,
    ]);
    await this.#owner.query(
      "INSERT INTO user_identities (id, user_id, provider, issuer, subject) VALUES ($1, $2, 'local', $3, $4)",
      [newId(), id, LOCAL_ISSUER, user],
    );
    return { id, user };
  }

  async workspace(
    orgId: string,
    slug: string,
    {
      id = newId(),
      visibility = 'team',
      name = slug,
    }: { id?: string; visibility?: 'private' | 'team' | 'org'; name?: string } = {},
  ): Promise<string> {
    await this.#owner.query('INSERT INTO workspaces (id, org_id, slug, name, visibility) VALUES ($1, $2, $3, $4, $5)', [
      id,
      orgId,
      slug,
      name,
      visibility,
    ]);
    return id;
  }

  async project(orgId: string, workspaceId: string, slug: string, id = newId()): Promise<string> {
    await this.#owner.query('INSERT INTO projects (id, org_id, workspace_id, slug, name) VALUES ($1, $2, $3, $4, $4)', [
      id,
      orgId,
      workspaceId,
      slug,
    ]);
    return id;
  }

  async team(orgId: string, slug: string, id = newId()): Promise<string> {
    await this.#owner.query('INSERT INTO teams (id, org_id, slug, name) VALUES ($1, $2, $3, $3)', [id, orgId, slug]);
    return id;
  }

  async grant({
    orgId,
    subjectKind = 'user',
    subjectId,
    scopeKind,
    scopeId,
    role,
    liveControl = false,
    expiresAt,
  }: TestGrant): Promise<string> {
    const id = newId();
    await this.#owner.query(
      `INSERT INTO memberships (id, org_id, subject_kind, subject_id, scope_kind, scope_id, role, live_control,
        granted_by, granted_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'system:test', now() - interval '1 year', $9)`,
      [id, orgId, subjectKind, subjectId, scopeKind, scopeId, role, liveControl, expiresAt ?? null],
    );
    return id;
  }
}
