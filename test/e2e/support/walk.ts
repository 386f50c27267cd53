import type { TestApi } from './test-api.ts';

/** One operation of the OpenAPI document that the application serves. */
export interface Operation {
  method: string;
  /** Template with `{name}` parameters. */
  path: string;
  parameters: string[];
  /** Query with the examples of its parameters, from the question mark on. */
  query: string;
  /** Names of numbers in the query and in the body. */
  numbers: { query: string[]; body: string[] };
  /** Documented ones. */
  statuses: number[];
  example: unknown;
  contentType: string | undefined;
}

interface DocumentedOperation {
  parameters?: { name: string; in: string; example?: unknown; schema?: { type?: string } }[];
  responses: Record<string, unknown>;
  requestBody?: {
    content: Record<
      string,
      { schema?: { $ref?: string }; example?: unknown; examples?: Record<string, { value: unknown }> }
    >;
  };
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Every documented operation with an example of its body. */
export async function operations(api: TestApi): Promise<Operation[]> {
  const { body } = await api.get('/openapi.json');
  const document = body as {
    paths: Record<string, Record<string, DocumentedOperation>>;
    components: { schemas: Record<string, { properties?: Record<string, { type?: string }> }> };
  };
  const isNumber = ({ type }: { type?: string } = {}): boolean => type === 'integer' || type === 'number';
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => {
      const operation: DocumentedOperation = item[method] ?? { responses: {} };
      const asked = (operation.parameters ?? []).filter(
        (parameter) => parameter.in === 'query' && parameter.example !== undefined,
      );
      const [contentType, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
      const properties = document.components.schemas[content?.schema?.$ref?.split('/').at(-1) ?? '']?.properties ?? {};
      return {
        numbers: {
          query: (operation.parameters ?? [])
            .filter((parameter) => parameter.in === 'query' && isNumber(parameter.schema))
            .map(({ name }) => name),
          body: Object.keys(properties).filter((name) => isNumber(properties[name])),
        },
        method: method.toUpperCase(),
        path,
        contentType,
        statuses: Object.keys(operation.responses).map(Number),
        query:
          asked.length === 0
            ? ''
            : `?${new URLSearchParams(asked.map(({ name, example }) => [name, String(example)] as [string, string]))}`,
        parameters: [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''),
        example: content?.example ?? Object.values(content?.examples ?? {})[0]?.value,
      };
    }),
  );
}

type NamedId = readonly [prefix: string, parameter: string, id: string];

/** Ids of one organization's resources, by the first segments of routes that name them, and by members of bodies. */
export class Fixtures {
  readonly #ids: readonly NamedId[];
  readonly #members: Readonly<Record<string, string>>;

  constructor(ids: readonly NamedId[], members: Readonly<Record<string, string>>) {
    this.#ids = ids;
    this.#members = members;
  }

