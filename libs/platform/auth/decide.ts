import type { TokenFacts } from '#platform/context';
import { type Permission, permissionRule } from './permissions.ts';
import { type Role, type StaffRole, atLeast } from './roles.ts';
import { tokenPermits } from './scopes.ts';

/** What the caller holds on one scope. */
export interface Access {
  readonly role: Role | null;
  readonly liveControl: boolean;
  readonly staff: StaffRole | null;
}

export type Decision = 'ok' | 'role' | 'token';

/**
 * allow = role permits and token permits (platform.md 5.1). Work without a token (system) is judged by its role alone.
 */
export function decide(permission: Permission, access: Access, token: TokenFacts | null): Decision {
  if (!rolePermits(permission, access)) return 'role';
  return token === null || tokenPermits(token.scopes, permission) ? 'ok' : 'token';
}

function rolePermits(permission: Permission, { role, liveControl, staff }: Access): boolean {
  const rule = permissionRule(permission);
  if (staff === 'superadmin') return true;
  if (staff && rule.staff?.includes(staff)) return true;
  if (rule.role && atLeast(role, rule.role)) return true;
  return rule.liveControlRole !== undefined && liveControl && atLeast(role, rule.liveControlRole);
}

/** The staff column of a token; null without a token. */
export function staffRole(token: TokenFacts | null): StaffRole | null {
  return token?.staff ?? null;
}

/** True where the permission reaches only what the caller started, such as `job:cancel` of an editor. */
export function reachesOwnOnly(permission: Permission, access: Access): boolean {
  const rule = permissionRule(permission);
  if (!rule.ownBelowAdmin || access.staff === 'superadmin') return false;
  return !(access.staff && rule.staff?.includes(access.staff)) && !atLeast(access.role, 'admin');
}
