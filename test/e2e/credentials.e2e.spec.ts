import { LocalIssuer, type Role } from '#platform/auth';
import { TenantBuilder, TestTokens, type TestTenant } from '../../libs/platform/auth/testing/index.ts';
import { type ApiResponse, TestApi } from './support/index.ts';

const CANARY = 'canary-secret-of-acme-0123456789';

describe('Credentials', () => {
  let api: TestApi;
  let build: TenantBuilder;
  let tokens: TestTokens;
  let acme: TestTenant;
  let globex: TestTenant;
  let keys = 0;

  beforeAll(async () => {
    api = await TestApi.start({
      env: Object.fromEntries(
        ['PRINCIPAL', 'WRITE', 'STEPUP', 'ORG', 'IP'].map((name) => [`ALPHASWARM_RATE_${name}`, '100000']),
      ),
    });
    build = new TenantBuilder(api.database.owner);
    tokens = new TestTokens(api.app.get(LocalIssuer));
    [acme, globex] = await Promise.all([build.tenant('acme'), build.tenant('globex')]);
  });

  afterAll(() => api.stop());

  const now = (): number => Math.floor(Date.now() / 1_000);
  const fresh = (tenant: TestTenant, role: Role): Promise<string> =>
    tokens.of(tenant, role, { acr: 'high', authTime: now() });
  const bodyOf = (more: object = {}): object => ({
    kind: 'llm',
    service: 'openai',
    purpose: 'api_key',
    label: `label ${++keys}`,
    secret: CANARY,
    ...more,
  });
  const post = (token: string, path: string, body: object, key = `key-${++keys}`): Promise<ApiResponse> =>
    api.post(path, body, { token, headers: { 'idempotency-key': key } });
  const outcome = ({ status, body }: ApiResponse): [number, unknown] => [status, body?.code];
  const list = async (token: string): Promise<string[]> =>
    (await api.get('/credentials?limit=200', { token })).body.data.map(({ id }: { id: string }) => id);

  it('13. 14. 15. 16. are written by whoever may, after a fresh login, once per key', async () => {
    const body = bodyOf();
    for (const [role, status, code] of [
      ['viewer', 403, 'forbidden'],
      ['editor', 403, 'forbidden'],
      ['admin', 401, 'step_up_required'],
    ] as const)
      expect([role, ...outcome(await post(await tokens.of(acme, role), '/credentials', body, 'once'))]).toEqual([
        role,
        status,
        code,
      ]);
    const stale = await tokens.of(acme, 'admin', { acr: 'high', authTime: now() - 332 });
    expect(outcome(await post(stale, '/credentials', body, 'once'))).toEqual([401, 'step_up_required']);
    const admin = await fresh(acme, 'admin');
    const made = await post(admin, '/credentials', body, 'once');
    expect([made.status, made.headers.get('etag'), made.body]).toEqual([
      201,
      '"1"',
      {
        id: expect.any(String),
        workspace_id: null,
        owner_user_id: null,
        kind: 'llm',
        service: 'openai',
        purpose: 'api_key',
        label: expect.any(String),
        store: 'pg',
        version: 1,
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        last4: '6789',
        status: 'active',
        last_used_at: null,
        expires_at: null,
        created_at: expect.any(String),
        updated_at: expect.any(String),
      },
    ]);
    const again = await post(admin, '/credentials', body, 'once');
    expect([again.status, again.headers.get('idempotent-replayed'), again.body]).toEqual([201, 'true', made.body]);
    expect(outcome(await post(admin, '/credentials', { ...body, secret: 'another' }, 'once'))).toEqual([
      422,
      'idempotency_key_reused',
    ]);
    expect(outcome(await api.post('/credentials', body, { token: admin }))).toEqual([428, 'idempotency_key_required']);
    expect(outcome(await post(admin, '/credentials', body))).toEqual([409, 'conflict']);
    const { rows } = await api.database.owner.query(
      "SELECT status FROM workload_runs WHERE action = 'credential.create' AND idempotency_key = 'once'",
    );
    expect(rows).toEqual([{ status: 'succeeded' }]);
  });

  it('68. rotate, are revoked, and show no secret in any answer, row or record', async () => {
    const admin = await fresh(acme, 'admin');
    const { body } = await post(admin, '/credentials', bodyOf({ secret: { access_key: CANARY, region: 'eu' } }));
    expect(body.last4).toBeNull();
    const rotated = await post(admin, `/credentials/${body.id}/rotate`, {
      secret: `${CANARY}-2`,
      keep_old_seconds: 60,
    });
    expect([rotated.status, rotated.headers.get('etag'), rotated.body.version]).toEqual([200, '"2"', 2]);
    const early = await api.delete(`/credentials/${body.id}`, { token: admin, headers: { 'if-match': '"1"' } });
    expect(outcome(early)).toEqual([412, 'version_mismatch']);
    expect(outcome(await api.delete(`/credentials/${body.id}`, { token: await tokens.of(acme, 'admin') }))).toEqual([
      401,
      'step_up_required',
    ]);
    expect((await api.delete(`/credentials/${body.id}`, { token: admin })).status).toBe(204);
    expect(outcome(await api.delete(`/credentials/${body.id}`, { token: admin }))).toEqual([404, 'not_found']);
    expect(outcome(await post(admin, `/credentials/${body.id}/rotate`, { secret: 'x' }))).toEqual([404, 'not_found']);
    expect(await list(admin)).not.toContain(body.id);

    const seen: string[] = [
      JSON.stringify(await api.get('/credentials', { token: admin }).then((answer) => answer.body)),
    ];
    const { rows: tables } = await api.database.owner.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'",
    );
    for (const { name } of tables) {
      const { rows } = await api.database.owner.query(`SELECT t::text AS row FROM ${name} t`);
      seen.push(JSON.stringify(rows));
    }
    const forms = [CANARY, Buffer.from(CANARY).toString('base64').slice(0, 20), Buffer.from(CANARY).toString('hex')];
    for (const form of forms) expect(seen.filter((text) => text.includes(form))).toEqual([]);
  });

  it('count in their place: of a workspace, of a person, and in no other organization', async () => {
    const { workspaceId } = acme;
    const [first, second] = [await build.workspace(acme.orgId, 'first'), await build.workspace(acme.orgId, 'second')];
    const mia = await build.person('acme-mia');
    await build.grant({ orgId: acme.orgId, subjectId: mia.id, scopeKind: 'workspace', scopeId: first, role: 'admin' });
    const token = await tokens.named(mia.user, 'acme', { acr: 'high', authTime: now() });
    const there = await post(token, '/credentials', bodyOf({ workspace_id: first }));
    expect(there.status).toBe(201);
    expect(outcome(await post(token, '/credentials', bodyOf({ workspace_id: second })))).toEqual([404, 'not_found']);
    // Another scope is no workspace, whatever the caller is there.
    for (const scope of [acme.orgId, acme.projectId])
      expect(outcome(await post(await fresh(acme, 'owner'), '/credentials', bodyOf({ workspace_id: scope })))).toEqual([
        404,
        'not_found',
      ]);
    expect(outcome(await post(token, '/credentials', bodyOf()))).toEqual([403, 'forbidden']);
    const bo = await fresh(globex, 'owner');
    expect(outcome(await post(bo, '/credentials', bodyOf({ workspace_id: workspaceId })))).toEqual([404, 'not_found']);
    expect(outcome(await post(bo, '/credentials', bodyOf({ owner_user_id: mia.id })))).toEqual([404, 'not_found']);
    for (const path of [`/credentials/${there.body.id}/rotate`])
      expect(outcome(await post(bo, path, { secret: 'x' }))).toEqual([404, 'not_found']);
    expect(outcome(await api.delete(`/credentials/${there.body.id}`, { token: bo }))).toEqual([404, 'not_found']);
    expect(await list(bo)).toEqual([]);

    const admin = await fresh(acme, 'admin');
    const personal = await post(admin, '/credentials', bodyOf({ owner_user_id: acme.people.editor.id }));
    expect(personal.status).toBe(201);
    expect(await list(await tokens.of(acme, 'editor'))).toContain(personal.body.id);
    expect(await list(token)).not.toContain(personal.body.id);
    expect(await list(admin)).toContain(personal.body.id);
    expect(outcome(await post(admin, `/credentials/${personal.body.id}/rotate`, { secret: 'x' }))).toEqual([
      403,
      'forbidden',
    ]);
    expect((await api.delete(`/credentials/${personal.body.id}`, { token: admin })).status).toBe(204);
    expect(outcome(await api.get('/credentials', { token: await tokens.of(acme, 'viewer') }))).toEqual([
      403,
      'forbidden',
    ]);
  });

  it('say what is wrong with a body without saying the secret', async () => {
    const admin = await fresh(acme, 'admin');
    for (const [more, pointer] of [
      [{ secret: '' }, '/secret'],
      [{ secret: 5 }, '/secret'],
      [{ secret: [CANARY] }, '/secret'],
      [{ secret: { a: { b: CANARY } } }, '/secret'],
      [{ secret: {} }, '/secret'],
      [{ secret: 'x'.repeat(16_385) }, '/secret'],
      [{ service: 'Open AI' }, '/service'],
      [{ kind: 'bank' }, '/kind'],
      [{ label: '\u202e' }, '/label'],
      [{ expires_at: '2020-01-01T00:00:00Z' }, '/expires_at'],
      [{ password: CANARY }, '/password'],
    ] as const) {
      const answer = await post(admin, '/credentials', bodyOf(more));
      expect([...outcome(answer), answer.body.errors[0].pointer]).toEqual([422, 'validation_failed', pointer]);
      expect(JSON.stringify(answer.body)).not.toContain(CANARY);
    }
    expect(outcome(await post(admin, '/credentials', bodyOf({ store: 'vault' })))).toEqual([501, 'not_implemented']);
    const { body } = await post(admin, '/credentials', bodyOf());
    expect(
      outcome(await post(admin, `/credentials/${body.id}/rotate`, { secret: 'x', keep_old_seconds: 86_401 })),
    ).toEqual([422, 'validation_failed']);
  });

  it('are 1,000 in an organization, however many come at once', async () => {
    const token = await fresh(await build.tenant('full'), 'owner');
    const { body } = await post(token, '/credentials', bodyOf());
    await api.database.owner.query(
      `INSERT INTO credentials SELECT (jsonb_populate_record(c,
        jsonb_build_object('id', gen_random_uuid(), 'label', 'copy ' || i))).*
       FROM credentials c, generate_series(2, 999) i WHERE c.id = $1`,
      [body.id],
    );
    // Whoever counts has done so before the first one is there.
    await api.database.owner.query(
      `CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.3); RETURN NEW; END';
       CREATE TRIGGER late BEFORE INSERT ON credentials FOR EACH ROW EXECUTE FUNCTION late()`,
    );
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(token, '/credentials', bodyOf())));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status !== 201).map(outcome);
    expect(refused).toEqual(refused.map(() => [409, 'quota_exceeded']));
  });
});
