import type { Role, StaffRole } from './roles.ts';

/** Who holds a permission. `null`: no membership role has it. */
export interface PermissionRule {
  /** Weakest membership role on the scope that holds it. */
  readonly role: Role | null;
  /** A weaker role holds it together with live_control. */
  readonly liveControlRole?: Role;
  /** Below `admin` it reaches only what the caller started. */
  readonly ownBelowAdmin?: true;
  /** Staff columns beside superadmin, who holds everything. */
  readonly staff?: readonly StaffRole[];
}

const EVERY_STAFF = ['operator', 'auditor'] as const satisfies readonly StaffRole[];
const read: PermissionRule = { role: 'viewer', staff: ['observer', ...EVERY_STAFF] };
const readByMembers: PermissionRule = { role: 'viewer' };
const viewer: PermissionRule = { role: 'viewer', staff: EVERY_STAFF };
const editor: PermissionRule = { role: 'editor' };
const admin: PermissionRule = { role: 'admin' };
const owner: PermissionRule = { role: 'owner' };
const superadmin: PermissionRule = { role: null };

/**
 * Every permission of the platform, once: the union of the specifications' names (platform.md 5.3, trading.md 4,
 * data.md 4, ml.md 4, agents.md 4).
 */
export const PERMISSIONS = {
  'org:read': read,
  'org:create': superadmin,
  'org:update': owner,
  'org:delete': owner,
  'team:read': read,
  'team:create': admin,
  'team:update': admin,
  'team:archive': admin,
  'team:delete': owner,
  'workspace:read': read,
  'workspace:create': admin,
  'workspace:update': admin,
  'workspace:archive': admin,
  'workspace:delete': owner,
  'project:read': read,
  'project:create': editor,
  'project:update': editor,
  'project:delete': owner,
  'lab:read': read,
  'lab:create': editor,
  'lab:update': editor,
  'lab:delete': owner,
  'membership:read': viewer,
  'membership:grant': admin,
  'membership:grant_admin': owner,
  'config:read': read,
  'config:write': editor,
  'job:read': read,
  'job:cancel': { role: 'editor', ownBelowAdmin: true },
  'credential:use': editor,
  'credential:write': admin,
  'audit:read': { role: 'editor', ownBelowAdmin: true, staff: EVERY_STAFF },
  'audit:export': { role: 'owner', staff: ['auditor'] },
  'webhook:manage': admin,
  'entra_link:manage': superadmin,
  'service_principal:manage': owner,
  'health:read': { role: null, staff: EVERY_STAFF },

  'terraform:read': viewer,
  'terraform:plan': { role: 'editor', staff: ['operator'] },
  'terraform:apply': { role: 'admin', staff: ['operator'] },
  'terraform:destroy': { role: 'admin', staff: ['operator'] },
  'terraform:approve': owner,
  'state:read': owner,

  'strategy:view': viewer,
  'strategy:edit': editor,
  'strategy:promote': editor,
  'backtest:view': viewer,
  'backtest:execute': editor,
  'bot:view': viewer,
  'bot:edit': editor,
  'bot:execute': editor,
  'paper:execute': editor,
  'portfolio:view': viewer,
  'risk:view': viewer,
  'risk:edit': admin,
  'deploy:run': { role: null, staff: ['operator'] },
  'deploy:halt': { role: 'admin', liveControlRole: 'editor', staff: ['operator'] },
  'deploy:release': { role: 'owner', staff: ['operator'] },
  'manage:agents': admin,

  'data:read': readByMembers,
  'data:write': editor,
  'data:sql': editor,
  'data:admin': admin,
  'ingest:read': readByMembers,
  'ingest:run': editor,
  'ingest:admin': admin,
  'ingest:append': superadmin,
  'lineage:read': readByMembers,
  'lineage:write': editor,
  'lineage:admin': admin,
  'vector:read': readByMembers,
  'vector:write': editor,
  'vector:admin': admin,
  'ownership:read': readByMembers,

  'ml:view': viewer,
  'ml:write': editor,
  'ml:execute': editor,
  'ml:promote': admin,
  'rl:view': viewer,
  'rl:write': editor,
  'rl:execute': editor,

  'agent:view': viewer,
  'agent:run': editor,
  'agent:write': editor,
  'agent:approve': admin,
  'agent:halt': { role: 'admin', staff: ['operator'] },
  'analysis:view': viewer,
  'analysis:run': editor,
  'analysis:write': editor,
  'rag:view': viewer,
  'rag:write': editor,
  'memory:view': viewer,
  'memory:write': editor,
  'llm:view': viewer,
  'llm:use': editor,
  'llm:admin': admin,
} as const satisfies Record<string, PermissionRule>;

export type Permission = keyof typeof PERMISSIONS;

export const PERMISSION_NAMES = Object.keys(PERMISSIONS).sort() as Permission[];

export function permissionRule(permission: Permission): PermissionRule {
  return PERMISSIONS[permission];
}
