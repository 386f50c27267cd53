import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HealthProbes } from '#platform/health';
import { ServiceState } from '#platform/http';
import { PROBE_TABLE, ProbeModule } from './support/probe.module.ts';
import { TestApi } from './support/index.ts';

describe('service', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await TestApi.start({ modules: [ProbeModule] });
    await api.database.owner.query(PROBE_TABLE);
  });

  afterAll(() => api.stop());

  it('tells operators alone what the last checks said', async () => {
    expect((await api.get('/health/details')).status).toBe(401);
    expect(await api.get('/health/details', { token: await api.token('ann') })).toMatchObject({
      status: 403,
      body: { required_permission: 'health:read' },
    });
    const staff = await api.token('root', { role: 'superadmin' });
    expect(await api.get('/health/details', { token: staff })).toMatchObject({
      status: 200,
      body: {
        status: 'ready',
        checks: expect.arrayContaining([
          { name: 'postgres', hard: true, ok: true, ms: expect.any(Number), failures: 0, error: null },
        ]),
      },
    });
  });

  it('documents every route in OpenAPI 3.1 with summary, examples and refusals', async () => {
    const { status, body } = await api.get('/openapi.json');
    expect(status).toBe(200);
    expect(body.openapi).toBe('3.1.0');
    expect(body.servers).toEqual([{ url: '/' }]);
    const tags = body.tags as { name: string; description?: string }[];
    expect(tags.filter(({ description }) => description === undefined).map(({ name }) => name)).toEqual(['probe']);
    const operations = Object.entries(body.paths as Record<string, Record<string, Operation>>).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
    );
    expect(operations.length).toBeGreaterThan(20);
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const ours = operations.filter(({ name }) => !name.includes('/probe'));
    expect(
      ours
        .filter(({ operation }) => !operation.summary || !operation.tags?.length || !operation.responses['429'])
        .map(({ name }) => name),
    ).toEqual([]);
    expect(
      ours
        .filter(({ operation }) => operation.requestBody && !hasExample(operation.requestBody))
        .map(({ name }) => name),
    ).toEqual([]);
    for (const name of ['ProbeBody', 'Leg'])
      expect(body.components.schemas[name]).toMatchObject({ additionalProperties: false });
    const create = body.paths['/probe'].post as Operation;
    expect(Object.keys(create.responses)).toEqual([
      '201',
      '400',
      '401',
      '403',
      '404',
      '406',
      '409',
      '413',
      '415',
      '422',
      '429',
      '503',
    ]);
    expect(create.parameters).toContainEqual(expect.objectContaining({ name: 'Idempotency-Key', required: false }));
  });

  it('shows the documentation under a policy that runs its own scripts only', async () => {
    const { status, text, headers } = await api.get('/docs/');
    expect([status, text.includes('swagger-ui')]).toEqual([200, true]);
    expect(headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>\s*\S/);
  });

  it('finishes what it is answering before it stops, and is not ready from the first moment', async () => {
    const other = await TestApi.start({ modules: [ProbeModule] });
    await other.database.owner.query(PROBE_TABLE);
    const token = await other.token('ann');
    const stop = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      other.app.get(ServiceState).stop();
      expect(await other.get('/readyz')).toMatchObject({ status: 503, body: { status: 'not_ready' } });
      await other.stop();
    };
    const [running] = await Promise.all([other.get('/probe/slow', { token }), stop()]);
    expect(running.status).toBe(200);
    await expect(other.get('/readyz')).rejects.toThrow();
  });

  it('looks whether tables can be written', async () => {
    const lake = api.app
      .get(HealthProbes)
      .all()
      .find(({ name }) => name === 'lake');
    expect(lake?.hard).toBe(false);
    await expect(lake?.check(AbortSignal.timeout(1_000))).resolves.toBeUndefined();
    const warehouse = join(api.dataDir, 'iceberg');
    rmSync(warehouse, { recursive: true });
    writeFileSync(warehouse, 'not a directory');
    await expect(lake?.check(AbortSignal.timeout(1_000))).rejects.toThrow();
    rmSync(warehouse);
  });

  it('is not ready without the key that seals secrets', async () => {
    const kek = api.app
      .get(HealthProbes)
      .all()
      .find(({ name }) => name === 'kek');
    expect(kek?.hard).toBe(true);
    await expect(kek?.check(AbortSignal.timeout(1_000))).resolves.toBeUndefined();
    const file = join(api.dataDir, 'kek');
    renameSync(file, `${file}.away`);
    await expect(kek?.check(AbortSignal.timeout(1_000))).rejects.toThrow('ENOENT');
    renameSync(`${file}.away`, file);
  });

  it('is degraded without a soft dependency', async () => {
    api.app
      .get(HealthProbes)
      .add({ name: 'mlflow', hard: false, check: () => Promise.reject(new Error('refused by 10.0.0.7')) });
    await new Promise((resolve) => setTimeout(resolve, 2_300));
    const answer = await api.get('/readyz');
    expect(answer).toMatchObject({
      status: 200,
      body: { status: 'degraded', degraded: ['mlflow'], checks: { mlflow: { ok: false } } },
    });
    expect(answer.text).not.toContain('10.0.0.7');
  });
});

interface Operation {
  operationId: string;
  summary?: string;
  tags?: string[];
  parameters: unknown[];
  requestBody?: { content: Record<string, { example?: unknown; examples?: unknown; schema?: { example?: unknown } }> };
  responses: Record<string, unknown>;
}

function hasExample(body: NonNullable<Operation['requestBody']>): boolean {
  return Object.values(body.content).every(
    ({ example, examples, schema }) => example !== undefined || examples !== undefined || schema?.example !== undefined,
  );
}
