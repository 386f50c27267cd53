import { PERMISSION_NAMES, type Permission, permissionRule } from '../permissions.ts';
import { type Role, type StaffRole, atLeast } from '../roles.ts';
import { SCOPE_NAMES } from '../scopes.ts';

const KNOWN: ReadonlySet<string> = new Set(SCOPE_NAMES);
/** Scopes that count in tokens of the staff tenant alone (platform.md 3.4, rule d). */
const PLATFORM_SCOPES: ReadonlySet<string> = new Set(['platform:admin', 'admin:cluster']);

/** What an app role permits a machine: that of a membership role, and what Terraform's two add to it. */
const APP_ROLES: ReadonlyMap<string, readonly Permission[]> = new Map<string, readonly Permission[]>([
  ['alphaswarm.viewer', heldBy('viewer')],
  ['alphaswarm.editor', heldBy('editor')],
  ['alphaswarm.admin', heldBy('admin')],
  ['alphaswarm.terraform.operator', [...heldBy('editor'), 'terraform:apply', 'terraform:destroy']],
  ['alphaswarm.terraform.approver', [...heldBy('editor'), 'terraform:approve']],
]);

const STAFF_COLUMNS: ReadonlyMap<string, StaffRole> = new Map([
  ['Admin', 'superadmin'],
  ['Operator', 'operator'],
  ['Auditor', 'auditor'],
  ['Compliance', 'auditor'],
  ['Finance', 'observer'],
  ['Engineer', 'observer'],
  ['Viewer', 'observer'],
]);
const STRONGEST: readonly StaffRole[] = ['superadmin', 'operator', 'auditor', 'observer'];

/** What the app roles of an app-only token permit; values that mean nothing here are left out. */
export function scopesOfRoles(roles: readonly string[], staff: boolean): ReadonlySet<string> {
  return scopesOf(
    roles.flatMap((role): readonly string[] => APP_ROLES.get(role) ?? (KNOWN.has(role) ? [role] : [])),
    staff,
  );
}

/** Scopes as a token states them, without those of the platform unless it is the staff's. */
export function scopesOf(stated: readonly string[], staff: boolean): ReadonlySet<string> {
  return new Set(stated.filter((scope) => staff || !PLATFORM_SCOPES.has(scope)));
}

/** The strongest staff column among the roles of a staff token (platform.md 3.3); null where none is one. */
export function staffColumn(roles: readonly string[]): StaffRole | null {
  const columns = new Set(roles.map((role) => STAFF_COLUMNS.get(role)));
  return STRONGEST.find((column) => columns.has(column)) ?? null;
}

/** The words of a space-separated claim; none where it is no text. */
export function words(claim: unknown): readonly string[] {
  return typeof claim === 'string' ? claim.split(' ').filter(Boolean) : [];
}

/** The texts of a list; none where the claim is no list. */
export function texts(claim: unknown): readonly string[] {
  return Array.isArray(claim) ? claim.filter((item) => typeof item === 'string') : [];
}

function heldBy(role: Role): readonly Permission[] {
  return PERMISSION_NAMES.filter((name) => {
    const rule = permissionRule(name);
    return (
      (rule.role !== null && atLeast(role, rule.role)) ||
      (rule.liveControlRole !== undefined && atLeast(role, rule.liveControlRole))
    );
  });
}
