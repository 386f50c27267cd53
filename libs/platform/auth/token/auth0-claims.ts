import type { Auth0Config } from '#platform/config';
import { isGuid } from '../keys/issuer-template.ts';
import { scopesOf, texts, words } from './app-roles.ts';
import type { RejectionReason } from './token-rejection.ts';
import { type Payload, type TokenClaims, tokenTimes } from './trust-entry.ts';

const MACHINE = '@clients';
/** Multi-factor in OpenID's Provider Authentication Policy Extension. */
const PAPE_MULTI_FACTOR = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor';

/**
 * Claims of an Auth0 access token whose `iss` has been matched, in the order of the table of platform.md 3.4; `now` in
 * seconds.
 */
export function auth0Claims(payload: Payload, now: number, config: Auth0Config): TokenClaims | RejectionReason {
  if (!isForUs(payload.aud, config)) return 'audience';
  const { azp, gty, sub, org_id: organization, jti } = payload;
  if (config.clientIds.size > 0 && !(typeof azp === 'string' && config.clientIds.has(azp))) return 'client';
  const times = tokenTimes(payload, now, false);
  if (typeof times === 'string') return times;
  if (typeof sub !== 'string' || sub === '') return 'subject';
  const stated = statedPermissions(payload);
  if (stated === null) return 'no_permissions';
  const own = (name: string): unknown =>
    config.namespaces.map((namespace) => payload[namespace + name]).find((claim) => claim !== undefined);
  const tenant = own('tid');
  if (tenant !== undefined && !isGuid(tenant)) return 'tenant_mismatch';
  const appOnly = gty === 'client-credentials' || sub.endsWith(MACHINE);
  const acr = own('acr');
  return {
    ...times,
    subject: sub,
    // Platform permissions are the staff tenant's of Entra (rule d).
    scopes: scopesOf(stated, false),
    client: appOnly ? clientOf(azp, sub) : null,
    acr: acr === 'high' || acr === PAPE_MULTI_FACTOR || texts(own('amr')).includes('mfa') ? 'high' : null,
    authTime: own('auth_time'),
    claimsChallenge: null,
    tokenId: typeof jti === 'string' ? jti : null,
    tenant: tenant ?? null,
    organization: typeof organization === 'string' ? { by: 'auth0_org_id', value: organization } : null,
    staff: null,
  };
}

/** Row `aud`: us alone, or us and the issuer's own user information. */
function isForUs(aud: unknown, { audience, issuer }: Auth0Config): boolean {
  if (!Array.isArray(aud)) return aud === audience;
  return aud.includes(audience) && aud.every((item) => item === audience || item === `${issuer}userinfo`);
}

/** Row `permissions, scope`: the list where there is one, never both. */
function statedPermissions({ permissions, scope }: Payload): readonly string[] | null {
  if (permissions !== undefined) return Array.isArray(permissions) ? texts(permissions) : null;
  const stated = words(scope);
  return stated.length > 0 ? stated : null;
}

function clientOf(azp: unknown, sub: string): string {
  if (typeof azp === 'string') return azp;
  return sub.endsWith(MACHINE) ? sub.slice(0, -MACHINE.length) : sub;
}
