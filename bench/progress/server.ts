import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { newId } from '#kernel';
import { DatabaseConfig, EnvironmentConfig, loadTopic } from '#platform/config';
import { DatabaseServer } from '#platform/database';
import { createApiApplication } from '#platform/http';
import { Jobs } from '#platform/jobs';
import { Progress } from '#platform/progress';
import { requests, sayReady } from '../http/child.ts';
import { CHUNK, frameOf, untilTaken } from './pace.ts';

export type ServerOrder =
  | { kind: 'open'; databaseUrl: string; dataDir: string; sockets: number }
  | { kind: 'task' }
  | { kind: 'publish'; frames: number };

type Open = Extract<ServerOrder, { kind: 'open' }>;

/**
 * The gateway as it is served, with its limits raised, in a process that also publishes: through the port, as a job
 * does.
 */
async function open({
  databaseUrl,
  dataDir,
  sockets,
}: Open): Promise<{ port: number; token: string; task(): Promise<string>; publish(frames: number): Promise<void> }> {
  const free = ['IP', 'LOGIN', 'PRINCIPAL', 'WRITE', 'STEPUP', 'ORG'].map((bucket) => [
    `ALPHASWARM_RATE_${bucket}`,
    '1000000000',
  ]);
  const env = {
    ...(Object.fromEntries(free) as Record<string, string>),
    ALPHASWARM_ENV: 'test',
    ALPHASWARM_AUTH_PROVIDER: 'local',
    ALPHASWARM_DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl,
    ALPHASWARM_LOG_LEVEL: 'warn',
    ALPHASWARM_JOBS_EXECUTE: 'false',
    ALPHASWARM_SOCKETS_PER_PRINCIPAL: String(sockets),
    ALPHASWARM_SOCKETS_PER_ORG: String(sockets),
    PORT: '0',
  };
  const { AppModule } = (await import(
    new URL('../../dist/apps/api/app.module.js', import.meta.url).href
  )) as typeof import('../../apps/api/app.module.ts');
  const database = await DatabaseServer.open(loadTopic(DatabaseConfig, env), loadTopic(EnvironmentConfig, env));
  const app = await createApiApplication(AppModule.forRoot({ env, server: database }), { logger: false });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const connections = new Set<Socket>();
  (app.getHttpServer() as Server).on('upgrade', (_request, socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });

  const answer = await fetch(`${url}/auth/dev/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'bench', role: 'owner' }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const who = await fetch(`${url}/auth/whoami`, { headers: { authorization: `Bearer ${token}` } });
  const {
    id,
    active_context: { org_id: orgId, workspace_id: workspaceId },
  } = (await who.json()) as { id: string; active_context: { org_id: string; workspace_id: string } };
  const context = {
    orgId,
    workspaceId,
    projectId: null,
    labId: null,
    requestId: newId(),
    sourceIp: null,
    principal: { kind: 'user', id, actor: `user:${id}`, token: null },
  } as const;
  const progress = app.get(Progress);
  let current = '';
  return {
    port: Number(new URL(url).port),
    token,
    task: async () => {
      const task = await app
        .get(Jobs)
        .enqueue(context, { queue: 'default', name: 'bench.progress', runId: newId(), args: {} });
      current = task.task_id;
      return `${task.stream_url}?after=1`;
    },
    publish: async (frames) => {
      for (let i = 0; i < frames; i += CHUNK) {
        await Promise.all(
          Array.from({ length: Math.min(CHUNK, frames - i) }, (_, j) =>
            progress.publish(current, orgId, frameOf(i + j, frames)),
          ),
        );
        await untilTaken(connections);
      }
    },
  };
}

let served: Awaited<ReturnType<typeof open>> | undefined;
for await (const order of requests<ServerOrder>()) {
  if (order.kind === 'open') {
    served = await open(order);
    sayReady({ port: served.port, token: served.token });
  }
  // The first frame of a task says that it is queued; the clients have seen it.
  if (order.kind === 'task') sayReady({ path: await served?.task(), first: 2 });
  if (order.kind === 'publish') {
    await served?.publish(order.frames);
    sayReady({ published: order.frames });
  }
}
process.exit(0);
