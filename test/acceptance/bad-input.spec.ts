import fc from 'fast-check';
import { Client } from './support/client.ts';
import { bars, recipe, scheduledTargets } from './support/recipes.ts';
import { Service } from './support/service.ts';

interface Operation {
  method: string;
  path: string;
  example: Record<string, unknown>;
}

interface Documented {
  example?: Record<string, unknown>;
  examples?: Record<string, { value: Record<string, unknown> }>;
}

const RUNS_PER_ROUTE = 12;
const SECONDS = 2;

/** YAML that wants to be more than data. */
const HOSTILE_YAML = [
  `a: &a [${'1,'.repeat(9)}1]\nb: &b [${'*a,'.repeat(9)}*a]\nc: &c [${'*b,'.repeat(9)}*b]\nd: [${'*c,'.repeat(9)}*c]`,
  'a: !!js/function "function(){ return 1 }"',
  'a: !!python/object/apply:os.system ["id"]',
  'a: &a [*a]',
  `${'- '.repeat(20_000)}1`,
  `a: ${'['.repeat(10_000)}`,
  Array.from({ length: 25_000 }, (_, i) => `k${i}: 1`).join('\n'),
  `a: [${'1,'.repeat(120_000)}]`,
  `# ${'x'.repeat(262_144)}`,
  'a: 1\na: 2',
  '1: a\n"1": b',
  '- 1',
  'a: .nan',
  '\u0000',
  '%YAML 9.9\n---\na: 1',
];

