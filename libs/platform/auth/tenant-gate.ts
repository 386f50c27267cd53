import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import { DomainError, NotFoundError } from '#kernel';
import { AuthorizationRepository, type OrganizationEntry, type ScopeAccess } from './authorization.repository.ts';
import { staffRole } from './decide.ts';
import type { GrantSnapshot } from './grant-snapshots.ts';
import { type ScopeHeaders, readScopeHeaders, scopeConflict } from './scope-headers.ts';
import type { OrganizationName, VerifiedToken } from './token/trust-entry.ts';

/** Where a request acts. */
export interface ActiveScope {
  readonly orgId: string | null;
  readonly workspaceId: string | null;
  readonly projectId: string | null;
  readonly labId: string | null;
  /** False where the token names another organization than the active one: its `admin:org` does not reach here. */
  readonly homeOrganization: boolean;
}

type Organization = Pick<OrganizationEntry, 'id' | 'status'>;

/** Active organization and scope of a request (platform.md 5.4). */
@Injectable()
export class TenantGate {
  constructor(private readonly repository: AuthorizationRepository) {}

  /**
   * 403 `tenant_unknown`, `no_membership`, `organization_mismatch` or `org_suspended` unless `enforce` is false
   * (`/auth/*`), 403 `tenant_unknown` or `service_principal_unknown` for machines wherever they go, 404 for a scope the
   * caller cannot see, 400 `bad_scope_header` or `scope_conflict`.
   */
  async enter(
    token: VerifiedToken,
    grants: GrantSnapshot,
    headers: IncomingHttpHeaders,
    enforce: boolean,
  ): Promise<ActiveScope> {
    const staff = staffRole(token.facts);
    admitTenant(token, enforce, staff !== null);
    const organizations = grants.identity?.organizations ?? [];
    if (enforce && organizations.length === 0 && !staff) throw noMembership();

    const asked = readScopeHeaders(headers);
    const named = await this.#named(asked, grants, staff !== null);
    const home =
      token.organization === null ? null : await this.#home(token.organization, organizations, staff !== null);
    const active = named ?? (await this.#withoutHeaders(token.organization, home, grants));
    const { organization } = active;
    if (enforce && token.organization?.by === 'auth0_org_id' && (!home || home.id !== organization?.id)) {
      throw new DomainError(403, 'organization_mismatch', { detail: 'The token is for another organization.' });
    }
    if (enforce && !organization) throw noMembership();
    if (enforce && organization && organization.status !== 'active') {
      throw new DomainError(403, 'org_suspended', { detail: 'The organization is not active.' });
    }
    return {
      orgId: organization?.id ?? null,
      workspaceId: active.workspaceId,
      projectId: asked.project,
      labId: asked.lab,
      homeOrganization: token.organization === null || home?.id === organization?.id,
    };
  }

  /** The scope that headers name: its organization becomes the active one. */
  async #named(
    asked: ScopeHeaders,
    grants: GrantSnapshot,
    staff: boolean,
  ): Promise<{ organization: Organization; workspaceId: string | null } | null> {
    const visible = async (kind: 'workspace' | 'project' | 'lab', id: string | null): Promise<ScopeAccess | null> => {
      if (id === null) return null;
      const scope = await grants.scope(id);
      if (!scope || scope.kind !== kind || (scope.role === null && !staff)) throw new NotFoundError();
      return scope;
    };
    const workspace = await visible('workspace', asked.workspace);
    const project = await visible('project', asked.project);
    const lab = await visible('lab', asked.lab);
    const scope = workspace ?? project ?? lab;
    if (!scope) return null;
    if (project && project.workspaceId !== scope.workspaceId)
      throw scopeConflict('The project lies outside of the workspace.', 'x-alphaswarm-project');
    if (lab && lab.workspaceId !== scope.workspaceId)
      throw scopeConflict('The lab lies outside of the workspace.', 'x-alphaswarm-lab');
    return { organization: { id: scope.orgId, status: scope.orgStatus }, workspaceId: scope.workspaceId };
  }

  /** The organization that the token names, when the caller belongs to it or is staff. */
  async #home(
    { by, value }: OrganizationName,
    organizations: readonly OrganizationEntry[],
    staff: boolean,
  ): Promise<Organization | null> {
    if (by === 'auth0_org_id') {
      const named = await this.repository.organizationByAuth0Id(value);
      return organizations.find(({ id }) => id === named?.id) ?? null;
    }
    const own = organizations.find(({ slug }) => slug === value);
    return own ?? (staff ? this.repository.organizationBySlug(value) : null);
  }

  async #withoutHeaders(
    tokenOrganization: OrganizationName | null,
    home: Organization | null,
    grants: GrantSnapshot,
  ): Promise<{ organization: Organization | null; workspaceId: string | null }> {
    const { identity } = grants;
    const preferredId = identity?.defaultWorkspaceId ?? null;
    const found = preferredId === null ? null : await grants.scope(preferredId);
    const preferred = found?.kind === 'workspace' && found.role !== null ? found : null;
    // A token that names an organization acts there or nowhere: falling back to another one would surprise its holder.
    const fallback = preferred
      ? { id: preferred.orgId, status: preferred.orgStatus }
      : (identity?.organizations[0] ?? null);
    const organization = tokenOrganization === null ? fallback : home;
    if (!organization) return { organization: null, workspaceId: null };
    const workspaceId =
      preferred?.orgId === organization.id ? preferredId : await grants.firstWorkspace(organization.id);
    return { organization, workspaceId };
  }
}

/** No directory tenant is linked to an organization yet, and no machine is known; the staff's tenant needs no link. */
function admitTenant({ tenant, client }: VerifiedToken, enforce: boolean, staff: boolean): void {
  if (tenant !== null && !staff && (enforce || client !== null))
    throw new DomainError(403, 'tenant_unknown', { detail: 'The directory of your account is not linked.' });
  if (client !== null)
    throw new DomainError(403, 'service_principal_unknown', { detail: 'This client is no service principal here.' });
}

function noMembership(): DomainError {
  return new DomainError(403, 'no_membership', {
    detail: 'You belong to no organization here.',
    hint: 'Ask an owner for a membership; GET /auth/whoami shows who you are.',
  });
}
