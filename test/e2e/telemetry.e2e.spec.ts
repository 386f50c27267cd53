import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EnvironmentConfig, TelemetryConfig, loadTopic } from '#platform/config';
import { startTracing } from '#platform/telemetry';
import { TestApi } from './support/index.ts';

/** An OTLP receiver that keeps what it is sent. */
class Collector {
  readonly received = new Map<string, string>();
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
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
  ALPHASWARM_ENV: 'test', ALPHASWARM_OTEL_PROTOCOL: 'http/protobuf', ALPHASWARM_CELL_ID: 'cell-7', ...(endpoint ? { ALPHASWARM_OTEL_ENDPOINT: endpoint } : {}),
});
const start = (env: NodeJS.ProcessEnv): ReturnType<typeof startTracing> => startTracing(loadTopic(TelemetryConfig, env), loadTopic(EnvironmentConfig, env), 'api');

describe('telemetry', () => {
  it('sends spans and metrics with the resource, and no label names a person', async () => {
    const collector = new Collector();
    const endpoint = await collector.start();
    const stop = await start(settings(endpoint));
    const api = await TestApi.start({ env: settings(endpoint) });
    const token = await api.token('unmistakable-person');
    expect((await api.get('/tenancy/orgs?limit=3', { token, headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } })).status).toBe(200);
    await api.stop();
    await stop();
    collector.stop();
    const [spans, metrics] = [collector.received.get('/v1/traces') ?? '', collector.received.get('/v1/metrics') ?? ''];
    for (const text of ['alphaswarm-api', 'cell-7', 'alphaswarm-core', 'deployment.environment.name', 'GET /tenancy/orgs', 'tenant_id']) expect(spans).toContain(text);
    expect(metrics).toContain('http.server.request.duration');
    expect(spans + metrics).not.toContain('unmistakable-person');
    expect(spans + metrics).not.toContain(token.slice(-40));
    expect(metrics).not.toContain('limit=3');
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
