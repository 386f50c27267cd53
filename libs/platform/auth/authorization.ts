import { Injectable } from '@nestjs/common';
import { DomainError, NotFoundError } from '#kernel';
import type { RequestContext } from '#platform/context';
import { AccessMetrics } from './access-metrics.ts';
import { AuthorizationRepository, type ScopeAccess } from './authorization.repository.ts';
import { type Access, decide, reachesOwnOnly, staffRole } from './decide.ts';
import { GrantSnapshots } from './grant-snapshots.ts';
import type { Permission } from './permissions.ts';
import { type ResourceKind, SCOPE_TABLES } from './resource.ts';
import { StartedRowsRepository } from './started-rows.repository.ts';

/** Part of a context that a located row or scope changes. */
export type ScopeOfContext = Pick<RequestContext, 'orgId' | 'platform' | 'workspaceId' | 'projectId' | 'labId'>;

export interface LocatedResource {
  readonly scope: ScopeOfContext;
  readonly access: Access;
}

/** Who may do what where: the decisions of the access guard, and of services whose answer depends on the body. */
@Injectable()
export class Authorization {
  constructor(
    private readonly repository: AuthorizationRepository,
    private readonly snapshots: GrantSnapshots,
    private readonly started: StartedRowsRepository,
    private readonly metrics: AccessMetrics,
  ) {}

  /**
   * What the caller holds on a scope; the role is null where he holds nothing, and where the scope is of another
   * organization.
   */
  async accessTo(ctx: RequestContext, scopeId: string): Promise<Access> {
    const { token } = ctx.principal;
    const staff = staffRole(token);
    const scope = token ? await (await this.snapshots.of(token)).scope(scopeId) : null;
    if (!scope || scope.orgId !== ctx.orgId) return { role: null, liveControl: false, staff };
    return { role: scope.role, liveControl: scope.liveControl, staff };
  }

  /** As `accessTo`, but 404 where the organization has no such scope or the caller cannot see it. */
  async accessInside(ctx: RequestContext, scopeId: string): Promise<Access> {
    if (scopeId === ctx.orgId) return this.activeAccess(ctx, 'org');
    const { token } = ctx.principal;
    const scope = token && (await (await this.snapshots.of(token)).scope(scopeId));
    const staff = staffRole(token);
    if (scope?.orgId !== ctx.orgId || (scope.role === null && staff === null)) throw new NotFoundError();
    return { role: scope.role, liveControl: scope.liveControl, staff };
  }

  /** Access on the active lab, project or workspace, else on the organization, where every member may at least look. */
  async activeAccess(ctx: RequestContext, at: 'active' | 'org' = 'active'): Promise<Access> {
    const scopeId = at === 'org' ? ctx.orgId : (ctx.labId ?? ctx.projectId ?? ctx.workspaceId ?? ctx.orgId);
    if (scopeId === null) return { role: null, liveControl: false, staff: staffRole(ctx.principal.token) };
    const access = await this.accessTo(ctx, scopeId);
    return access.role === null ? { ...access, role: 'viewer' } : access;
  }

  /**
   * Finds what a path id names. Throws 404 when it does not exist, belongs to another organization, or lies in a scope
   * the caller cannot see. `at`: where the role counts on a row that lies in no scope.
   */
  async locate(
    ctx: RequestContext,
    resource: ResourceKind,
    id: string,
    at: 'active' | 'org' = 'active',
  ): Promise<LocatedResource> {
    if (ctx.orgId === null) throw new NotFoundError();
    return SCOPE_TABLES.has(resource.table)
      ? this.#locateScope(ctx, resource, id)
      : this.#locateRow(ctx, ctx.orgId, resource, id, at);
  }

