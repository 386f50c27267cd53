import { GrantSnapshots, LocalIssuer, type Role } from '#platform/auth';
import { TenantBuilder, TestTokens, type TestTenant } from '../../libs/platform/auth/testing/index.ts';
import { type ApiResponse, TestApi } from './support/index.ts';

const UNKNOWN = '018cc251-f400-7000-8000-0000000000ff';
const ROUNDS = 200;

describe('Grants', () => {
  let api: TestApi;
  let build: TenantBuilder;
  let tokens: TestTokens;
  let acme: TestTenant;
  let globex: TestTenant;

  beforeAll(async () => {
    api = await TestApi.start({
      env: {
        ALPHASWARM_RATE_PRINCIPAL: '100000',
        ALPHASWARM_RATE_WRITE: '100000',
        ALPHASWARM_RATE_STEPUP: '100000',
        ALPHASWARM_RATE_ORG: '100000',
        ALPHASWARM_RATE_IP: '1000000',
      },
    });
    build = new TenantBuilder(api.database.owner);
    tokens = new TestTokens(api.app.get(LocalIssuer));
    [acme, globex] = await Promise.all([build.tenant('acme'), build.tenant('globex')]);
  });

  afterAll(() => api.stop());

  const now = (): number => Math.floor(Date.now() / 1_000);
  const fresh = (tenant: TestTenant, role: Role): Promise<string> =>
    tokens.of(tenant, role, { acr: 'high', authTime: now() });
  const grantOn = (subjectId: string, role: string, more: object = {}): object => ({
    subject_kind: 'user',
    subject_id: subjectId,
    scope_kind: 'workspace',
    scope_id: acme.workspaceId,
    role,
    ...more,
  });
  const grant = (token: string, body: object): Promise<ApiResponse> => api.post('/membership', body, { token });
  const change = (token: string, { body }: ApiResponse, to: object, version = body.version): Promise<ApiResponse> =>
    api.patch(`/membership/${body.id}`, to, { token, headers: { 'if-match': `"${version}"` } });
  const revoke = (token: string, id: string, ifMatch?: string): Promise<ApiResponse> =>
    api.delete(`/membership/${id}`, { token, headers: ifMatch === undefined ? {} : { 'if-match': ifMatch } });
  const outcome = ({ status, body }: ApiResponse): [number, unknown] => [status, body?.code];
  const roleOn = async (subject: string): Promise<string | null> => {
    const path = `/membership/effective?scope_kind=workspace&scope_id=${acme.workspaceId}&subject_id=${subject}`;
    return (await api.get(path, { token: await tokens.of(acme, 'owner') })).body.role;
  };

  it('are given, changed and taken, each at once effective and recorded', async () => {
    const { id } = acme.people.viewer;
    const admin = await tokens.of(acme, 'admin');
    const viewer = await tokens.of(acme, 'viewer');
    const mayCreate = async (): Promise<number> => (await grant(viewer, grantOn(UNKNOWN, 'viewer'))).status;
    expect(await mayCreate()).toBe(403);
    const given = await grant(admin, grantOn(id, 'editor', { expires_at: '2099-01-01T00:00:00+02:00' }));
    expect([given.status, given.headers.get('etag'), given.body]).toEqual([
      201,
      '"1"',
      {
        id: expect.any(String),
        org_id: acme.orgId,
        ...grantOn(id, 'editor'),
        live_control: false,
        granted_by: `user:${acme.people.admin.id}`,
        granted_at: expect.any(String),
        expires_at: '2098-12-31T22:00:00.000Z',
        source: 'manual',
        version: 1,
      },
    ]);
    expect(await roleOn(id)).toBe('editor');
    expect(outcome(await grant(admin, grantOn(id, 'viewer')))).toEqual([409, 'conflict']);
    const changed = await change(admin, given, { role: 'viewer', expires_at: null });
    expect([changed.status, changed.body.role, changed.body.expires_at, changed.body.version]).toEqual([
      200,
      'viewer',
      null,
      2,
    ]);
    expect(outcome(await change(admin, given, { role: 'editor' }))).toEqual([412, 'version_mismatch']);
    expect(outcome(await revoke(admin, given.body.id, '"1"'))).toEqual([412, 'version_mismatch']);
    expect((await revoke(admin, given.body.id, '"2"')).status).toBe(204);
    expect(outcome(await revoke(admin, given.body.id))).toEqual([404, 'not_found']);
    const { rows } = await api.database.owner.query(
      "SELECT action, status FROM workload_runs WHERE org_id = $1 AND action LIKE 'membership.%' ORDER BY id",
      [acme.orgId],
    );
    expect(rows.map(({ action, status }) => `${action} ${status}`)).toEqual([
      'membership.grant succeeded',
      'membership.grant failed',
      'membership.change succeeded',
      'membership.change failed',
      'membership.revoke failed',
      'membership.revoke succeeded',
    ]);
  });

  it('of a role are given by who may: up to editor by admins, more by owners with a fresh second factor', async () => {
    const { id } = await build.person('acme-new');
    await build.grant({ orgId: acme.orgId, subjectId: id, scopeKind: 'org', scopeId: acme.orgId, role: 'viewer' });
    for (const [who, body, status, code] of [
      ['viewer', grantOn(id, 'viewer'), 403, 'forbidden'],
      ['editor', grantOn(id, 'viewer'), 403, 'forbidden'],
      ['admin', grantOn(id, 'admin'), 403, 'forbidden'],
      ['admin', grantOn(id, 'viewer', { live_control: true }), 403, 'forbidden'],
      ['owner', grantOn(id, 'owner'), 401, 'step_up_required'],
      ['owner', grantOn(id, 'editor', { live_control: true }), 401, 'step_up_required'],
    ] as const)
      expect([who, ...outcome(await grant(await tokens.of(acme, who), body))]).toEqual([who, status, code]);
    const stale = await tokens.of(acme, 'owner', { acr: 'high', authTime: now() - 632 });
    expect(outcome(await grant(stale, grantOn(id, 'admin')))).toEqual([401, 'step_up_required']);

    const owner = await fresh(acme, 'owner');
    const given = await grant(owner, grantOn(id, 'editor', { live_control: true }));
    expect(given.status).toBe(201);
    const admin = await fresh(acme, 'admin');
    for (const answer of [await change(admin, given, { role: 'viewer' }), await revoke(admin, given.body.id)])
      expect(outcome(answer)).toEqual([403, 'role_too_high']);
    // Lowering needs the owner, but no second factor.
    expect((await change(await tokens.of(acme, 'owner'), given, { live_control: false })).status).toBe(200);
    expect((await revoke(admin, given.body.id)).status).toBe(204);
  });

  it('name scopes and subjects of the own organization only, and are those of its scope', async () => {
    const owner = await fresh(acme, 'owner');
    const { id } = acme.people.viewer;
    const foreign = globex.people.viewer.id;
    for (const body of [
      grantOn(foreign, 'viewer'),
      grantOn(UNKNOWN, 'viewer'),
      grantOn(id, 'viewer', { scope_id: globex.workspaceId }),
      grantOn(id, 'viewer', { scope_kind: 'org', scope_id: globex.orgId }),
      grantOn(id, 'viewer', { scope_kind: 'project' }),
      grantOn(id, 'viewer', { subject_kind: 'team' }),
      grantOn(id, 'viewer', { subject_kind: 'service_principal' }),
    ])
      expect([body, ...outcome(await grant(owner, body))]).toEqual([body, 404, 'not_found']);

    const given = await grant(owner, grantOn(id, 'editor'));
    const bo = await fresh(globex, 'owner');
    expect(outcome(await change(bo, given, { role: 'viewer' }))).toEqual([404, 'not_found']);
    expect(outcome(await revoke(bo, given.body.id))).toEqual([404, 'not_found']);
    // An admin of one workspace, who sees another one, touches nothing there.
    const other = await build.workspace(acme.orgId, 'other');
    const mia = await build.person('acme-mia');
    await build.grant({ orgId: acme.orgId, subjectId: mia.id, scopeKind: 'workspace', scopeId: other, role: 'admin' });
    await build.grant({
      orgId: acme.orgId,
      subjectId: mia.id,
      scopeKind: 'workspace',
      scopeId: acme.workspaceId,
      role: 'viewer',
    });
    const token = await tokens.named(mia.user, 'acme', { acr: 'high', authTime: now() });
    expect(outcome(await revoke(token, given.body.id))).toEqual([403, 'forbidden']);
    expect(outcome(await grant(token, grantOn(mia.id, 'editor')))).toEqual([403, 'forbidden']);
    expect((await revoke(owner, given.body.id)).status).toBe(204);
  });

  it('say what is wrong with a body, and store nothing', async () => {
    const owner = await fresh(acme, 'owner');
    const { id } = acme.people.editor;
    for (const [body, pointer] of [
      [grantOn(id, 'boss'), '/role'],
      [grantOn('42', 'viewer'), '/subject_id'],
      [grantOn(id, 'viewer', { expires_at: '2020-01-01T00:00:00Z' }), '/expires_at'],
      [grantOn(id, 'viewer', { expires_at: 'tomorrow' }), '/expires_at'],
      [grantOn(id, 'viewer', { note: 'x' }), '/note'],
    ] as const) {
      const answer = await grant(owner, body);
      expect([...outcome(answer), answer.body.errors[0].pointer]).toEqual([422, 'validation_failed', pointer]);
    }
    const given = await grant(owner, grantOn(id, 'viewer'));
    for (const to of [{}, { expires_at: '2020-01-01T00:00:00Z' }])
      expect(outcome(await change(owner, given, to))).toEqual([422, 'validation_failed']);
    const unmatched = await api.patch(`/membership/${given.body.id}`, { role: 'editor' }, { token: owner });
    expect(outcome(unmatched)).toEqual([428, 'if_match_required']);
    expect((await revoke(owner, given.body.id)).status).toBe(204);
  });

  it('may expire while their giving waits', async () => {
    const { id } = acme.people.editor;
    const owner = await fresh(acme, 'owner');
    const admin = await tokens.of(acme, 'admin');
    const client = await api.database.owner.connect();
    try {
      await client.query('BEGIN');
      await client.query("SELECT pg_advisory_xact_lock(hashtextextended('memberships of ' || $1, 0))", [acme.orgId]);
      const expiresAt = new Date(Date.now() + 400).toISOString();
      const [given] = await Promise.all([
        grant(admin, grantOn(id, 'viewer', { expires_at: expiresAt })),
        new Promise((resolve) => setTimeout(resolve, 600)).then(() => client.query('COMMIT')),
      ]);
      expect([given.status, given.body.expires_at]).toEqual([201, expiresAt]);
      expect((await revoke(owner, given.body.id)).status).toBe(204);
    } finally {
      client.release();
    }
  });

  it('leave an organization an owner: demotion, expiry and removal of the last one are refused', async () => {
    const owner = await fresh(acme, 'owner');
    const { body } = await api.get(`/membership?scope_kind=org&scope_id=${acme.orgId}`, { token: owner });
    const last = body.data.find(({ role }: { role: string }) => role === 'owner');
    const own = { body: last } as ApiResponse;
    for (const answer of [
      await change(owner, own, { role: 'admin' }),
      await change(owner, own, { expires_at: '2099-01-01T00:00:00Z' }),
      await revoke(owner, last.id),
    ])
      expect(outcome(answer)).toEqual([409, 'last_owner']);
    expect((await api.get('/auth/whoami', { token: owner })).status).toBe(200);
  });

  it(`leave exactly one of two owners who remove each other, in ${ROUNDS} rounds`, async () => {
    const [first, second] = await Promise.all([build.person('race-1'), build.person('race-2')]);
    const org = await build.tenant('race');
    await api.database.owner.query('DELETE FROM memberships WHERE scope_id = $1', [org.orgId]);
    const give = (subjectId: string): Promise<string> =>
      build.grant({ orgId: org.orgId, subjectId, scopeKind: 'org', scopeId: org.orgId, role: 'owner' });
    let ids = [await give(first.id), await give(second.id)] as [string, string];
    const people = [first, second];
    for (let round = 0; round < ROUNDS; round++) {
      const [one, two] = await Promise.all(
        people.map(({ user }) => tokens.named(user, 'race', { acr: 'high', authTime: now() })),
      );
      const answers = await Promise.all([revoke(one!, ids[1]), revoke(two!, ids[0])]);
      const gone = answers.filter(({ status }) => status === 204);
      expect(gone).toHaveLength(1);
      const { rows } = await api.database.owner.query<{ subject_id: string }>(
        'SELECT subject_id FROM memberships WHERE scope_id = $1',
        [org.orgId],
      );
      expect(rows).toHaveLength(1);
      const lost = rows[0]!.subject_id === first.id ? 1 : 0;
      const again = await give(people[lost]!.id);
      ids = lost === 1 ? [ids[0], again] : [again, ids[1]];
      api.app.get(GrantSnapshots).forgetAll();
    }
  }, 120_000);
});
