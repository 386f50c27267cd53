import type { TokenFacts } from '#platform/context';
import { type Access, decide, reachesOwnOnly, staffRole } from './decide.ts';
import { PERMISSION_NAMES, type Permission } from './permissions.ts';
import { ROLES, type Role } from './roles.ts';
import { SCOPE_NAMES, tokenPermits } from './scopes.ts';

const access = (role: Role | null, more: Partial<Access> = {}): Access => ({
  role,
  liveControl: false,
  staff: null,
  ...more,
});
const token = (...scopes: string[]): TokenFacts => ({
  provider: 'local',
  issuer: 'x',
  subject: 'x',
  scopes: new Set(scopes),
  acr: null,
  authTime: null,
  issuedAt: 0,
  expiresAt: 0,
  idHash: null,
  claimsChallenge: null,
  staff: null,
});
const weakest = (permission: Permission): Role | null =>
  ROLES.find((role) => decide(permission, access(role), token('admin:org')) === 'ok') ?? null;

describe('decide', () => {
  it.each<[Permission, Role | null]>([
    ['strategy:view', 'viewer'],
    ['strategy:edit', 'editor'],
    ['backtest:execute', 'editor'],
    ['risk:edit', 'admin'],
    ['manage:agents', 'admin'],
    ['deploy:release', 'owner'],
    ['data:read', 'viewer'],
    ['data:write', 'editor'],
    ['data:sql', 'editor'],
    ['ingest:run', 'editor'],
    ['data:admin', 'admin'],
    ['ingest:append', null],
    ['org:read', 'viewer'],
    ['org:create', null],
    ['team:create', 'admin'],
    ['membership:grant', 'admin'],
    ['membership:grant_admin', 'owner'],
    ['job:cancel', 'editor'],
    ['audit:read', 'editor'],
    ['audit:export', 'owner'],
    ['credential:use', 'editor'],
    ['credential:write', 'admin'],
    ['terraform:plan', 'editor'],
    ['state:read', 'owner'],
    ['health:read', null],
    ['ml:promote', 'admin'],
    ['agent:approve', 'admin'],
    ['llm:use', 'editor'],
    ['deploy:halt', 'admin'],
  ])('%s needs at least %s', (permission, role) => {
    expect(weakest(permission)).toBe(role);
  });

  it('lets an editor with live_control engage a halt, a viewer with it not', () => {
    expect([
      decide('deploy:halt', access('editor', { liveControl: true }), token('deploy:halt')),
      decide('deploy:halt', access('viewer', { liveControl: true }), token('deploy:halt')),
    ]).toEqual(['ok', 'role']);
  });

  it('needs both role and token, and tells which of them is missing', () => {
    expect([
      decide('strategy:edit', access('owner'), token('strategy:view')),
      decide('strategy:edit', access('viewer'), token('admin:org')),
      decide('strategy:edit', access(null), token('admin:org')),
    ]).toEqual(['token', 'role', 'role']);
  });

  it('gives the superadmin everything', () => {
    const superadmin = token('platform:admin');
    expect(
      PERMISSION_NAMES.filter((name) => decide(name, access(null, { staff: 'superadmin' }), superadmin) !== 'ok'),
    ).toEqual([]);
    expect(staffRole(superadmin)).toBeNull();
    expect(staffRole({ ...superadmin, staff: 'superadmin' })).toBe('superadmin');
  });

  it.each([
    ['operator', ['ok', 'ok', 'ok', 'role', 'role']],
    ['auditor', ['role', 'role', 'ok', 'role', 'role']],
    ['observer', ['role', 'role', 'role', 'role', 'role']],
  ] as const)('gives the %s his column', (staff, expected) => {
    const may = (permission: Permission): string => decide(permission, access(null, { staff }), token('admin:org'));
    expect([
      may('terraform:apply'),
      may('deploy:release'),
      may('strategy:view'),
      may('data:read'),
      may('strategy:edit'),
    ]).toEqual(expected);
    expect([may('org:read'), may('job:read'), may('config:read')]).toEqual(['ok', 'ok', 'ok']);
  });

  it('marks what reaches only own runs below admin', () => {
    expect(ROLES.map((role) => reachesOwnOnly('job:cancel', access(role)))).toEqual([true, true, false, false]);
    expect([
      reachesOwnOnly('audit:read', access(null, { staff: 'auditor' })),
      reachesOwnOnly('strategy:edit', access('editor')),
    ]).toEqual([false, false]);
  });
});

describe('scopes', () => {
  const permits = (scope: string, permission: Permission): boolean => tokenPermits(new Set([scope]), permission);

  it('makes every permission a scope of its own that permits itself', () => {
    expect(PERMISSION_NAMES.filter((name) => !permits(name, name))).toEqual([]);
    expect(PERMISSION_NAMES.filter((name) => !SCOPE_NAMES.includes(name))).toEqual([]);
  });

  it.each<[string, Permission[], Permission[]]>([
    [
      'data:read',
      [
        'data:read',
        'ingest:read',
        'lineage:read',
        'vector:read',
        'ownership:read',
        'org:read',
        'job:read',
        'membership:read',
        'terraform:read',
      ],
      ['audit:read', 'state:read', 'credential:use', 'data:write', 'strategy:view'],
    ],
    [
      'data:write',
      ['data:read', 'data:write', 'data:sql', 'ingest:run', 'lineage:write', 'vector:write'],
      ['data:admin', 'ingest:append'],
    ],
    ['admin:iceberg', ['data:admin', 'ingest:admin', 'lineage:admin', 'vector:admin', 'data:write'], ['strategy:view']],
    ['agent:view', ['agent:view', 'llm:view', 'lab:read'], ['agent:run', 'strategy:view']],
    [
      'agent:execute',
      ['agent:view', 'agent:run', 'analysis:run', 'llm:use', 'rag:write', 'memory:write'],
      ['agent:write', 'agent:approve'],
    ],
    [
      'manage:agents',
      ['agent:write', 'agent:approve', 'llm:admin', 'manage:agents', 'bot:edit'],
      ['agent:halt', 'deploy:halt'],
    ],
    ['deploy:halt', ['deploy:halt', 'agent:halt'], ['deploy:release']],
    ['deploy:run', ['deploy:run', 'terraform:apply'], ['terraform:approve', 'state:read']],
    ['read:infrastructure', ['terraform:read', 'job:read'], ['terraform:plan']],
    ['ml:invoke', ['ml:view', 'ml:execute'], ['ml:write']],
  ])('%s permits what its area says and no more', (scope, allowed, refused) => {
    expect([allowed.filter((name) => !permits(scope, name)), refused.filter((name) => permits(scope, name))]).toEqual([
      [],
      [],
    ]);
  });

  it('ignores scopes it does not know, whatever they are called', () => {
    expect(
      PERMISSION_NAMES.filter((name) =>
        tokenPermits(new Set(['constructor', '__proto__', 'toString', 'admin', 'strategy:*', '']), name),
      ),
    ).toEqual([]);
  });
});
