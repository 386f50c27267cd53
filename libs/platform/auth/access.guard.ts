import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Clock, ValidationError, parseUuid } from '#kernel';
import type { ContextualRequest, RequestContext } from '#platform/context';
import { inSpan } from '#platform/spans';
import { AccessMetrics } from './access-metrics.ts';
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

type Required = Extract<Door, { kind: 'requires' }>;

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * authenticate -> principal rate -> tenant gate -> visibility (404) -> permission (403) -> step-up (401), for every
 * HTTP route.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly authorization: Authorization,
    private readonly rates: RequestRates,
    private readonly refusals: Refusals,
    private readonly clock: Clock,
    private readonly metrics: AccessMetrics,
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
    const caller = {
      url: request.originalUrl,
      headers: request.headers,
      rawHeaders: request.rawHeaders,
      requestId: request.requestId,
      ip: request.ip ?? null,
    };
    const identified = await this.authenticator.identify(caller, mutates || stepUpMaxAge !== null);
    const rates = this.rates.open(response, identified.token.facts);
    rates.chargePrincipal({ write: mutates, stepUp: stepUpMaxAge !== null });
    try {
      await this.#authorize(request, identified, rates, door);
    } catch (error) {
      const { context, resource, requestId } = request;
      await this.refusals.record(error, {
        requestId,
        ip: caller.ip,
        principal: identified.principal,
        orgId: context?.orgId ?? null,
        resource,
      });
      throw error;
    }
  }

  async #authorize(
    request: GuardedRequest,
    identified: Identified,
    rates: OpenRates,
    door: Exclude<Door, { kind: 'public' }>,
  ): Promise<void> {
    const caller = { requestId: request.requestId, ip: request.ip ?? null, headers: request.headers };
    const ctx = await this.authenticator.enter(identified, caller, door.kind === 'requires' || door.tenantGate);
    rates.chargeOrganization(ctx.orgId);
    request.context = ctx;
    if (door.kind !== 'requires') return;
    await inSpan('authz.decide', () => this.#permit(request, ctx, door));
    if (door.stepUpMaxAge !== null) await this.#stepUp(ctx, door.permission, door.stepUpMaxAge);
    // Validation comes after permission and step-up (platform.md 8.0).
    if (door.resource && !request.resource)
      throw new ValidationError([{ pointer: `path:${door.param}`, code: 'format', message: 'must be a UUID' }]);
  }

  async #permit(request: GuardedRequest, ctx: RequestContext, door: Required): Promise<void> {
    const access = await this.#visible(request, ctx, door);
    request.access = access;
    await this.#demand(request, request.context ?? ctx, door, access);
  }

  async #stepUp({ principal }: RequestContext, action: string, maxAge: number): Promise<void> {
    await inSpan('stepup.check', async () => {
      try {
        requireStepUp(principal, maxAge, this.clock.now());
        this.metrics.steppedUp(action, 'satisfied');
      } catch (error) {
        this.metrics.steppedUp(action, 'challenged');
        throw error;
      }
    });
  }

  async #demand(
    { method, resource }: GuardedRequest,
    ctx: RequestContext,
    { own, permission, resource: kind }: Required,
    access: Access,
  ): Promise<void> {
    if (!own || !kind || !resource) return this.authorization.demand(ctx, permission, access);
    if (READS.has(method)) return this.authorization.demandToRead(ctx, permission, access, kind, resource.id);
    return this.authorization.demandToChange(ctx, permission, access, kind, resource.id);
  }

  /**
   * Access on the row that the path names, which becomes the request's scope; without one, or where the path names
   * none, on the active scope.
   */
  async #visible(request: GuardedRequest, ctx: RequestContext, door: Required): Promise<Access> {
    const id = door.resource && pathUuid(request, door.param);
    if (!door.resource || !id) return this.authorization.activeAccess(ctx, door.at);
    const located = await this.authorization.locate(ctx, door.resource, id);
    const { orgId, workspaceId, projectId, labId } = located.scope;
    // Of an organization that the token does not name only the head is readable with `admin:org`.
    const principal =
      orgId === ctx.orgId || door.permission === 'org:read' ? ctx.principal : withoutHomeScope(ctx.principal);
    request.context = { ...ctx, principal, orgId, workspaceId, projectId, labId };
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
