import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Clock, ValidationError, parseUuid } from '#kernel';
import type { ContextualRequest, RequestContext } from '#platform/context';
import { Authenticator, type Identified, withoutHomeScope } from './authenticator.ts';
import { Authorization } from './authorization.ts';
import { refuseCredentialInQuery } from './credential.ts';
import type { Access } from './decide.ts';
import { type Door, doorOf } from './door.ts';
import { Refusals } from './refusals.ts';
import { type OpenRates, RequestRates } from './request-rates.ts';
import { requireStepUp } from './step-up.ts';

/** What the guard reads from and leaves on a request. */
export interface GuardedRequest extends Request, ContextualRequest {
  requestId: string;
  /** The row that the path names; the default target of the audit entry. */
  resource?: { kind: string; id: string };
  /** What the caller holds on that row's scope, or on the active one. */
  access?: Access;
}

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** authenticate -> principal rate -> tenant gate -> visibility (404) -> permission (403) -> step-up (401), for every HTTP route. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly authorization: Authorization,
    private readonly rates: RequestRates,
    private readonly refusals: Refusals,
    private readonly clock: Clock,
  ) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    if (execution.getType() !== 'http') return true;
    const http = execution.switchToHttp();
    const request = http.getRequest<GuardedRequest>();
    refuseCredentialInQuery(request.originalUrl);
    const door = doorOf(execution.getHandler(), execution.getClass());
    if (!door) throw new Error(`${execution.getClass().name}.${execution.getHandler().name} declares no door.`);
    if (door.kind !== 'public') await this.#admit(request, http.getResponse<Response>(), door);
    return true;
  }

  async #admit(request: GuardedRequest, response: Response, door: Exclude<Door, { kind: 'public' }>): Promise<void> {
    const mutates = !READS.has(request.method);
    const stepUpMaxAge = door.kind === 'requires' ? door.stepUpMaxAge : null;
    const caller = { url: request.originalUrl, headers: request.headers, rawHeaders: request.rawHeaders, requestId: request.requestId, ip: request.ip ?? null };
    const identified = await this.authenticator.identify(caller, mutates || stepUpMaxAge !== null);
    const rates = this.rates.open(response, identified.token.facts);
    rates.chargePrincipal({ write: mutates, stepUp: stepUpMaxAge !== null });
    try {
      await this.#authorize(request, identified, rates, door);
    } catch (error) {
      const { context, resource, requestId } = request;
      await this.refusals.record(error, { requestId, ip: caller.ip, principal: identified.principal, orgId: context?.orgId ?? null, resource });
      throw error;
    }
  }

  async #authorize(request: GuardedRequest, identified: Identified, rates: OpenRates, door: Exclude<Door, { kind: 'public' }>): Promise<void> {
    const caller = { requestId: request.requestId, ip: request.ip ?? null, headers: request.headers };
    const ctx = await this.authenticator.enter(identified, caller, door.kind === 'requires' || door.tenantGate);
    rates.chargeOrganization(ctx.orgId);
    request.context = ctx;
    if (door.kind !== 'requires') return;
    const access = await this.#visible(request, ctx, door);
    request.access = access;
    this.authorization.demand(request.context, door.permission, access);
    if (door.stepUpMaxAge !== null) requireStepUp(ctx.principal, door.stepUpMaxAge, this.clock.now());
  }

  /** Access on the row that the path names, which becomes the request's scope; without one, on the active scope. */
  async #visible(request: GuardedRequest, ctx: RequestContext, door: Extract<Door, { kind: 'requires' }>): Promise<Access> {
    if (!door.resource) return this.authorization.activeAccess(ctx, door.at);
    const id = pathUuid(request, door.param);
    const located = await this.authorization.locate(ctx, door.resource, id);
    const { orgId, workspaceId, projectId, labId } = located.scope;
    // Of an organization that the token does not name only the head is readable with `admin:org`.
    const principal = orgId === ctx.orgId || door.permission === 'org:read' ? ctx.principal : withoutHomeScope(ctx.principal);
    request.context = { ...ctx, principal, orgId, workspaceId, projectId, labId };
    request.resource = { kind: door.resource.kind, id };
    return located.access;
  }
}

/** A path id in lower case; 422 when it is no UUID. */
function pathUuid(request: GuardedRequest, name: string): string {
  const text = request.params[name];
  const id = typeof text === 'string' ? parseUuid(text) : null;
  if (!id) throw new ValidationError([{ pointer: `path:${name}`, code: 'format', message: 'must be a UUID' }]);
  request.params[name] = id;
  return id;
}
