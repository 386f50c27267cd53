import { RouteTable, auditedOf } from '#platform/http';
import { TestApi } from './support/index.ts';
import { type Fixtures, type Operation, UNLIMITED, createFixtures, operations } from './support/walk.ts';

/**
 * No audit, no mutation: every route that changes something, called with its own documented example while nothing can
 * be recorded.
 */
describe('With INSERT on audit_entries revoked', () => {
  let api: TestApi;
  let ann: string;
  let all: Operation[];
  let fixtures: Fixtures;

  beforeAll(async () => {
    api = await TestApi.start({ env: UNLIMITED });
    ann = await api.token('ann', { role: 'owner', acr: 'high' });
    all = await operations(api);
    fixtures = await createFixtures(api, ann);
    await api.database.owner.query('REVOKE INSERT ON audit_entries FROM alphaswarm_app');
  });

  afterAll(() => api.stop());

  it('every mutating route answers 503 audit_unavailable and changes nothing', async () => {
    const before = await contents();
    const faults: unknown[] = [];
    let walked = 0;
    for (const { method, path, handler } of api.app.get(RouteTable).routes) {
      if (!auditedOf(handler)) continue;
      const operation = all.find(
        (candidate) => candidate.method === method && candidate.path === path.replace(/:(\w+)/g, '{$1}'),
      );
      const target = operation && fixtures.fill(operation);
      if (!operation || target === undefined) {
        faults.push(`${method} ${path} has no fixture`);
        continue;
      }
      const answer = await call(operation, target, { 'idempotency-key': `walk-${walked++}`, 'if-match': '*' });
      if (answer.status !== 503 || answer.body.code !== 'audit_unavailable')
        faults.push([method, path, answer.status, answer.body]);
    }
    expect(faults).toEqual([]);
    expect(walked).toBeGreaterThan(8);
    expect(await contents()).toEqual(before);
  });

  function call(operation: Operation, path: string, headers: Record<string, string>) {
    const json = operation.contentType?.includes('json') ?? false;
    const body =
      operation.contentType === undefined ? undefined : json ? fixtures.body(operation) : 'date,open\n2024-01-02,1\n';
    const sent = {
      token: ann,
      headers: body === undefined || json ? headers : { ...headers, 'content-type': 'text/csv' },
    };
    switch (operation.method) {
      case 'POST':
        return api.post(path, body, sent);
      case 'PUT':
        return api.put(path, body, sent);
      case 'PATCH':
        return api.patch(path, body, sent);
      default:
        return api.delete(path, sent);
    }
  }

  /**
   * What is in every table that a request can change: rows and a digest of them. Who consumes and leads says so by
   * itself.
   */
  async function contents(): Promise<Record<string, unknown>> {
    const { rows } = await api.database.owner.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname NOT LIKE 'audit%' AND c.relname NOT IN
         ('job_consumers', 'leader_leases') ORDER BY 1`,
    );
    const entries = await Promise.all(
      rows.map(
        async ({ name }) =>
          [
            name,
            (
              await api.database.owner.query(
                `SELECT count(*)::int AS n, md5(string_agg(t::text, ',' ORDER BY t::text)) AS digest FROM ${name} t`,
              )
            ).rows[0],
          ] as const,
      ),
    );
    return Object.fromEntries(entries);
  }
});
