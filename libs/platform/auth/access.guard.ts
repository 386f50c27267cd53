import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { parseUuid } from '#kernel';
import type { RequestContext } from '#platform/context';
import { inSpan } from '#platform/spans';
import { Authenticator, withoutHomeScope } from './authenticator.ts';
import { Authorization } from './authorization.ts';
import type { Access } from './decide.ts';
import {
  type Arrival,
  type GuardedRequest,
  type PermissionDoor,
  arrivalOf,
  httpRequest,
  reads,
} from './guarded-request.ts';
import { Refusals } from './refusals.ts';

/** What he may do where: tenant gate (403), visibility of what the path names (404), permission (403). */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly authorization: Authorization,
    private readonly refusals: Refusals,
  ) {}

  canActivate(execution: ExecutionContext): boolean | Promise<boolean> {
    const request = httpRequest(execution);
    const arrival = request && arrivalOf(request);
    return arrival ? this.#admit(request, arrival) : true;
  }

  async #admit(request: GuardedRequest, arrival: Arrival): Promise<true> {
    try {
      await this.#authorize(request, arrival);
      return true;
    } catch (error) {
      const { context, resource, requestId, ip = null } = request;
      const { principal } = arrival.identified;
      await this.refusals.record(error, { requestId, ip, principal, orgId: context?.orgId ?? null, resource });
      throw error;
    }
  }

  async #authorize(request: GuardedRequest, { door, identified, rates }: Arrival): Promise<void> {
    const caller = { requestId: request.requestId, ip: request.ip ?? null, headers: request.headers };
    const ctx = await this.authenticator.enter(identified, caller, door.kind === 'requires' || door.tenantGate);
    rates.chargeOrganization(ctx.orgId);
    request.context = ctx;
    if (door.kind === 'requires') await inSpan('authz.decide', () => this.#permit(request, ctx, door));
  }

  async #permit(request: GuardedRequest, ctx: RequestContext, door: PermissionDoor): Promise<void> {
    const access = await this.#visible(request, ctx, door);
    request.access = access;
    await this.#demand(request, request.context ?? ctx, door, access);
  }

  async #demand(
    request: GuardedRequest,
    ctx: RequestContext,
    { own, permission, resource: kind }: PermissionDoor,
    access: Access,
  ): Promise<void> {
    const { resource } = request;
    if (!own || !kind || !resource) return this.authorization.demand(ctx, permission, access);
    if (reads(request)) return this.authorization.demandToRead(ctx, permission, access, kind, resource.id);
    return this.authorization.demandToChange(ctx, permission, access, kind, resource.id);
  }

  /**
   * Access on the row that the path names, which becomes the request's scope; without one, or where the path names
   * none, on the active scope.
   */
  async #visible(request: GuardedRequest, ctx: RequestContext, door: PermissionDoor): Promise<Access> {
    const id = door.resource && pathUuid(request, door.param);
    if (!door.resource || !id) return this.authorization.activeAccess(ctx, door.at);
    const located = await this.authorization.locate(ctx, door.resource, id, door.at);
    const { orgId, platform, workspaceId, projectId, labId } = located.scope;
    // Of an organization that the token does not name only the head is readable with `admin:org`.
    const principal =
      orgId === ctx.orgId || door.permission === 'org:read' ? ctx.principal : withoutHomeScope(ctx.principal);
    request.context = { ...ctx, principal, orgId, platform, workspaceId, projectId, labId };
    request.resource = { kind: door.resource.kind, id };
    return located.access;
  }
}

/** A path id, in lower case from now on; null when it is no UUID. */
function pathUuid(request: GuardedRequest, name: string): string | null {
  const text = request.params[name];
  const id = typeof text === 'string' ? parseUuid(text) : null;
  if (id) request.params[name] = id;
  return id;
}
