import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import { NIL_UUID } from '#kernel';
import type { Principal, RequestContext } from '#platform/context';
import { inSpan } from '#platform/spans';
import { AccessMetrics } from './access-metrics.ts';
import { type CredentialRequest, bearerToken } from './credential.ts';
import { type GrantSnapshot, GrantSnapshots } from './grant-snapshots.ts';
import { Refusals } from './refusals.ts';
import { Revocations } from './revocations.ts';
import { TenantGate } from './tenant-gate.ts';
import { TokenVerifier } from './token/token-verifier.ts';
import type { VerifiedToken } from './token/trust-entry.ts';

export interface AuthenticatedRequest extends CredentialRequest {
  readonly requestId: string;
  /** Address for audit only; it grants nothing. */
  readonly ip: string | null;
}

/** A verified caller before it is known where he acts. */
export interface Identified {
  readonly token: VerifiedToken;
  readonly grants: GrantSnapshot;
  readonly principal: Principal;
}

/** From a request to a principal and a context, for HTTP and for sockets. */
@Injectable()
export class Authenticator {
  constructor(
    private readonly verifier: TokenVerifier,
    private readonly revocations: Revocations,
    private readonly snapshots: GrantSnapshots,
    private readonly gate: TenantGate,
    private readonly refusals: Refusals,
    private readonly metrics: AccessMetrics,
  ) {}

  /**
   * Both steps, for sockets, and `between` them whatever the caller has to pay. Throws DomainError 400, 401, 403, 404,
   * 429 or 503.
   */
  async authenticate(
    request: AuthenticatedRequest,
    between: (identified: Identified) => void = () => undefined,
  ): Promise<RequestContext> {
    const identified = await this.identify(request, false);
    between(identified);
    try {
      return await this.enter(identified, request, true);
    } catch (error) {
      await this.refusals.record(error, { ...request, principal: identified.principal, orgId: null });
      throw error;
    }
  }

  /** Verifies the token; `strict` asks the database whether it was revoked. */
  async identify(request: AuthenticatedRequest, strict: boolean): Promise<Identified> {
    try {
      const token = await inSpan('auth.verify', () => this.verifier.verify(bearerToken(request)));
      await this.revocations.check(token, strict);
      this.metrics.verified(token.facts.provider);
      const grants = await this.snapshots.of(token.facts);
      return { token, grants, principal: userPrincipal(grants.identity?.userId ?? NIL_UUID, token) };
    } catch (error) {
      await this.refusals.record(error, { ...request, principal: null, orgId: null });
      throw error;
    }
  }

  /** Tenant gate: where the caller acts. `enforce` false lets members of no organization in (`/auth/*`). */
  async enter(
    { token, grants, principal }: Identified,
    request: { requestId: string; ip: string | null; headers: IncomingHttpHeaders },
    enforce: boolean,
  ): Promise<RequestContext> {
    const { homeOrganization, ...scope } = await this.gate.enter(token, grants, request.headers, enforce);
    return {
      ...scope,
      requestId: request.requestId,
      sourceIp: request.ip,
      principal: homeOrganization ? principal : withoutHomeScope(principal),
    };
  }
}

function userPrincipal(id: string, { facts }: VerifiedToken): Principal {
  return { kind: 'user', id, actor: `user:${id}`, token: facts };
}

/** `admin:org` means everything in the token's organization and nothing elsewhere (platform.md 5.2). */
export function withoutHomeScope(principal: Principal): Principal {
  const { token } = principal;
  if (!token?.scopes.has('admin:org')) return principal;
  return {
    ...principal,
    token: { ...token, scopes: new Set([...token.scopes].filter((scope) => scope !== 'admin:org')) },
  };
}
