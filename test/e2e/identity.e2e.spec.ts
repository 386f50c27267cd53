import { TestApi, type ApiResponse } from './support/index.ts';

const UNUSABLE = 'Bearer realm="alphaswarm-core"';
const INVALID =
  'Bearer realm="alphaswarm-core", error="invalid_token", error_description="The access token is not valid"';
const RANDOM_ID = '018cc251-f400-7000-8000-0000000000ff';

describe('Identity', () => {
  let api: TestApi;
  let ann: string;

  const devToken = async (body: object): Promise<string> =>
    (await api.post('/auth/dev/token', body)).body.access_token as string;
  const whoAmI = (token: string, headers: Record<string, string> = {}): Promise<ApiResponse> =>
    api.get('/auth/whoami', { token, headers });

  beforeAll(async () => {
    api = await TestApi.start();
    ann = await devToken({ user: 'ann', role: 'owner', org: 'acme' });
  });

  afterAll(() => api.stop());

  it('tells anybody how to sign in', async () => {
    const { status, body } = await api.get('/auth/config');
    expect([status, body]).toEqual([
      200,
      {
        providers: [
          {
            name: 'local',
            issuer: 'https://local.alphaswarm.invalid/',
            authority: null,
            client_id: null,
            audience: 'https://api.alphaswarm.invalid/',
          },
        ],
        backend_session_supported: false,
      },
    ]);
  });

  it('makes organization, user and membership for a token, and knows the caller by it', async () => {
    const { status, body } = await whoAmI(ann);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      email: 'ann@local.alphaswarm.invalid',
      display_name: 'ann',
      auth_provider: 'local',
      auth_subject: 'ann',
      is_default: false,
      tenant_status: 'none',
      workspaces: [{ role: 'owner', live_control: false }],
      projects: [{ role: 'owner' }],
      labs: [{ role: 'owner' }],
      active_context: {
        user_id: body.id,
        workspace_id: body.workspaces[0].id,
        project_id: null,
        role: 'owner',
        team_id: null,
        run_id: null,
        extras: {},
      },
    });
    expect(body.active_context.fingerprint).toBe(`${body.id}-${body.workspaces[0].id}-no-proj-no-run`);
    expect((await api.get('/auth/context', { token: ann })).body).toEqual(body.active_context);
  });

  it('seeds the default organization with a user per role', async () => {
    const { body } = await whoAmI(await devToken({}));
    expect(body).toMatchObject({
      id: '00000000-0000-0000-0000-000000000003',
      email: 'local@aqp.dev',
      workspaces: [{ id: '00000000-0000-0000-0000-000000000004', role: 'owner' }],
      projects: [{ id: '00000000-0000-0000-0000-000000000005' }],
      labs: [{ id: '00000000-0000-0000-0000-000000000006' }],
      active_context: { org_id: '00000000-0000-0000-0000-000000000001' },
    });
    const { rows } = await api.database.owner.query(
      `SELECT subject, role FROM user_identities JOIN memberships ON subject_id = user_id JOIN organizations o ON
      o.id = org_id WHERE o.slug = 'default' ORDER BY 1`,
    );
    expect(rows).toEqual(
      [
        ['admin', 'admin'],
        ['editor', 'editor'],
        ['local', 'owner'],
        ['owner', 'owner'],
        ['viewer', 'viewer'],
      ].map(([subject, role]) => ({ subject, role })),
    );
  });

  it('sets the role that a new token is asked with, at once', async () => {
    const first = await devToken({ user: 'vi', role: 'viewer', org: 'acme' });
    expect((await whoAmI(first)).body.active_context.role).toBe('viewer');
    await devToken({ user: 'vi', role: 'admin', org: 'acme' });
    expect((await whoAmI(first)).body.active_context.role).toBe('admin');
  });

  it('makes one organization and one user, however many ask for them at once', async () => {
    const issued = await Promise.all(
      Array.from({ length: 8 }, () => api.post('/auth/dev/token', { user: 'twin', role: 'editor', org: 'crowd' })),
    );
    expect(issued.map(({ status }) => status)).toEqual(Array(8).fill(200));
    const { rows } = await api.database.owner.query(
      `SELECT (SELECT count(*)::int FROM organizations WHERE slug = 'crowd') AS organizations, (SELECT count(*)::int
        FROM user_identities WHERE subject = 'twin') AS users,
              (SELECT count(*)::int FROM memberships m JOIN organizations o ON o.id = m.org_id WHERE o.slug = 'crowd')
              AS memberships,
              (SELECT count(*)::int FROM workload_runs WHERE action = 'membership.provision' AND status = 'succeeded'
              AND payload ->> 'organization' = 'crowd') AS audited`,
    );
    expect(rows[0]).toMatchObject({ organizations: 1, users: 1, memberships: 1, audited: expect.any(Number) });
    expect((rows[0] as { audited: number }).audited).toBeGreaterThan(0);
  });

  it('provisions nobody when it cannot be recorded', async () => {
    await api.database.owner.query('ALTER TABLE audit_entries RENAME TO audit_entries_away');
    const refused = await api.post('/auth/dev/token', { user: 'unrecorded', org: 'acme' });
    await api.database.owner.query('ALTER TABLE audit_entries_away RENAME TO audit_entries');
    expect([refused.status, refused.body.code]).toEqual([503, 'audit_unavailable']);
    const { rows } = await api.database.owner.query("SELECT 1 FROM user_identities WHERE subject = 'unrecorded'");
    expect(rows).toEqual([]);
  });

  it('gives a superadmin what no membership role has', async () => {
    const [superadmin, owner] = [
      await devToken({ user: 'root', role: 'superadmin', org: 'acme' }),
      await devToken({ user: 'ann', role: 'owner', org: 'acme' }),
    ];
    expect([
      (await api.get('/health/details', { token: superadmin })).status,
      (await api.get('/health/details', { token: owner })).body.required_permission,
    ]).toEqual([200, 'health:read']);
  });

  it('answers 401 without a code to whoever brings no credential', async () => {
    const useless: Record<string, string>[] = [
      {},
      { authorization: 'Basic YTpi' },
      { authorization: 'Bearer' },
      { 'x-aqp-user': '00000000-0000-0000-0000-000000000003' },
    ];
    for (const headers of useless) {
      const response = await api.get('/auth/whoami', { headers });
      expect([response.status, response.body.code, response.headers.get('www-authenticate')]).toEqual([
        401,
        'unauthenticated',
        UNUSABLE,
      ]);
    }
  });

  it('answers one and the same 401 to every bad token', async () => {
    const [header, payload, signature = ''] = ann.split('.');
    const flipped =
      `${header}.${payload}.${signature.slice(0, -4)}` +
      `${signature.at(-4) === 'A' ? 'B' : 'A'}${signature.slice(-3)}`;
    for (const token of [
      flipped,
      `${ann}.`,
      'x',
      `${ann} ${ann}`,
      'a'.repeat(9_000),
      await devToken({ user: 'ann', org: 'acme', resource: 'https://mcp.example/' }),
    ]) {
      const response = await whoAmI(token);
      expect([response.status, response.body.code, response.headers.get('www-authenticate')]).toEqual([
        401,
        'invalid_token',
        INVALID,
      ]);
    }
  });

  it('refuses a credential in the address before anything else', async () => {
    for (const path of ['/auth/config?access_token=x', '/auth/whoami?jwt=x', '/auth/whoami?ticket=x']) {
      expect((await api.get(path, { token: ann })).body.code).toBe('credential_in_query');
    }
  });

  it('stops believing a token within the second its subject is revoked', async () => {
    const token = await devToken({ user: 'gone', org: 'acme' });
    expect((await whoAmI(token)).status).toBe(200);
    await api.database.owner.query(
      `INSERT INTO token_revocations (id, kind, key_hash, not_before, expires_at)
       VALUES (gen_random_uuid(), 'subject', sha256(convert_to('https://local.alphaswarm.invalid/' || chr(10) || 'gone',
         'UTF8')), now() + interval '2 s', now() + interval '1 h')`,
    );
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    expect((await whoAmI(token)).status).toBe(401);
  });

  it('takes the active scope from headers', async () => {
    const { body } = await whoAmI(ann);
    const [workspace, project] = [body.workspaces[0].id as string, body.projects[0].id as string];
    expect((await whoAmI(ann, { 'x-alphaswarm-project': project.toUpperCase() })).body.active_context).toMatchObject({
      workspace_id: workspace,
      project_id: project,
    });
    expect(
      (await whoAmI(ann, { 'x-aqp-workspace': workspace, 'x-alphaswarm-workspace': workspace })).body.active_context,
    ).toMatchObject({ workspace_id: workspace, project_id: null });
    const wrong: Record<string, string>[] = [
      { 'x-alphaswarm-workspace': 'x' },
      { 'x-alphaswarm-workspace': workspace, 'x-aqp-workspace': RANDOM_ID },
      { 'x-alphaswarm-workspace': RANDOM_ID },
      { 'x-alphaswarm-workspace': project },
    ];
    expect(await Promise.all(wrong.map(async (headers) => (await whoAmI(ann, headers)).body.code))).toEqual([
      'bad_scope_header',
      'scope_conflict',
      'not_found',
      'not_found',
    ]);
    const other = (await whoAmI(await devToken({ user: 'ann', org: 'second' }))).body;
    const elsewhere = other.workspaces.find(({ id }: { id: string }) => id !== workspace).id as string;
    expect(
      (await whoAmI(ann, { 'x-alphaswarm-workspace': elsewhere, 'x-alphaswarm-project': project })).body.code,
    ).toBe('scope_conflict');
  });

  it('validates what a token is asked for', async () => {
    for (const body of [
      { role: 'root' },
      { org: 'No Slug' },
      { ttl_seconds: 0 },
      { ttl_seconds: 86_401 },
      { user: '' },
      { extra: 1 },
      { auth_time: 1.5 },
    ]) {
      expect((await api.post('/auth/dev/token', body)).status).toBe(422);
    }
  });
});
