import { Injectable } from '@nestjs/common';
import {
  type AccessibleScope,
  Authorization,
  AuthorizationRepository,
  GrantSnapshots,
  LOCAL_AUDIENCE,
  LOCAL_ISSUER,
  type Role,
} from '#platform/auth';
import { AuthConfig } from '#platform/config';
import type { RequestContext, TokenFacts } from '#platform/context';
import type { ActiveContext, AuthProvider, PublicAuthConfig, ScopeRole, WhoAmI } from './dto/auth.views.ts';

/** Tells callers who they are and where they act. */
@Injectable()
export class IdentityService {
  constructor(
    private readonly config: AuthConfig,
    private readonly authorization: Authorization,
    private readonly lookups: AuthorizationRepository,
    private readonly snapshots: GrantSnapshots,
  ) {}

  publicConfig(): PublicAuthConfig {
    const { provider } = this.config;
    const local = { name: 'local', issuer: LOCAL_ISSUER, authority: null, client_id: null, audience: LOCAL_AUDIENCE };
    return {
      providers: provider === 'local' ? [local] : publishedProviders(this.config),
      backend_session_supported: false,
    };
  }

  async whoAmI(ctx: RequestContext, token: TokenFacts): Promise<WhoAmI> {
    const { identity } = await this.snapshots.of(token);
    const scopes = identity ? await this.lookups.accessibleScopes(identity.userId) : [];
    return {
      id: identity?.userId ?? null,
      email: identity?.email ?? null,
      display_name: identity?.displayName ?? null,
      auth_provider: token.provider,
      auth_subject: token.subject,
      is_default: false,
      tenant_status: 'none',
      workspaces: ofKind(scopes, 'workspace'),
      projects: ofKind(scopes, 'project'),
      labs: ofKind(scopes, 'lab'),
      active_context: await this.activeContext(ctx, token),
    };
  }

  async activeContext(ctx: RequestContext, token: TokenFacts): Promise<ActiveContext> {
    const { identity } = await this.snapshots.of(token);
    const userId = identity?.userId ?? null;
    const { role, liveControl } = await this.#activeRole(ctx);
    const artefact = ctx.projectId ?? ctx.labId ?? 'no-proj';
    return {
      user_id: userId,
      org_id: ctx.orgId,
      team_id: null,
      workspace_id: ctx.workspaceId,
      project_id: ctx.projectId,
      lab_id: ctx.labId,
      run_id: null,
      role,
      live_control: liveControl,
      extras: {},
      fingerprint: `${userId ?? 'no-user'}-${ctx.workspaceId ?? 'no-ws'}-${artefact}-no-run`,
    };
  }

  async #activeRole(ctx: RequestContext): Promise<{ role: Role | null; liveControl: boolean }> {
    const scopeId = ctx.labId ?? ctx.projectId ?? ctx.workspaceId ?? ctx.orgId;
    return scopeId === null ? { role: null, liveControl: false } : this.authorization.accessTo(ctx, scopeId);
  }
}

/** Entra first, as the one that is asked where both could be. */
function publishedProviders({ entra, auth0 }: AuthConfig): AuthProvider[] {
  return [
    ...(entra
      ? [
          {
            name: 'entra',
            issuer: entra.issuer,
            authority: `https://${entra.host}/organizations`,
            client_id: entra.spaClientId,
            audience: entra.audiences[0] ?? '',
          },
        ]
      : []),
    ...(auth0
      ? [
          {
            name: 'auth0',
            issuer: auth0.issuer,
            authority: auth0.issuer,
            client_id: auth0.spaClientId,
            audience: auth0.audience,
          },
        ]
      : []),
  ];
}

function ofKind(scopes: readonly AccessibleScope[], kind: AccessibleScope['kind']): ScopeRole[] {
  return scopes
    .filter((scope) => scope.kind === kind)
    .map(({ id, role, live_control }) => ({ id, role, live_control }));
}
