import { doorOf } from '#platform/auth';
import { RouteTable, auditedOf, notAuditedOf } from '#platform/http';
import { type Fixtures, type Operation, createFixtures, operations } from './support/walk.ts';
import { TestApi } from './support/index.ts';

const UNKNOWN_ID = '018cc251-f400-7000-8000-0000000000ff';
const MUTATING = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const RATES = Object.fromEntries(['IP', 'LOGIN', 'PRINCIPAL', 'WRITE', 'STEPUP', 'ORG'].flatMap((bucket) => [`ALPHASWARM_RATE_${bucket}`, `ALPHASWARM_RATE_${bucket}_PER_MINUTE`].map((name) => [name, '100000000'])));

/** Every route of the application, walked. */
describe('The doors', () => {
  let api: TestApi;
  let ann: string;
  let bo: string;
  let all: Operation[];
  let fixtures: Fixtures;

  beforeAll(async () => {
    api = await TestApi.start({ env: RATES });
    ann = await api.token('ann', { org: 'acme', role: 'owner', acr: 'high' });
    bo = await api.token('bo', { org: 'globex', role: 'owner', acr: 'high' });
    all = await operations(api);
    fixtures = await createFixtures(api, ann);
  });

  afterAll(() => api.stop());

  it('are declared on every route, and every mutating one says whether it is audited', () => {
    const undeclared = api.app.get(RouteTable).routes.flatMap(({ method, path, controller, property, handler }) => {
      const faults: string[] = [];
      if (!doorOf(handler, controller)) faults.push(`${method} ${path} declares no door`);
      if (MUTATING.has(method) && !auditedOf(handler) && !notAuditedOf(handler)) faults.push(`${method} ${path} is neither @Audited nor @NotAudited`);
      return faults;
    });
    expect(undeclared).toEqual([]);
  });

  it('are all in the OpenAPI document', () => {
    const documented = new Set(all.map(({ method, path }) => `${method} ${path}`));
    const served = api.app.get(RouteTable).routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    expect(served.filter((route) => !documented.has(route))).toEqual([]);
  });

  it("answer another organization's id with 404 and the body of an unknown id", async () => {
    const strip = ({ instance: _, request_id: __, ...rest }: Record<string, unknown>) => rest;
    const faults: unknown[] = [];
    let walked = 0;
    for (const operation of all.filter((candidate) => fixtures.hasId(candidate))) {
      const [foreign, unknown] = await Promise.all([fixtures.fill(operation), fixtures.fill(operation, UNKNOWN_ID)].map((path) => call(operation, path ?? '', bo)));
      walked++;
      if (foreign?.status !== 404 || JSON.stringify(strip(foreign.body)) !== JSON.stringify(strip(unknown?.body ?? {}))) {
        if (!(await isPublic(operation))) faults.push([operation.method, operation.path, foreign?.status, foreign?.body]);
      }
    }
    expect(faults).toEqual([]);
    expect(walked).toBeGreaterThan(20);
  });

  it('ask for a token', async () => {
    const open: string[] = [];
    for (const operation of all) {
      const path = fixtures.fill(operation);
      if (path === undefined || (await isPublic(operation))) continue;
      const { status } = await call(operation, path, undefined);
      if (status !== 401) open.push(`${operation.method} ${operation.path} answered ${status}`);
    }
    expect(open).toEqual([]);
  });

  it('let nothing change that cannot be recorded', async () => {
    await api.database.owner.query('REVOKE INSERT ON audit_entries FROM alphaswarm_app');
    const before = await counts();
    const faults: unknown[] = [];
    let walked = 0;
    for (const { method, path, handler } of api.app.get(RouteTable).routes) {
      if (!auditedOf(handler)) continue;
      const operation = all.find((candidate) => candidate.method === method && candidate.path === path.replace(/:(\w+)/g, '{$1}'));
      const target = operation && fixtures.fill(operation);
      if (!operation || target === undefined) {
        faults.push(`${method} ${path} has no fixture`);
        continue;
      }
      const answer = await call(operation, target, ann, { 'idempotency-key': `walk-${walked++}`, 'if-match': '*' });
      if (answer.status !== 503 || answer.body.code !== 'audit_unavailable') faults.push([method, path, answer.status, answer.body]);
    }
    await api.database.owner.query('GRANT INSERT ON audit_entries TO alphaswarm_app');
    expect(faults).toEqual([]);
    expect(walked).toBeGreaterThan(8);
    expect(await counts()).toEqual(before);
  });

  async function call(operation: Operation, path: string, token: string | undefined, headers: Record<string, string> = {}) {
    const body = operation.method === 'GET' || operation.method === 'DELETE' ? undefined : operation.contentType?.includes('json') ? operation.example ?? {} : operation.contentType ? 'date,open\n' : undefined;
    const type = operation.contentType && !operation.contentType.includes('json') ? { 'content-type': 'text/csv' } : {};
    const sent = { ...(token ? { token } : {}), headers: { ...headers, ...(body === undefined ? {} : type) } };
    switch (operation.method) {
      case 'POST': return api.post(path, body, sent);
      case 'PUT': return api.put(path, body, sent);
      case 'PATCH': return api.patch(path, body, sent);
      case 'DELETE': return api.delete(path, sent);
      default: return api.get(path, sent);
    }
  }

  async function isPublic(operation: Operation): Promise<boolean> {
    const route = api.app.get(RouteTable).routes.find(({ method, path }) => method === operation.method && path.replace(/:(\w+)/g, '{$1}') === operation.path);
    return route ? doorOf(route.handler, route.controller)?.kind === 'public' : true;
  }

  /** Rows of every table that a request can change. */
  async function counts(): Promise<Record<string, number>> {
    const { rows } = await api.database.owner.query<{ name: string }>(
      "SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname NOT LIKE 'audit%' ORDER BY 1");
    const entries = await Promise.all(rows.map(async ({ name }) => [name, Number((await api.database.owner.query(`SELECT count(*) AS n FROM ${name}`)).rows[0].n)] as const));
    return Object.fromEntries(entries);
  }
});