  /** 403 `forbidden` unless role and token permit it. */
  demand(ctx: RequestContext, permission: Permission, access: Access): void {
    if (!this.#allows(ctx, permission, access)) throw forbidden(permission);
  }

  /** Whoever started a row reads it without a permission (platform.md 5.3). 403 for others without it. */
  async demandToRead(
    ctx: RequestContext,
    permission: Permission,
    access: Access,
    row: ResourceKind,
    id: string,
  ): Promise<void> {
    if (!this.#allows(ctx, permission, access) && !(await this.#isOwn(ctx, row, id))) throw forbidden(permission);
  }

  /** 403 without the permission, and where it reaches only what the caller started himself on the rows of others. */
  async demandToChange(
    ctx: RequestContext,
    permission: Permission,
    access: Access,
    row: ResourceKind,
    id: string,
  ): Promise<void> {
    this.demand(ctx, permission, access);
    if (this.ownOnly(permission, access) && !(await this.#isOwn(ctx, row, id))) throw notYours(permission);
  }

  /** Whether role and token permit it. */
  permits(ctx: RequestContext, permission: Permission, access: Access): boolean {
    return this.#allows(ctx, permission, access);
  }

  /** True where the caller may use the permission only on what he started himself. */
  ownOnly(permission: Permission, access: Access): boolean {
    return reachesOwnOnly(permission, access);
  }

  #allows(ctx: RequestContext, permission: Permission, access: Access): boolean {
    const decision = decide(permission, access, ctx.principal.token);
    this.metrics.decided(permission, decision);
    return decision === 'ok';
  }

  #isOwn(ctx: RequestContext, row: ResourceKind, id: string): Promise<boolean> {
    return this.started.isStartedBy(ctx, row, id, ctx.principal.actor);
  }

  async #locateScope(ctx: RequestContext, { table }: ResourceKind, id: string): Promise<LocatedResource> {
    const kind = SCOPE_TABLES.get(table);
    const { token } = ctx.principal;
    const staff = staffRole(token);
    const grants = token ? await this.snapshots.of(token) : null;
    const scope = await grants?.scope(id);
    if (!scope || scope.kind !== kind) throw new NotFoundError();
    // Whoever belongs to an organization sees it, in whichever one he acts at the moment.
    if (kind === 'org') {
      const member = grants?.identity?.organizations.some((organization) => organization.id === id) ?? false;
      if (!member && !(staff && id === ctx.orgId)) throw new NotFoundError();
      const role = scope.role ?? (member ? 'viewer' : null);
      return { scope: insideOf(scope, id), access: { role, liveControl: scope.liveControl, staff } };
    }
    if (scope.orgId !== ctx.orgId || (scope.role === null && staff === null)) throw new NotFoundError();
    return { scope: insideOf(scope, id), access: { role: scope.role, liveControl: scope.liveControl, staff } };
  }

  async #locateRow(
    ctx: RequestContext,
    orgId: string,
    resource: ResourceKind,
    id: string,
    at: 'active' | 'org',
  ): Promise<LocatedResource> {
    const { token } = ctx.principal;
    const staff = staffRole(token);
    const row = await this.repository.locate(resource, id, orgId, staff !== null && resource.scope !== null);
    if (!row) throw new NotFoundError();
    if (resource.scope === null) return { scope: ctx, access: await this.activeAccess(ctx, at) };
    if (row.orgId === null) return { scope: PLATFORM, access: { role: null, liveControl: false, staff } };
    const { scopeId, projectId } = row;
    if (scopeId === null || scopeId === orgId) return { scope: ctx, access: await this.activeAccess(ctx, 'org') };
    const inProject = projectId === null ? null : await this.accessTo(ctx, projectId);
    // A project that is gone leaves its rows to the workspace; on one that is there the workspace's grants have been
    // counted.
    const access = inProject?.role ? inProject : await this.accessTo(ctx, scopeId);
    if (access.role === null && staff === null) throw new NotFoundError();
    if (resource.scope === 'workspace_id')
      return { scope: { orgId, workspaceId: scopeId, projectId, labId: null }, access };
    const scope = token && (await (await this.snapshots.of(token)).scope(scopeId));
    if (!scope) throw new NotFoundError();
    return { scope: insideOf(scope, scopeId), access };
  }
}

/** Where whatever lies in this scope is read and changed. */
function insideOf({ kind, orgId, workspaceId }: ScopeAccess, id: string): ScopeOfContext {
  return { orgId, workspaceId, projectId: kind === 'project' ? id : null, labId: kind === 'lab' ? id : null };
}

/** Where rows of no organization are read and changed. */
const PLATFORM: ScopeOfContext = { orgId: null, platform: true, workspaceId: null, projectId: null, labId: null };

function forbidden(permission: Permission): DomainError {
  return new DomainError(403, 'forbidden', {
    detail: 'You may not do this here.',
    hint: `It needs the permission ${permission}, by your role and by your token.`,
    members: { required_permission: permission },
  });
}

function notYours(permission: Permission): DomainError {
  return new DomainError(403, 'forbidden', {
    detail: 'Somebody else started this.',
    hint: 'An admin may change what others started.',
    members: { required_permission: permission },
  });
}