  /** The documented example of the body, with our ids in the members that name resources. */
  body({ example }: Operation): unknown {
    if (typeof example !== 'object' || example === null) return example;
    const ours = Object.entries(this.#members).filter(([name]) => name in example);
    return { ...example, ...Object.fromEntries(ours) };
  }

  /** The path with its parameters filled in, or undefined when a parameter names no resource of ours. */
  fill(operation: Operation, replaceIdBy?: string): string | undefined {
    let path = operation.path;
    for (const parameter of operation.parameters) {
      const known = this.#ids.find(([prefix, name]) => operation.path.startsWith(prefix) && name === parameter);
      if (!known) return undefined;
      const isId = /^[0-9a-f]{8}-/.test(known[2]);
      path = path.replace(`{${parameter}}`, encodeURIComponent(isId && replaceIdBy ? replaceIdBy : known[2]));
    }
    return path;
  }
}

const BARS = ['2024-01-02', '2024-01-03', '2024-01-04'].map((time, index) => ({
  vt_symbol: 'X.SIM',
  time,
  open: 100 + index,
  high: 102 + index,
  low: 99 + index,
  close: 101 + index,
  volume: null,
}));

export const SMALL_BACKTEST = {
  config: {
    strategy: {
      class: 'FrameworkAlgorithm',
      kwargs: {
        universe_model: { class: 'StaticUniverse', kwargs: { symbols: ['X.SIM'] } },
        portfolio_model: {
          class: 'ScheduledTargets',
          kwargs: { targets: [{ time: '2024-01-02', vt_symbol: 'X.SIM', weight: 0.5 }] },
        },
      },
    },
    backtest: { engine: 'event', kwargs: {} },
  },
  data: { inline: BARS },
};

/** One resource of every kind in ann's organization. */
export async function createFixtures(api: TestApi, token: string): Promise<Fixtures> {
  const strategy = await created(
    api.post('/strategies', { name: 'walk', config: SMALL_BACKTEST.config }, { token }),
    201,
  );
  const run = await created(api.post('/backtests', SMALL_BACKTEST, { token }), 202);
  await settled(api, token, String(run['task_id']));
  const upload = await created(
    api.post('/ingest/uploads', 'date,open,high,low,close,volume\n2024-01-02,1,2,1,2,5\n', {
      token,
      headers: { 'content-type': 'text/csv' },
    }),
    201,
  );
  const ingest = await created(
    api.post(
      '/ingest/runs',
      {
        source: { kind: 'upload', upload_id: upload['upload_id'] },
        mapping: { constants: { vt_symbol: 'WALK.SIM', interval: '1d' } },
      },
      { token },
    ),
    202,
  );
  await settled(api, token, String(ingest['task_id']));
  const credential = await created(
    api.post(
      '/credentials',
      { kind: 'llm', service: 'walk', purpose: 'api_key', label: 'walk', secret: 'walk-secret-of-nobody' },
      { token: await api.token('ann', { role: 'owner', acr: 'high' }), headers: { 'idempotency-key': 'walk' } },
    ),
    201,
  );
  const { body: who } = await api.get('/auth/whoami', { token });
  const first = (path: string) => api.get(path, { token }).then(({ body }) => String(body.data[0].id));
  const catalog = await api.get('/data/catalog', { token });
  return new Fixtures(
    [
      ['/strategies', 'id', String(strategy['id'])],
      ['/strategies', 'v', '1'],
      ['/backtests', 'id', String(run['run_id'])],
      ['/backtests', 'kind', 'equity'],
      ['/jobs', 'id', String(run['task_id'])],
      ['/ingest/runs', 'id', String(ingest['run_id'])],
      ['/data/catalog', 'id', catalog.status === 200 ? String(catalog.body.data[0]?.id) : ''],
      ['/data/catalog', 'version', '1'],
      ['/data', 'vt_symbol', 'WALK.SIM'],
      ['/data/calendars', 'exchange', 'NYSE'],
      ['/audit/workload-runs', 'id', await first('/audit/workload-runs')],
      ['/audit/chains', 'chain', `org:${who.active_context.org_id}`],
      ['/tenancy/orgs', 'id', String(who.active_context.org_id)],
      ['/tenancy/workspaces', 'id', String(who.active_context.workspace_id)],
      ['/tenancy/projects', 'id', String(who.projects[0].id)],
      ['/tenancy/labs', 'id', String(who.labs[0].id)],
      ['/tenancy/users', 'id', String(who.id)],
      ['/credentials', 'id', String(credential['id'])],
      ['/membership', 'id', await first(`/membership?subject_id=${who.id}`)],
      ['/tenancy/teams', 'id', await first('/tenancy/teams').catch(() => '')],
    ],
    { scope_id: String(who.active_context.workspace_id), subject_id: String(who.id) },
  );
}

export async function settled(api: TestApi, token: string, taskId: string): Promise<Record<string, unknown>> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const { body } = await api.get(`/jobs/${taskId}`, { token });
    if (['succeeded', 'failed', 'cancelled', 'dead'].includes(body.status)) return body as Record<string, unknown>;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`job ${taskId} does not end`);
}

async function created(
  answer: Promise<{ status: number; body: unknown }>,
  expected: number,
): Promise<Record<string, unknown>> {
  const { status, body } = await answer;
  if (status !== expected) throw new Error(`a fixture was answered ${status}: ${JSON.stringify(body)}`);
  return body as Record<string, unknown>;
}

/** Rates so high that they are not what a walk meets. */
export const UNLIMITED = Object.fromEntries(
  ['IP', 'LOGIN', 'PRINCIPAL', 'WRITE', 'STEPUP', 'ORG'].flatMap((bucket) =>
    [`ALPHASWARM_RATE_${bucket}`, `ALPHASWARM_RATE_${bucket}_PER_MINUTE`].map((name) => [name, '100000000']),
  ),
);
