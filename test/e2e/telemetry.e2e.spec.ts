import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import pino from 'pino';
import { EnvironmentConfig, TelemetryConfig, loadTopic } from '#platform/config';
import { HealthProbes } from '#platform/health';
import { pinoOptions, startTracing } from '#platform/telemetry';
import { TestApi } from './support/index.ts';

/** An OTLP receiver that keeps what it is sent. */
class Collector {
  readonly received = new Map<string, string>();
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const path = request.url ?? '';
        this.received.set(path, (this.received.get(path) ?? '') + Buffer.concat(chunks).toString('latin1'));
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const settings = (endpoint?: string): NodeJS.ProcessEnv => ({
  ALPHASWARM_ENV: 'test',
  ALPHASWARM_OTEL_PROTOCOL: 'http/protobuf',
  ALPHASWARM_CELL_ID: 'cell-7',
  ...(endpoint ? { ALPHASWARM_OTEL_ENDPOINT: endpoint } : {}),
});
const start = (env: NodeJS.ProcessEnv): ReturnType<typeof startTracing> =>
  startTracing(loadTopic(TelemetryConfig, env), loadTopic(EnvironmentConfig, env), 'api');

describe('telemetry', () => {
  it('sends spans, metrics and logs with the resource, and no label names a person', async () => {
    const collector = new Collector();
    const endpoint = await collector.start();
    const stop = await start(settings(endpoint));
    const api = await TestApi.start({ env: settings(endpoint) });
    const token = await api.token('unmistakable-person');
    expect(
      (
        await api.get('/tenancy/orgs?limit=3', {
          token,
          headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
        })
      ).status,
    ).toBe(200);
    pino(
      pinoOptions(loadTopic(TelemetryConfig, settings(endpoint)), loadTopic(EnvironmentConfig, settings())),
      new PassThrough(),
    ).warn('a line for the collector, token=canary-of-a-line');
    await api.stop();
    await stop();
    collector.stop();
    const [spans = '', metrics = '', logs = ''] = ['traces', 'metrics', 'logs'].map((kind) =>
      collector.received.get(`/v1/${kind}`),
    );
    for (const text of [
      'alphaswarm-api',
      'cell-7',
      'alphaswarm-core',
      'deployment.environment.name',
      'GET /tenancy/orgs',
      'tenant_id',
    ])
      expect(spans).toContain(text);
    for (const name of [
      'auth.verify',
      'authz.decide',
      'audit.intent',
      'audit.outcome',
      'db.query.text',
      'identity_snapshot($1, $2, $3)',
    ])
      expect(spans).toContain(name);
    for (const name of [
      'http.server.request.duration',
      'nodejs.eventloop.delay.p99',
      'alphaswarm.auth.verifications',
      'alphaswarm.authz.decisions',
      'alphaswarm.audit.write.duration',
      'alphaswarm.db.pool',
    ])
      expect(metrics).toContain(name);
    expect(logs).toContain('a line for the collector');
    expect(logs).toContain('alphaswarm-api');
    expect(logs).not.toContain('canary-of-a-line');
    expect(spans + metrics).not.toContain('unmistakable-person');
    expect(spans + metrics).not.toContain(token.slice(-40));
    expect(metrics).not.toContain('limit=3');
  });

  it('looks whether the collector takes connections, and is only degraded when it does not', async () => {
    const collector = new Collector();
    const api = await TestApi.start({ env: settings(await collector.start()) });
    const probe = api.app
      .get(HealthProbes)
      .all()
      .find(({ name }) => name === 'otel');
    expect(probe?.hard).toBe(false);
    await expect(probe?.check(AbortSignal.timeout(1_000))).resolves.toBeUndefined();
    collector.stop();
    await expect(probe?.check(AbortSignal.timeout(1_000))).rejects.toThrow('ECONNREFUSED');
    await api.stop();
  });

  it('is not held up by a collector that is down', async () => {
    const stop = await start(settings('http://127.0.0.1:1'));
    const started = performance.now();
    await stop();
    expect(performance.now() - started).toBeLessThan(6_000);
  });

  it('does nothing without an endpoint', async () => {
    await expect((await start(settings()))()).resolves.toBeUndefined();
  });
});
