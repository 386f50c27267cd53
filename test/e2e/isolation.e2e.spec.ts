import { newId } from '#kernel';
import {
  Authorization,
  type DeclaredRoute,
  LocalIssuer,
  type ResourceKind,
  TokenVerifier,
  declaredRoutes,
} from '#platform/auth';
import { type RequestContext, systemContext } from '#platform/context';
import { RouteTable } from '#platform/http';
import { TenantBuilder, TestTokens, type TestTenant } from '../../libs/platform/auth/testing/index.ts';
import { type ApiResponse, TestApi } from './support/index.ts';
import { send } from './support/send.ts';

const UNLIMITED = Object.fromEntries(
  ['IP', 'PRINCIPAL', 'WRITE', 'STEPUP', 'ORG'].map((bucket) => [`ALPHASWARM_RATE_${bucket}`, '1000000']),
);

/** A value of each column type that a table may insist on. */
const FILLERS: [type: RegExp, value: () => unknown][] = [
  [/^uuid$/, newId],
  [/int|numeric|double|real/, () => 1],
  [/boolean/, () => false],
  [/json/, () => '{}'],
  [/timestamp|date/, () => '2026-01-02T03:04:05Z'],
  [/bytea/, () => Buffer.alloc(32)],
  [/\[\]$/, () => '{}'],
  [/./, () => 'x'],
];

describe('Isolation of organizations', () => {
  let api: TestApi;
  let acme: TestTenant;
  let globex: TestTenant;
  let tokens: TestTokens;
  let routes: DeclaredRoute[];
  const rows = new Map<string, string>();

  const resourceOf = ({ door }: DeclaredRoute): ResourceKind | null =>
    door?.kind === 'requires' ? door.resource : null;

  beforeAll(async () => {
    api = await TestApi.start({ env: UNLIMITED });
    const build = new TenantBuilder(api.database.owner);
    [acme, globex] = await Promise.all([build.tenant('acme'), build.tenant('globex')]);
    tokens = new TestTokens(api.app.get(LocalIssuer));
    routes = declaredRoutes(api.app.get(RouteTable).routes).filter((route) => resourceOf(route) !== null);
    rows
      .set('organizations', acme.orgId)
      .set('workspaces', acme.workspaceId)
      .set('projects', acme.projectId)
      .set('users', acme.people.editor.id);
    for (const route of routes) {
      const resource = resourceOf(route);
      if (resource && !rows.has(resource.table)) rows.set(resource.table, await anyRow(resource));
    }
  });

  afterAll(() => api.stop());

  /** A row of acme in any table, whatever its constraints: this database is thrown away. */
  async function anyRow({ table, scope }: ResourceKind): Promise<string> {
    const { owner } = api.database;
    const constraints = await owner.query<{ name: string }>(
      "SELECT conname AS name FROM pg_constraint WHERE conrelid = $1::regclass AND contype IN ('c', 'f')",
      [table],
    );
    for (const { name } of constraints.rows) await owner.query(`ALTER TABLE ${table} DROP CONSTRAINT "${name}"`);
    const columns = await owner.query<{ name: string; type: string; needed: boolean }>(
      `SELECT attname AS name, format_type(atttypid, NULL) AS type, attnotnull AND NOT atthasdef AND attidentity = '' AS
        needed
       FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
      [table],
    );
    const id = newId();
    const fixed: Record<string, unknown> = { id, org_id: acme.orgId, [scope ?? 'workspace_id']: acme.workspaceId };
    const used = columns.rows.filter(({ name, needed }) => needed || name in fixed);
    const values = used.map(({ name, type }) => fixed[name] ?? FILLERS.find(([pattern]) => pattern.test(type))?.[1]());
    await owner.query(
      `INSERT INTO ${table} (${used.map(({ name }) => `"${name}"`).join(', ')}) VALUES
        (${used.map((_, index) => `$${index + 1}`).join(', ')})`,
      values,
    );
    return id;
  }

  const call = ({ method, path, door }: DeclaredRoute, id: string, token: string): Promise<ApiResponse> => {
    const param = door?.kind === 'requires' ? door.param : 'id';
    const target = path.replace(`:${param}`, id).replaceAll(/:\w+/g, '1');
    return send(api.url, method, target, method === 'GET' ? undefined : {}, { token });
  };

  it('answers a foreign id like an unknown one on every route, before permission and step-up', async () => {
    expect(routes.length).toBeGreaterThan(5);
    const [owner, viewer] = [
      await tokens.of(globex, 'owner'),
      await tokens.of(globex, 'viewer', { scope: 'health:read' }),
    ];
    for (const route of routes) {
      const foreign = rows.get(resourceOf(route)?.table ?? '') ?? '';
      const [seen, unseen, powerless] = [
        await call(route, foreign, owner),
        await call(route, newId(), owner),
        await call(route, foreign, viewer),
      ];
      const comparable = ({ status, body }: ApiResponse): object => ({
        route: `${route.method} ${route.path}`,
        status,
        body: { ...body, instance: '', request_id: '' },
      });
      expect(comparable(seen)).toEqual({ ...comparable(unseen), status: 404 });
      expect(comparable(powerless)).toEqual(comparable(unseen));
    }
  });

  it('finds the same rows for their own organization, so that the answers above mean something', async () => {
    const authorization = api.app.get(Authorization);
    const { facts } = await verified();
    const ctx: RequestContext = {
      ...systemContext('test', newId(), { orgId: acme.orgId }),
      workspaceId: acme.workspaceId,
      principal: { kind: 'user', id: acme.people.owner.id, actor: `user:${acme.people.owner.id}`, token: facts },
    };
    for (const route of routes) {
      const resource = resourceOf(route);
      if (resource)
        await expect(authorization.locate(ctx, resource, rows.get(resource.table) ?? '')).resolves.toMatchObject({
          access: { role: 'owner' },
        });
    }
  });

  async function verified(): ReturnType<TokenVerifier['verify']> {
    return api.app.get(TokenVerifier).verify(await tokens.of(acme, 'owner'));
  }
});
