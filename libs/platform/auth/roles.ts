/** Roles of a membership, weakest first. */
export const ROLES = ['viewer', 'editor', 'admin', 'owner'] as const;
export type Role = (typeof ROLES)[number];

/** Platform-wide columns of the role matrix (platform.md 5.3). They count only with a staff token. */
export const STAFF_ROLES = ['observer', 'operator', 'auditor', 'superadmin'] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

export function atLeast(role: Role | null, minimum: Role): boolean {
  return role !== null && ROLES.indexOf(role) >= ROLES.indexOf(minimum);
}
