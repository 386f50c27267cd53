import type { EntraConfig } from '#platform/config';
import { isGuid, tenantOf } from '../keys/issuer-template.ts';
import { scopesOf, scopesOfRoles, staffColumn, texts, words } from './app-roles.ts';
import type { RejectionReason } from './token-rejection.ts';
import { type Payload, type TokenClaims, tokenTimes } from './trust-entry.ts';

const PERSONAL_TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad';
/** `azpacr`: the client proved itself by a secret or a certificate. */
const PROVEN_CLIENT: readonly unknown[] = ['1', '2'];

/**
 * Claims of an Entra v2 access token whose `iss` has been matched, in the order of the table of platform.md 3.3; `now`
 * in seconds.
 */
export function entraClaims(payload: Payload, now: number, config: EntraConfig): TokenClaims | RejectionReason {
  const { ver, iss, tid, aud, oid, azp, uti } = payload;
  if (ver !== '2.0') return 'unsupported_version';
  if (!isGuid(tid) || tid !== tenantOf(config.issuer, String(iss))) return 'tenant_mismatch';
  if (tid === PERSONAL_TENANT && !config.allowPersonal) return 'tenant_mismatch';
  if (typeof aud !== 'string' || !config.audiences.includes(aud)) return 'audience';
  const times = tokenTimes(payload, now, true);
  if (typeof times === 'string') return times;
  if (!isGuid(oid)) return 'subject';
  const staff = tid === config.staffTenant;
  const permissions = permissionsOf(payload, staff);
  if (permissions === null) return 'no_permissions';
  if (!isKnownClient(payload, permissions.appOnly, config)) return 'client';
  return {
    ...times,
    subject: oid,
    scopes: permissions.scopes,
    client: permissions.appOnly ? String(azp) : null,
    acr: isStrong(payload, config) ? 'high' : null,
    authTime: payload.auth_time,
    claimsChallenge: texts(payload.xms_cc).includes('cp1') ? challenge(tid, config) : null,
    tokenId: typeof uti === 'string' ? uti : null,
    tenant: tid,
    organization: null,
    staff: staff ? staffColumn(texts(payload.roles)) : null,
  };
}

/** Row `idtyp, scp, roles`: delegated tokens are bound by `scp` alone, app-only ones by `roles` alone. */
function permissionsOf(
  { idtyp, scp, roles, oid, sub }: Payload,
  staff: boolean,
): { scopes: ReadonlySet<string>; appOnly: boolean } | null {
  if (idtyp === 'app' || (scp === undefined && oid === sub)) {
    const named = texts(roles);
    return scp === undefined && named.length > 0 ? { scopes: scopesOfRoles(named, staff), appOnly: true } : null;
  }
  const stated = words(scp);
  return stated.length > 0 ? { scopes: scopesOf(stated, staff), appOnly: false } : null;
}

function isKnownClient({ azp, azpacr }: Payload, appOnly: boolean, { clientIds }: EntraConfig): boolean {
  if (clientIds.size > 0 && !(typeof azp === 'string' && clientIds.has(azp))) return false;
  return !appOnly || (typeof azp === 'string' && PROVEN_CLIENT.includes(azpacr));
}

/** Level `high` of platform.md 4.2. */
function isStrong({ acrs }: Payload, { stepUpAcrs }: EntraConfig): boolean {
  return acrs === stepUpAcrs || texts(acrs).includes(stepUpAcrs);
}

/** What a client that announces `cp1` is to ask for (platform.md 4.3). */
function challenge(tid: string, { host, stepUpAcrs }: EntraConfig): TokenClaims['claimsChallenge'] {
  return {
    authorizationUri: `https://${host}/${tid}/oauth2/v2.0/authorize`,
    claims: JSON.stringify({ access_token: { acrs: { essential: true, value: stepUpAcrs } } }),
  };
}
