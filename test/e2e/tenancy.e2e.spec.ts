import { LocalIssuer } from '#platform/auth';
import { TenantBuilder, TestTokens, type TestTenant } from '../../libs/platform/auth/testing/index.ts';
import { type ApiResponse, TestApi } from './support/index.ts';

const UNKNOWN = '018cc251-f400-7000-8000-0000000000ff';

describe('Tenancy reads', () => {
  let api: TestApi;
  let build: TenantBuilder;
  let tokens: TestTokens;
  let acme: TestTenant;
  let globex: TestTenant;

  beforeAll(async () => {
    api = await TestApi.start({
      env: { ALPHASWARM_AUTH_SNAPSHOT_MS: '0', ALPHASWARM_RATE_PRINCIPAL: '100000', ALPHASWARM_RATE_ORG: '100000' },
    });
    build = new TenantBuilder(api.database.owner);
    tokens = new TestTokens(api.app.get(LocalIssuer));
    [acme, globex] = await Promise.all([build.tenant('acme'), build.tenant('globex')]);
  });

  afterAll(() => api.stop());

  const names = ({ body }: ApiResponse): string[] => body.data.map(({ name }: { name: string }) => name);

  it('lists own organizations only', async () => {
    const token = await tokens.of(acme, 'viewer');
    expect(names(await api.get('/tenancy/orgs', { token }))).toEqual(['acme']);
    const one = await api.get(`/tenancy/orgs/${acme.orgId}`, { token });
    expect([one.status, one.headers.get('etag'), one.body]).toEqual([
      200,
      '"1"',
      {
        id: acme.orgId,
        slug: 'acme',
        name: 'acme',
        version: 1,
        created_at: expect.stringMatching(/Z$/),
        updated_at: expect.stringMatching(/Z$/),
        billing_email: null,
        status: 'active',
        cell_id: null,
        meta: {},
      },
    ]);
  });

  it('answers a foreign id like an unknown one, on every route with an id', async () => {
    const team = await build.team(acme.orgId, 'desk');
    const bo = await tokens.of(globex, 'owner');
    const paths = [
      ['/tenancy/orgs/:id', acme.orgId],
      ['/tenancy/teams/:id', team],
      ['/tenancy/workspaces/:id', acme.workspaceId],
      ['/tenancy/workspaces/:id/projects', acme.workspaceId],
      ['/tenancy/workspaces/:id/labs', acme.workspaceId],
      ['/tenancy/projects/:id', acme.projectId],
      ['/tenancy/users/:id', acme.people.viewer.id],
      ['/membership?scope_kind=org&scope_id=:id', acme.orgId],
      ['/membership/effective?scope_kind=workspace&scope_id=:id', acme.workspaceId],
    ] as const;
    for (const [path, id] of paths) {
      const [foreign, unknown] = await Promise.all(
        [id, UNKNOWN].map((value) => api.get(path.replace(':id', value), { token: bo })),
      );
      const stripped = ({ body }: ApiResponse): object => ({ ...body, instance: '', request_id: '' });
      expect([path, foreign?.status, foreign && stripped(foreign)]).toEqual([path, 404, unknown && stripped(unknown)]);
      const own = await api.get(path.replace(':id', id), { token: await tokens.of(acme, 'owner') });
      expect([path, own.status]).toEqual([path, 200]);
    }
  });

  it('refuses an id that is no UUID and takes upper case', async () => {
    const token = await tokens.of(acme, 'viewer');
    const bad = await api.get('/tenancy/workspaces/42', { token });
    expect([bad.status, bad.body.code, bad.body.errors[0].pointer]).toEqual([422, 'validation_failed', 'path:id']);
    expect((await api.get(`/tenancy/workspaces/${acme.workspaceId.toUpperCase()}`, { token })).body.id).toBe(
      acme.workspaceId,
    );
  });

  it('hides private workspaces from org viewers and shows them to org admins', async () => {
    const secret = await build.workspace(acme.orgId, 'secret', { visibility: 'private' });
    const project = await build.project(acme.orgId, secret, 'deep');
    const [viewer, admin] = [await tokens.of(acme, 'viewer'), await tokens.of(acme, 'admin')];
    expect([
      names(await api.get('/tenancy/workspaces', { token: viewer })),
      names(await api.get('/tenancy/workspaces', { token: admin })),
    ]).toEqual([['main'], ['main', 'secret']]);
    const statuses = await Promise.all(
      [viewer, admin].flatMap((token) =>
        [`/tenancy/workspaces/${secret}`, `/tenancy/projects/${project}`].map(
          async (path) => (await api.get(path, { token })).status,
        ),
      ),
    );
    expect(statuses).toEqual([404, 404, 200, 200]);
    expect(
      (await api.get('/tenancy/workspaces', { token: viewer, headers: { 'x-alphaswarm-workspace': secret } })).status,
    ).toBe(404);
  });

  it('walks a list by cursor without gap or repeat, and binds the cursor to its organization', async () => {
    for (let i = 0; i < 9; i++) await build.project(globex.orgId, globex.workspaceId, `p${i}`);
    const token = await tokens.of(globex, 'viewer');
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await api.get(
        `/tenancy/workspaces/${globex.workspaceId}/projects?limit=4${cursor && `&cursor=${cursor}`}`,
        { token },
      );
      seen.push(...body.data.map(({ slug }: { slug: string }) => slug));
      cursor = body.next_cursor ?? '';
    } while (cursor);
    expect(seen).toEqual(['main', 'p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7', 'p8']);
    const first = (await api.get('/tenancy/users?limit=1', { token })).body.next_cursor as string;
    expect(
      (await api.get(`/tenancy/users?limit=1&cursor=${first}`, { token: await tokens.of(acme, 'viewer') })).body.code,
    ).toBe('bad_cursor');
  });

  it('shows people of the organization without their identities', async () => {
    const { body } = await api.get('/tenancy/users', { token: await tokens.of(acme, 'viewer') });
    expect(body.data.map(({ display_name }: { display_name: string }) => display_name)).toEqual([
      'acme-admin',
      'acme-editor',
      'acme-owner',
      'acme-viewer',
    ]);
    expect(Object.keys(body.data[0]).sort()).toEqual([
      'avatar_url',
      'created_at',
      'display_name',
      'email',
      'id',
      'last_login_at',
      'status',
      'updated_at',
      'version',
    ]);
  });

  it('explains an effective role by the grants behind it', async () => {
    const group = await build.team(acme.orgId, 'quants');
    const person = await build.person('quinn');
    await build.grant({ orgId: acme.orgId, subjectId: person.id, scopeKind: 'team', scopeId: group, role: 'viewer' });
    const grant = await build.grant({
      orgId: acme.orgId,
      subjectKind: 'team',
      subjectId: group,
      scopeKind: 'workspace',
      scopeId: acme.workspaceId,
      role: 'editor',
    });
    const path = `/membership/effective?scope_kind=project&scope_id=${acme.projectId}`;
    const expected = {
      subject_id: person.id,
      scope_kind: 'project',
      scope_id: acme.projectId,
      role: 'viewer',
      live_control: false,
      path: [
        {
          via: 'team',
          role: 'viewer',
          live_control: false,
          membership_id: grant,
          scope_kind: 'workspace',
          scope_id: acme.workspaceId,
          team_id: group,
        },
      ],
    };
    expect((await api.get(path, { token: await tokens.named('quinn', 'acme') })).body).toEqual(expected);
    expect((await api.get(`${path}&subject_id=${person.id}`, { token: await tokens.of(acme, 'viewer') })).body).toEqual(
      expected,
    );
    expect(
      (await api.get(`${path}&subject_id=${globex.people.owner.id}`, { token: await tokens.of(acme, 'viewer') })).body,
    ).toMatchObject({ role: null, path: [] });
  });

  it('lists grants on a scope and of a subject', async () => {
    const token = await tokens.of(acme, 'viewer');
    const roles = async (query: string): Promise<string[]> =>
      (await api.get(`/membership?${query}`, { token })).body.data.map(({ role }: { role: string }) => role).sort();
    expect(await roles(`scope_kind=org&scope_id=${acme.orgId}`)).toEqual(['admin', 'editor', 'owner', 'viewer']);
    expect(await roles(`subject_id=${acme.people.admin.id}`)).toEqual(['admin']);
    expect(await roles(`subject_id=${globex.people.admin.id}`)).toEqual([]);
    for (const query of ['', 'scope_kind=org', `scope_id=${acme.orgId}`, 'scope_kind=planet'])
      expect((await api.get(`/membership?${query}`, { token })).status).toBe(422);
  });

  it('lets a token do less than its holder', async () => {
    const [narrow, data] = [
      await tokens.of(acme, 'owner', { scope: 'strategy:view' }),
      await tokens.of(acme, 'owner', { scope: 'data:read' }),
    ];
    const refused = await api.get('/tenancy/workspaces', { token: narrow });
    expect([refused.status, refused.body.code, refused.body.required_permission]).toEqual([
      403,
      'forbidden',
      'workspace:read',
    ]);
    expect((await api.get('/tenancy/workspaces', { token: data })).status).toBe(200);
    expect(
      (
        await api.get('/tenancy/workspaces', {
          token: await tokens.of(acme, 'owner', { scope: '__proto__ constructor' }),
        })
      ).status,
    ).toBe(403);
  });

  it('lets admin:org reach no further than the organization that the token names', async () => {
    const both = await build.person('both');
    for (const { orgId } of [acme, globex])
      await build.grant({ orgId, subjectId: both.id, scopeKind: 'org', scopeId: orgId, role: 'owner' });
    const [org, named] = [
      await tokens.named('both', 'acme'),
      await tokens.named('both', 'acme', { scope: 'workspace:read' }),
    ];
    const headers = { 'x-alphaswarm-workspace': globex.workspaceId };
    expect([
      (await api.get('/tenancy/workspaces', { token: org, headers })).status,
      (await api.get('/tenancy/workspaces', { token: named, headers })).status,
    ]).toEqual([403, 200]);
    expect(names(await api.get('/tenancy/orgs', { token: org }))).toEqual(['acme', 'globex']);
    expect((await api.get(`/tenancy/orgs/${globex.orgId}`, { token: org })).status).toBe(200);
    expect((await api.get(`/tenancy/workspaces/${globex.workspaceId}`, { token: org })).status).toBe(404);
  });

  it('keeps members of no organization and of a suspended one out of everything but /auth', async () => {
    await build.person('stranger');
    const outsider = await tokens.named('stranger', 'acme');
    expect([
      (await api.get('/tenancy/orgs', { token: outsider })).body.code,
      (await api.get('/auth/whoami', { token: outsider })).status,
    ]).toEqual(['no_membership', 200]);
    expect((await api.get('/auth/whoami', { token: await tokens.named('nobody-knows', 'acme') })).body).toMatchObject({
      id: null,
      workspaces: [],
      tenant_status: 'none',
    });
    const hooli = await build.tenant('hooli');
    await api.database.owner.query("UPDATE organizations SET status = 'suspended' WHERE id = $1", [hooli.orgId]);
    const token = await tokens.of(hooli, 'owner');
    expect([
      (await api.get('/tenancy/orgs', { token })).body.code,
      (await api.get('/auth/whoami', { token })).status,
    ]).toEqual(['org_suspended', 200]);
  });

  it('ends a grant at the second it expires', async () => {
    const person = await build.person('temp');
    await build.grant({
      orgId: acme.orgId,
      subjectId: person.id,
      scopeKind: 'org',
      scopeId: acme.orgId,
      role: 'viewer',
      expiresAt: new Date(Date.now() + 1_500),
    });
    const token = await tokens.named('temp', 'acme');
    expect((await api.get('/tenancy/workspaces', { token })).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 1_700));
    expect((await api.get('/tenancy/workspaces', { token })).status).toBe(403);
  });

  it('starts in the preferred workspace, else in the first by name', async () => {
    const first = await build.workspace(globex.orgId, 'a-first');
    const token = await tokens.of(globex, 'editor');
    const active = async (): Promise<string> => (await api.get('/auth/context', { token })).body.workspace_id as string;
    expect(await active()).toBe(first);
    await api.database.owner.query(
      "UPDATE users SET meta = jsonb_build_object('default_workspace_id', $2::text) WHERE id = $1",
      [globex.people.editor.id, globex.workspaceId],
    );
    expect(await active()).toBe(globex.workspaceId);
    await api.database.owner.query(
      "UPDATE users SET meta = jsonb_build_object('default_workspace_id', $2::text) WHERE id = $1",
      [globex.people.editor.id, acme.workspaceId],
    );
    expect(await active()).toBe(first);
  });

  it('tells the emptiest bucket of an authenticated request', async () => {
    const { headers } = await api.get('/tenancy/orgs', { token: await tokens.of(acme, 'viewer') });
    expect([headers.get('ratelimit-policy'), headers.get('ratelimit')]).toEqual([
      expect.stringMatching(/^"(principal|org)";q=\d+;w=60$/),
      expect.stringMatching(/^"(principal|org)";r=\d+;t=\d+$/),
    ]);
  });
});