/** Values of every JSON type, in and out of any range. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, '', ' ', 0, -1, 1.5, 1e308, -1e308, 9_007_199_254_740_993, [], {}, [[]], {
    '': 1,
  }),
  fc.constantFrom(
    '\u0000',
    '\ud800',
    '\u202eabc',
    'a'.repeat(5_000),
    "'; DROP TABLE strategies; --",
    '../../etc/passwd',
    '${jndi:ldap://x}',
    'NaN',
    'Infinity',
    '2024-02-30',
    '0x10',
  ),
  fc.string(),
  fc.double(),
  fc.jsonValue({ maxDepth: 3 }),
);

/** The example with one value exchanged, at any depth, or one member added. */
function spoiled(example: Record<string, unknown>): fc.Arbitrary<string> {
  const pointers = paths(example);
  return fc
    .tuple(fc.constantFrom(...pointers, ['unexpected'], ['__proto__'], ['constructor', 'prototype']), anything)
    .map(([pointer, value]) => {
      const copy = structuredClone(example);
      let node: Record<string, unknown> = copy;
      for (const key of pointer.slice(0, -1))
        node = (typeof node[key] === 'object' && node[key] !== null ? node[key] : (node[key] = {})) as Record<
          string,
          unknown
        >;
      Object.defineProperty(node, pointer.at(-1) ?? '', {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
      return JSON.stringify(copy);
    });
}

function paths(value: unknown, at: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [at];
  return Object.entries(value).flatMap(([key, inner]) => [[...at, key], ...paths(inner, [...at, key])]);
}

/** Bodies that are no acceptable JSON at all. */
const broken = (example: string): string[] => [
  '{',
  '[]',
  'null',
  '"x"',
  '1',
  `${example}x`,
  '{"a":1,"a":2}',
  `{"a":${'['.repeat(40)}${']'.repeat(40)}}`,
  '{"a":NaN}',
  '{"a":1e999}',
  '{"a":-Infinity}',
  '{"a":01}',
  "{'a':1}",
  `{"a":"${'x'.repeat(1_100_000)}"}`,
  `{"a":[${'1,'.repeat(10_001)}1]}`,
  '{"a":"\u0000"}',
  '{"\\u0000":1}',
  '{"a":"\\ud800"}',
];

describe('Bad input', () => {
  let service: Service;
  let ann: Client;
  let routes: Operation[];
  let quiet: { jobs: number; runs: number };
  /**
   * Values of path parameters that name something of ann's, by the first segment: an unknown id would be 404 whatever
   * the body says.
   */
  let own: Record<string, string>;

  beforeAll(async () => {
    service = await Service.start();
    ann = await Client.as(service.url, { user: 'ann', role: 'owner', acr: 'high' });
    const config = recipe({ models: scheduledTargets([[1, 0.5]]) });
    const strategy = await ann.post<{ id: string }>('/strategies', { name: 'spoiled', config });
    const run = await ann.backtest({
      config,
      data: {
        inline: bars([
          [100, 102, 99, 101],
          [101, 103, 100, 102],
          [102, 104, 101, 103],
        ]),
      },
    });
    const bea = await Client.as(service.url, { user: 'bea', role: 'viewer' });
    const { body: who } = await bea.get<{ id: string }>('/auth/whoami');
    const { body: held } = await ann.get<{ data: { id: string }[] }>(`/membership?subject_id=${who.id}`);
    const key = { kind: 'llm', service: 'spoiled', purpose: 'api_key', label: 'spoiled', secret: 'spoiled-secret' };
    const credential = await ann.post<{ id: string }>('/credentials', key, { 'idempotency-key': 'spoiled' });
    own = {
      strategies: strategy.body.id,
      backtests: run.id,
      data: 'X.SIM',
      membership: held.data[0]!.id,
      credentials: credential.body.id,
    };
    routes = await documented();
    quiet = await traces();
  });

  afterAll(() => service.stop());

  it('is refused on every route with a body: unparsable', async () => {
    for (const route of routes) {
      for (const body of broken(JSON.stringify(route.example))) await refused(route, body, false);
    }
    expect(await traces()).toEqual(quiet);
    expect(routes.length).toBeGreaterThan(8);
    for (const { path } of routes) expect(path).not.toContain('undefined');
  }, 600_000);

  it('is refused or handled on every route with a body: spoiled in one place', async () => {
    for (const route of routes) {
      // No body at all is fine where nothing is required.
      await refused(route, '', true);
      await fc.assert(
        fc.asyncProperty(spoiled(route.example), async (body) => {
          await refused(route, body, true);
        }),
        { numRuns: RUNS_PER_ROUTE, seed: 42 },
      );
    }
  }, 600_000);

  it('is refused as YAML', async () => {
    const before = await traces();
    for (const config_yaml of HOSTILE_YAML) {
      for (const path of ['/strategies', '/strategies/validate'])
        await refused({ method: 'POST', path, example: {} }, JSON.stringify({ name: 'x', config_yaml }), false);
    }
    expect(await traces()).toEqual(before);
  }, 120_000);

  it('is refused in queries and paths', async () => {
    for (const path of [
      '/strategies?limit=0',
      '/strategies?limit=201',
      '/strategies?limit=x',
      '/strategies?limit=1&limit=2',
      '/strategies?unknown=1',
      '/strategies?cursor=abc',
      '/strategies?min_sharpe=NaN',
      '/strategies/not-an-id',
      '/strategies/%00',
      '/strategies/%ff',
      '/backtests/1',
      '/jobs/..%2f..',
      '/data/AAPL/bars',
      '/data/AAPL.MOON/bars',
      '/data/SPX.CBOE/bars?limit=10001',
      '/data/SPX.CBOE/bars?start=2024-02-30',
      '/data/SPX.CBOE/bars?interval=7m',
      '/data/SPX.CBOE/bars?start=2024-02-01&end=2024-01-01',
      `/strategies?query=${'a'.repeat(20_000)}`,
      '/strategies?token=abc',
    ]) {
      const answer = await ann.get(path);
      expect([path, answer.status >= 400 && answer.status < 500]).toEqual([path, true]);
      expect([path, answer.headers.get('content-type')]).toEqual([
        path,
        expect.stringContaining('application/problem+json'),
      ]);
    }
  }, 60_000);

  /** 4xx with a problem document inside two seconds; with `mayPass` the change may also have been harmless. */
  async function refused(route: Operation, body: string, mayPass: boolean): Promise<void> {
    const started = performance.now();
    const answer = await ann.request(route.method, route.path, body, {
      'idempotency-key': `bad-${Math.trunc(started * 1_000)}`,
      'if-match': '*',
    });
    // It is the body that is refused, not the id in the path.
    if (/[0-9a-f]{8}-|X\.SIM/.test(route.path))
      expect([route.method, route.path, body.slice(0, 300), answer.body['code']]).not.toEqual([
        route.method,
        route.path,
        body.slice(0, 300),
        'not_found',
      ]);
    const took = (performance.now() - started) / 1_000;
    const shown = [route.method, route.path, body.slice(0, 300), answer.status];
    // 501: the text knows it, this installation does not have it yet.
    if (mayPass && (answer.status < 300 || answer.status === 501)) return;
    expect([...shown, answer.status >= 400 && answer.status < 500]).toEqual([...shown, true]);
    expect([...shown, answer.headers.get('content-type')]).toEqual([
      ...shown,
      expect.stringContaining('application/problem+json'),
    ]);
    expect(answer.body).toMatchObject({
      type: `urn:alphaswarm:error:${String(answer.body['code'])}`,
      status: answer.status,
      request_id: expect.any(String),
      title: expect.any(String),
    });
    expect([...shown, took < SECONDS]).toEqual([...shown, true]);
  }

  /** Routes with a JSON body; ids in paths are ann's own. */
  async function documented(): Promise<Operation[]> {
    const { body } = await ann.get<{
      paths: Record<string, Record<string, { requestBody?: { content: Record<string, Documented> } }>>;
    }>('/openapi.json');
    return Object.entries(body.paths).flatMap(([path, item]) =>
      Object.entries(item).flatMap(([method, operation]) => {
        const json = operation.requestBody?.content['application/json'];
        const example = json?.example ?? Object.values(json?.examples ?? {})[0]?.value;
        return example === undefined
          ? []
          : [
              {
                method: method.toUpperCase(),
                path: path.replaceAll(/\{\w+\}/g, String(own[path.split('/')[1] ?? ''])),
                example,
              },
            ];
      }),
    );
  }

  /** What a refused request must not leave. */
  async function traces(): Promise<{ jobs: number; runs: number }> {
    const count = async (path: string): Promise<number> => {
      let rows = 0;
      for (let cursor: string | null = ''; cursor !== null;) {
        const { body }: { body: { data: unknown[]; next_cursor: string | null } } = await ann.get(
          `${path}?limit=200${cursor && `&cursor=${cursor}`}`,
        );
        rows += body.data.length;
        cursor = body.next_cursor;
      }
      return rows;
    };
    return { jobs: await count('/jobs'), runs: await count('/audit/workload-runs') };
  }
});
