import { Injectable } from '@nestjs/common';
import { TenantTransaction } from '#platform/database';
import type { Role } from '#platform/auth';

export interface NewScope {
  readonly id: string;
  readonly orgId: string;
  readonly slug: string;
  readonly name: string;
}

/**
 * Writes of the platform itself: organizations, people and their first membership. Needs a transaction with platform
 * rights.
 */
@Injectable()
export class ProvisioningRepository {
  constructor(private readonly tx: TenantTransaction) {}

  /** One provisioning at a time, so that two first sign-ins of one person make one user. */
  async lock(): Promise<void> {
    await this.tx.manager.query("SELECT pg_advisory_xact_lock(hashtext('alphaswarm.provisioning'))");
  }

  async organizationId(slug: string): Promise<string | null> {
    const [row] = await this.tx.manager.query<{ id: string }[]>('SELECT id FROM organizations WHERE slug = $1', [slug]);
    return row?.id ?? null;
  }

  async createOrganization(id: string, slug: string, name: string, cellId: string): Promise<void> {
    await this.tx.manager.query('INSERT INTO organizations (id, slug, name, cell_id) VALUES ($1, $2, $3, $4)', [
      id,
      slug,
      name,
      cellId,
    ]);
  }

  async createTeam({ id, orgId, slug, name }: NewScope): Promise<void> {
    await this.tx.manager.query('INSERT INTO teams (id, org_id, slug, name) VALUES ($1, $2, $3, $4)', [
      id,
      orgId,
      slug,
      name,
    ]);
  }

  async createWorkspace({ id, orgId, slug, name }: NewScope): Promise<void> {
    await this.tx.manager.query('INSERT INTO workspaces (id, org_id, slug, name) VALUES ($1, $2, $3, $4)', [
      id,
      orgId,
      slug,
      name,
    ]);
  }

  async createProject({ id, orgId, slug, name }: NewScope, workspaceId: string): Promise<void> {
    await this.tx.manager.query(
      'INSERT INTO projects (id, org_id, workspace_id, slug, name) VALUES ($1, $2, $3, $4, $5)',
      [id, orgId, workspaceId, slug, name],
    );
  }

  async createLab({ id, orgId, slug, name }: NewScope, workspaceId: string): Promise<void> {
    await this.tx.manager.query('INSERT INTO labs (id, org_id, workspace_id, slug, name) VALUES ($1, $2, $3, $4, $5)', [
      id,
      orgId,
      workspaceId,
      slug,
      name,
    ]);
  }

  async userOf(provider: string, issuer: string, subject: string): Promise<string | null> {
    const [row] = await this.tx.manager.query<{ id: string }[]>(
      'SELECT user_id AS id FROM user_identities WHERE provider = $1 AND issuer = $2 AND subject = $3',
      [provider, issuer, subject],
    );
    return row?.id ?? null;
  }

  async createUser(id: string, email: string, displayName: string): Promise<void> {
    await this.tx.manager.query('INSERT INTO users (id, email, display_name) VALUES ($1, $2, $3)', [
      id,
      email,
      displayName,
    ]);
  }

  async linkIdentity(
    id: string,
    userId: string,
    provider: string,
    issuer: string,
    subject: string,
    email: string,
  ): Promise<void> {
    await this.tx.manager.query(
      `INSERT INTO user_identities (id, user_id, provider, issuer, subject, email_at_link) VALUES ($1, $2, $3, $4,
      $5, $6)`,
      [id, userId, provider, issuer, subject, email],
    );
  }

  /** The user's own membership on the organization, whatever else he holds through teams. */
  async roleOf(userId: string, orgId: string): Promise<Role | null> {
    const [row] = await this.tx.manager.query<{ role: Role }[]>(
      "SELECT role FROM memberships WHERE subject_kind = 'user' AND subject_id = $1 AND scope_id = $2",
      [userId, orgId],
    );
    return row?.role ?? null;
  }

  async setRole(id: string, userId: string, orgId: string, role: Role, grantedBy: string): Promise<void> {
    await this.tx.manager.query(
      `INSERT INTO memberships (id, org_id, subject_kind, subject_id, scope_kind, scope_id, role, granted_by)
       VALUES ($1, $3, 'user', $2, 'org', $3, $4, $5)
       ON CONFLICT (subject_kind, subject_id, scope_id)
       DO UPDATE SET role = EXCLUDED.role, granted_by = EXCLUDED.granted_by, granted_at = now(), expires_at = NULL,
       updated_at = now(), version = memberships.version + 1`,
      [id, userId, orgId, role, grantedBy],
    );
  }
}
