import { type Server, createServer } from 'node:http';
import { type INestApplicationContext, Logger } from '@nestjs/common';
import { HealthMonitor } from '#platform/health';

/** `/healthz` and `/readyz` for the orchestrator, and nothing else. */
export async function openHealthPort(app: INestApplicationContext, host: string, port: number): Promise<Server> {
  const monitor = app.get(HealthMonitor);
  const server = createServer((request, response) => {
    const answer = answerOf(request.url, monitor);
    response.writeHead(answer.status, {
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'no-store',
    });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return server.on('error', (error) =>
    new Logger('health').error({ msg: 'a connection was not accepted', err: error }),
  );
}

function answerOf(path: string | undefined, monitor: HealthMonitor): { status: number; body: unknown } {
  if (path === '/healthz') return { status: 200, body: { status: 'ok' } };
  if (path !== '/readyz') return { status: 404, body: { status: 'not_found' } };
  const readiness = monitor.readiness();
  return { status: readiness.status === 'not_ready' ? 503 : 200, body: readiness };
}
