import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { DomainError } from '#kernel';
import type { TenantScope } from '#platform/database';

/** What an issuer of its own way of challenges is to be asked for. */
export interface ClaimsChallenge {
  /** Where its users sign in again. */
  readonly authorizationUri: string;
  /** The claims request as JSON text. */
  readonly claims: string;
}

/** What a verified token said. Never the token itself. */
export interface TokenFacts {
  readonly provider: 'local' | 'entra' | 'auth0';
  readonly issuer: string;
  readonly subject: string;
  readonly scopes: ReadonlySet<string>;
  /** `high` where the rule of its issuer says so (platform.md 4.2), whatever the claim is called there. */
  readonly acr: 'high' | null;
  /** Seconds since the epoch; null when the token has none. */
  readonly authTime: number | null;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** SHA-256 of the token id, for audit and revocation. */
  readonly idHash: string | null;
  /** How its issuer challenges beside RFC 9470; null where the caller's client would not understand it. */
  readonly claimsChallenge: ClaimsChallenge | null;
  /** Its staff column (platform.md 5.3); null of all tokens but the staff's. */
  readonly staff: 'superadmin' | 'operator' | 'auditor' | 'observer' | null;
}

/**
 * Who acts. `actor` is its form in the audit ledger: `user:<uuid>`, `service:<uuid>`, `agent:<uuid>`, `system:<name>`.
 */
export interface Principal {
  readonly kind: 'user' | 'service' | 'agent' | 'system';
  readonly id: string;
  readonly actor: string;
  readonly token: TokenFacts | null;
}

/** Tenant and actor of one request or job; the first argument of every service method. */
export interface RequestContext extends TenantScope {
  readonly requestId: string;
  readonly principal: Principal;
  readonly workspaceId: string | null;
  readonly projectId: string | null;
  readonly labId: string | null;
  readonly sourceIp: string | null;
}

/** A context with an organization and a workspace: what every tenant resource needs to be created in. */
export type WorkspaceContext = RequestContext & { readonly orgId: string; readonly workspaceId: string };

/** The request as our guards leave it. */
export interface ContextualRequest {
  context?: RequestContext;
}

/** Injects the context that the authentication guard attached. */
export const Context = createParamDecorator((_: unknown, execution: ExecutionContext): RequestContext => {
  const { context } = execution.switchToHttp().getRequest<ContextualRequest>();
  if (!context) throw new Error('This route has no authenticated context: it is @Public.');
  return context;
});

/** The context of work that no person started. */
export function systemContext(
  name: string,
  requestId: string,
  scope: TenantScope = { orgId: null, platform: true },
): RequestContext {
  return {
    ...scope,
    requestId,
    principal: { kind: 'system', id: name, actor: `system:${name}`, token: null },
    workspaceId: null,
    projectId: null,
    labId: null,
    sourceIp: null,
  };
}

/**
 * Narrows a context to one with an organization and a workspace. Throws 403 `no_membership` for callers who have none.
 */
export function inWorkspace(context: RequestContext): WorkspaceContext {
  if (!context.orgId || !context.workspaceId) {
    throw new DomainError(403, 'no_membership', {
      detail: 'The caller belongs to no workspace, so there is nothing to work in.',
    });
  }
  return context as WorkspaceContext;
}
