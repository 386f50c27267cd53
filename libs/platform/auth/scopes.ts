import { PERMISSION_NAMES, type Permission, permissionRule } from './permissions.ts';

const named = (test: (name: Permission) => boolean): readonly Permission[] => PERMISSION_NAMES.filter(test);
const ending =
  (...suffixes: string[]) =>
  (name: Permission): boolean =>
    suffixes.some((suffix) => name.endsWith(suffix));
const of =
  (...resources: string[]) =>
  (name: Permission): boolean =>
    resources.some((resource) => name.startsWith(`${resource}:`));

const AGENT_AREAS = of('agent', 'analysis', 'lab', 'rag', 'memory', 'llm');
const DATA_READS = named(
  (name) => of('data', 'ingest', 'lineage', 'vector', 'ownership')(name) && ending(':read')(name),
);
/** Reads of the platform area, without those a data token must not reach (platform.md 5.2). */
const PLATFORM_READS = named(
  (name) =>
    of('org', 'team', 'workspace', 'project', 'lab', 'membership', 'config', 'job', 'terraform', 'health')(name) &&
    ending(':read')(name),
);
const DATA_WRITES: readonly Permission[] = ['data:write', 'data:sql', 'ingest:run', 'lineage:write', 'vector:write'];
const INFRASTRUCTURE: readonly Permission[] = [
  'terraform:read',
  'terraform:plan',
  'terraform:apply',
  'terraform:destroy',
  'job:read',
];
const AGENT_VIEWS: readonly Permission[] = [
  ...named((name) => AGENT_AREAS(name) && ending(':view')(name)),
  'lab:read',
  'bot:view',
];
const AGENT_EXECUTION: readonly Permission[] = [
  ...AGENT_VIEWS,
  'agent:run',
  'analysis:run',
  'llm:use',
  'rag:write',
  'memory:write',
  'bot:execute',
];

/**
 * Scopes that permit several permissions (platform.md 5.2; data.md 14, H4; agents.md 4; ml.md 4). Every permission is
 * also a scope of its own.
 */
const BUNDLES: Readonly<Record<string, readonly Permission[]>> = {
  'data:read': [...DATA_READS, ...PLATFORM_READS],
  'data:write': [...DATA_READS, ...PLATFORM_READS, ...DATA_WRITES],
  'admin:iceberg': [
    ...DATA_READS,
    ...PLATFORM_READS,
    ...DATA_WRITES,
    'data:admin',
    'ingest:admin',
    'lineage:admin',
    'vector:admin',
  ],
  'agent:view': AGENT_VIEWS,
  'agent:execute': AGENT_EXECUTION,
  'agents:read': AGENT_VIEWS,
  'agents:invoke': [...AGENT_VIEWS, 'agent:run', 'analysis:run'],
  'manage:agents': [
    ...named((name) => (AGENT_AREAS(name) || of('bot')(name)) && name !== 'agent:halt'),
    'manage:agents',
  ],
  'ml:read': ['ml:view'],
  'ml:invoke': ['ml:view', 'ml:execute'],
  'read:infrastructure': ['terraform:read', 'job:read'],
  'manage:infrastructure': INFRASTRUCTURE,
  'deploy:run': [...INFRASTRUCTURE, 'deploy:run'],
  'deploy:halt': ['deploy:halt', 'agent:halt'],
  'admin:org': PERMISSION_NAMES,
  'admin:cluster': named((name) => permissionRule(name).staff?.includes('operator') ?? false),
  'platform:admin': PERMISSION_NAMES,
};

/** As sets, and as a map, so that a scope named like a member of Object.prototype finds nothing. */
export const SCOPE_BUNDLES: ReadonlyMap<string, ReadonlySet<Permission>> = new Map(
  Object.entries(BUNDLES).map(([scope, permissions]) => [scope, new Set(permissions)]),
);

/** Scopes that name no permission but are known: they choose a staff column or belong to a protocol. */
export const OTHER_SCOPES = ['scim:write', 'code:read', 'docs:read', 'docs:search'] as const;

/** Every scope a token may usefully carry, sorted. */
export const SCOPE_NAMES: readonly string[] = [
  ...new Set([...PERMISSION_NAMES, ...SCOPE_BUNDLES.keys(), ...OTHER_SCOPES]),
].sort();

/** Does one of the token's scopes permit this? Unknown scopes permit nothing. */
export function tokenPermits(scopes: ReadonlySet<string>, permission: Permission): boolean {
  if (scopes.has(permission)) return true;
  for (const scope of scopes) if (SCOPE_BUNDLES.get(scope)?.has(permission)) return true;
  return false;
}
