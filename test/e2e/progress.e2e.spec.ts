import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { TestApi } from './support/index.ts';
import { newId } from '#kernel';
import { TenantTransaction } from '#platform/database';
import { Progress } from '#platform/progress';
import { ScriptedJobsModule, contextOf, enqueueScripted, prepareScriptedJobs } from './support/scripted-jobs.ts';
import { SocketClient } from './support/socket-client.ts';

const RATES = {
  ALPHASWARM_RATE_PRINCIPAL: '100000',
  ALPHASWARM_RATE_WRITE: '100000',
  ALPHASWARM_RATE_IP: '100000',
  ALPHASWARM_RATE_ORG: '100000',
};

describe('progress sockets', () => {
  let api: TestApi;
  let token: string;
  let ctx: Awaited<ReturnType<typeof contextOf>>;
  let progress: Progress;

  beforeAll(async () => {
    // Nothing is executed: the tests emit the frames themselves.
    api = await TestApi.start({
      env: {
        ...RATES,
        ALPHASWARM_JOBS_EXECUTE: 'false',
        ALPHASWARM_AUTH_SNAPSHOT_MS: '200',
        ALPHASWARM_SOCKET_RECHECK_MS: '400',
      },
      modules: [ScriptedJobsModule],
    });
    await prepareScriptedJobs(api);
    token = await api.token('ann');
    ctx = await contextOf(api, token);
    progress = api.app.get(Progress);
  });

  afterAll(() => api.stop());

  const newTask = (): Promise<string> => enqueueScripted(api, ctx, 'wait');
  const say = (task: string, stage = 'progress', extras: Record<string, unknown> = {}): Promise<number> =>
    progress.publish(task, ctx.orgId, { stage, message: stage, extras });
  const finish = (task: string): Promise<number> =>
    api.app
      .get(TenantTransaction)
      .run(ctx, () =>
        progress.finish(task, ctx.orgId, { stage: 'done', message: 'done', extras: { result: { n: 1 } } }),
      );
  const url = (task: string, query = ''): string => `/ws/progress/${task}${query}`;

  it('replays after a seq, goes on live, and closes with the terminal frame', async () => {
    const task = await newTask();
    for (let i = 2; i <= 60; i++) await say(task, 'progress', { i });
    const client = await SocketClient.open(api.url, url(task, '?after=40'), { token });
    for (let i = 61; i <= 99; i++) await say(task, 'progress', { i });
    await finish(task);
    expect(await client.closed).toEqual({ code: 1000, reason: 'done' });
    expect(client.seqs).toEqual(Array.from({ length: 60 }, (_, i) => 41 + i));
    expect(client.heard[0]).toMatchObject({ type: 'hello', heartbeat: 20, status: 'queued' });
    expect(client.heard[0]?.['last_seq']).toBeGreaterThanOrEqual(60);
    expect(client.heard.at(-1)).toEqual({ type: 'bye', code: 1000, reason: 'done' });
    expect(client.frames.at(-1)).toMatchObject({ type: 'progress', stage: 'done', seq: 100, result: { n: 1 } });
  });

  it('gives clients without the subprotocol progress frames only, and ignores what they send', async () => {
    const task = await newTask();
    const client = await SocketClient.open(api.url, url(task), { token, protocols: [] });
    client.ws.send('{"type":"auth","ticket":"nonsense"}');
    await say(task, 'progress', { task_id: 'x', stage: 'y' });
    await finish(task);
    expect((await client.closed).code).toBe(1000);
    expect(client.heard.map(({ seq, stage, task_id: id, type }) => [seq, stage, id, type])).toEqual([
      [1, 'queued', task, undefined],
      [2, 'progress', task, undefined],
      [3, 'done', task, undefined],
    ]);
  });

  it('takes after beyond the end as the end, and sends nothing at or past the terminal frame', async () => {
    const task = await newTask();
    const early = await SocketClient.open(api.url, url(task, '?after=9007199254740991'), { token });
    await early.until(({ heard }) => heard.length > 0, 'hello');
    await say(task);
    await finish(task);
    await early.closed;
    expect(early.seqs).toEqual([2, 3]);
    for (const after of [3, 4, 1_000]) {
      const late = await SocketClient.open(api.url, url(task, `?after=${after}`), { token });
      expect((await late.closed).code).toBe(1000);
      expect(late.heard.map(({ type }) => type)).toEqual(['hello', 'bye']);
    }
  });

  it('says which frames are gone: trimmed ones by a gap, an expired stream by its last frame', async () => {
    const task = await newTask();
    for (let i = 0; i < 20; i++) await say(task);
    await api.database.owner.query('DELETE FROM progress_frames WHERE task_id = $1 AND seq <= 10', [task]);
    const trimmed = await SocketClient.open(api.url, url(task, '?after=1'), { token });
    await trimmed.until(({ seqs }) => seqs.length === 11, 'the frames that are left');
    expect(trimmed.heard[1]).toEqual({ type: 'gap', task_id: task, from: 2, to: 10, reason: 'trimmed' });
    expect(trimmed.seqs[0]).toBe(11);
    trimmed.ws.terminate();

    const ended = await newTask();
    expect((await api.post(`/jobs/${ended}/cancel`, undefined, { token })).status).toBe(202);
    await api.database.owner.query('DELETE FROM progress_frames WHERE task_id = $1', [ended]);
    const expired = await SocketClient.open(api.url, url(ended), { token });
    expect((await expired.closed).code).toBe(1000);
    expect(expired.controls('gap')).toEqual([{ type: 'gap', task_id: ended, from: 1, to: 1, reason: 'expired' }]);
    expect(expired.frames).toEqual([expect.objectContaining({ stage: 'cancelled', seq: 2, task_id: ended })]);
  });

  it('refuses before the upgrade, with problem documents', async () => {
    const task = await newTask();
    const stranger = await api.token('otto', { org: 'otters' });
    const refusals = await Promise.all([
      SocketClient.refused(api.url, url(task)),
      SocketClient.refused(api.url, url(task), { token: 'nonsense' }),
      SocketClient.refused(api.url, url(task), { token: stranger }),
      SocketClient.refused(api.url, url(newId()), { token }),
      SocketClient.refused(api.url, url('nonsense'), { token }),
      SocketClient.refused(api.url, url(task, '?after=-1'), { token }),
      SocketClient.refused(api.url, url(task, '?after=01'), { token }),
      SocketClient.refused(api.url, url(task, '?after=9007199254740992'), { token }),
      SocketClient.refused(api.url, url(task, '?after=1&after=2'), { token }),
      SocketClient.refused(api.url, url(task, `?access_token=${token}`), {}),
      ...['/ws/multiplex', '/ws/events', '/ws/terraform/runs/1/logs', '/ws/progress', '/chat/stream/1', '/'].map(
        (path) => SocketClient.refused(api.url, path, { token }),
      ),
    ]);
    expect(refusals.map(({ status, body }) => [status, body.code])).toEqual([
      [401, 'unauthenticated'],
      [401, 'invalid_token'],
      [404, 'not_found'],
      [404, 'not_found'],
      [404, 'not_found'],
      [400, 'bad_after'],
      [400, 'bad_after'],
      [400, 'bad_after'],
      [400, 'malformed_request'],
      [400, 'credential_in_query'],
      ...Array.from({ length: 6 }, () => [404, 'not_found']),
    ]);
    for (const { contentType, body, headers } of refusals) {
      expect(contentType).toBe('application/problem+json');
      expect(body).toMatchObject({
        type: `urn:alphaswarm:error:${body.code}`,
        instance: `urn:uuid:${body.request_id}`,
      });
      expect(headers['x-request-id']).toBe(body.request_id);
    }
    const [foreign, unknown] = [refusals[2], refusals[3]].map((refusal) => ({
      ...refusal?.body,
      instance: '',
      request_id: '',
    }));
    expect(foreign).toEqual(unknown);
    expect(refusals[0]?.headers['www-authenticate']).toMatch(/^Bearer/);
  });

  describe('tickets', () => {
    const ORIGIN = 'http://localhost:5173';
    const mint = async (path: string, origin?: string): Promise<string> => {
      const { status, body } = await api.post('/ws/tickets', { path }, { token, headers: origin ? { origin } : {} });
      expect([status, body.expires_in]).toEqual([200, 30]);
      return body.ticket as string;
    };

    it('do not excuse a credential beside them', async () => {
      const task = await newTask();
      const ticket = await mint(url(task));
      expect(await SocketClient.refused(api.url, url(task, `?ticket=${ticket}&access_token=x`))).toMatchObject({
        status: 400,
        body: { code: 'credential_in_query' },
      });
      await (await SocketClient.open(api.url, url(task, `?ticket=${ticket}`))).ws.terminate();
    });

    it('open one socket, once', async () => {
      const task = await newTask();
      const ticket = await mint(url(task), ORIGIN);
      const client = await SocketClient.open(api.url, url(task, `?ticket=${ticket}`), { origin: ORIGIN });
      await client.until(({ seqs }) => seqs.length === 1, 'the first frame');
      client.ws.terminate();
      expect(await SocketClient.refused(api.url, url(task, `?ticket=${ticket}`), { origin: ORIGIN })).toMatchObject({
        status: 401,
        body: { code: 'invalid_ticket' },
      });
    });

    it('are bound to path and origin, are gone after a wrong use, and decide alone', async () => {
      const [task, other] = [await newTask(), await newTask()];
      for (const [path, origin, wrongPath, wrongOrigin] of [
        [url(task), ORIGIN, url(other), ORIGIN],
        [url(task), ORIGIN, url(task), undefined],
        [url(task), undefined, url(task), ORIGIN],
      ] as const) {
        const ticket = await mint(path, origin);
        expect(
          (await SocketClient.refused(api.url, `${wrongPath}?ticket=${ticket}`, { origin: wrongOrigin, token })).status,
        ).toBe(401);
        expect((await SocketClient.refused(api.url, `${path}?ticket=${ticket}`, { origin, token })).status).toBe(401);
      }
      expect((await SocketClient.refused(api.url, url(task, '?ticket='), { token })).status).toBe(401);
    });

    it('are for socket paths only', async () => {
      for (const path of ['/strategies', '/ws/progress/x?after=1', '', 7]) {
        expect((await api.post('/ws/tickets', { path }, { token })).status).toBe(422);
      }
      expect((await api.post('/ws/tickets', { path: '/ws/progress/1' })).status).toBe(401);
    });
  });

  it('ends with the token behind it, unless a new ticket comes in time', async () => {
    const task = await newTask();
    const brief = await api.token('ann', { ttl_seconds: 2 });
    const [expiring, renewed] = [
      await SocketClient.open(api.url, url(task), { token: brief }),
      await SocketClient.open(api.url, url(task), { token: brief }),
    ];
    const { body } = await api.post('/ws/tickets', { path: url(task) }, { token });
    renewed.ws.send(JSON.stringify({ type: 'auth', ticket: body.ticket }));
    expect(await expiring.closed).toEqual({ code: 4401, reason: 'token expired' });
    expect(expiring.heard.at(-1)).toMatchObject({ type: 'bye', code: 4401 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(renewed.ws.readyState).toBe(renewed.ws.OPEN);
    renewed.ws.send(JSON.stringify({ type: 'auth', ticket: 'nonsense' }));
    expect((await renewed.closed).code).toBe(4401);
  });

  it('ends when access is lost', async () => {
    const task = await newTask();
    const guest = await api.token('gustav', { org: 'default', role: 'viewer' });
    const client = await SocketClient.open(api.url, url(task), { token: guest });
    const { rows } = await api.database.owner.query<{ id: string }>(
      "SELECT user_id AS id FROM user_identities WHERE subject = 'gustav'",
    );
    await api.database.owner.query('DELETE FROM memberships WHERE subject_id = $1', [rows[0]?.id]);
    expect(await client.closed).toEqual({ code: 4403, reason: 'access lost' });
  });

  it('closes clients that send too much', async () => {
    const task = await newTask();
    const big = await SocketClient.open(api.url, url(task), { token });
    big.ws.send('x'.repeat(4_097));
    expect((await big.closed).code).toBe(1009);
    expect(big.heard.at(-1)).toMatchObject({ type: 'bye', code: 1009 });
    const fast = await SocketClient.open(api.url, url(task), { token });
    for (let i = 0; i < 30; i++) fast.ws.send('{}');
    expect((await fast.closed).code).toBe(4429);
  });

  it('keep no refused connection, whatever its peer does', async () => {
    const server = api.app.getHttpServer() as Server;
    const open = (): Promise<number> =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      );
    const socket = connect({ port: Number(new URL(api.url).port), host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined).resume();
    socket.write(
      'GET /ws/progress/x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ' +
        'websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await once(socket, 'end');
    const before = await open();
    for (let waited = 0; (await open()) >= before; waited += 50) {
      if (waited > 5_000) throw new Error('the refused connection is still open');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    socket.destroy();
  });

  it('gives a principal twenty sockets', async () => {
    const task = await newTask();
    const busy = await api.token('berta', { org: 'default', role: 'viewer' });
    const clients = await Promise.all(
      Array.from({ length: 20 }, () => SocketClient.open(api.url, url(task), { token: busy })),
    );
    expect(await SocketClient.refused(api.url, url(task), { token: busy })).toMatchObject({
      status: 429,
      body: { code: 'too_many_sockets' },
    });
    clients[0]?.ws.close();
    await clients[0]?.closed;
    await new Promise((resolve) => setTimeout(resolve, 50));
    (await SocketClient.open(api.url, url(task), { token: busy })).ws.terminate();
    clients.forEach(({ ws }) => ws.terminate());
  });
});

describe('slow and draining sockets', () => {
  let api: TestApi;
  let token: string;
  let ctx: Awaited<ReturnType<typeof contextOf>>;

  beforeAll(async () => {
    api = await TestApi.start({
      env: {
        ...RATES,
        ALPHASWARM_JOBS_EXECUTE: 'false',
        ALPHASWARM_SOCKET_COALESCE_BYTES: '262144',
        ALPHASWARM_SOCKET_STALL_MS: '3000',
        ALPHASWARM_SOCKET_HEARTBEAT_MS: '4000',
        ALPHASWARM_SOCKET_DRAIN_MS: '300',
      },
      modules: [ScriptedJobsModule],
    });
    await prepareScriptedJobs(api);
    token = await api.token('ann');
    ctx = await contextOf(api, token);
  });

  const flood = async (task: string, count: number): Promise<void> => {
    const progress = api.app.get(Progress);
    const blocks = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`b${i}`, 'x'.repeat(8_000)]));
    await Promise.all(
      Array.from({ length: count }, (_, i) =>
        progress.publish(task, ctx.orgId, { stage: i % 2 ? 'odd' : 'even', message: String(i), extras: blocks }),
      ),
    );
  };

  it('coalesces for a client that does not read, and still delivers the terminal frame when it does', async () => {
    const task = await enqueueScripted(api, ctx, 'wait');
    const client = await SocketClient.open(api.url, `/ws/progress/${task}`, { token });
    await client.until(({ seqs }) => seqs.length === 1, 'the first frame');
    client.ws.pause();
    await flood(task, 300);
    await api.app
      .get(TenantTransaction)
      .run(ctx, () => api.app.get(Progress).finish(task, ctx.orgId, { stage: 'done', message: 'done' }));
    client.ws.resume();
    expect((await client.closed).code).toBe(1000);
    expect(client.frames.at(-1)).toMatchObject({ stage: 'done', seq: 302 });
    expect(client.seqs).toEqual([...client.seqs].sort((a, b) => a - b));
    const coalesced = client.controls('coalesced');
    expect(coalesced.length).toBeGreaterThan(0);
    const missing = coalesced.reduce((sum, { dropped, from, to }) => {
      expect(dropped).toBe(to - from + 1);
      return sum + (dropped as number);
    }, 0);
    expect(client.seqs.length + missing).toBe(302);
  });

  it('closes a client that takes nothing', async () => {
    const task = await enqueueScripted(api, ctx, 'wait');
    const client = await SocketClient.open(api.url, `/ws/progress/${task}`, { token });
    await client.until(({ seqs }) => seqs.length === 1, 'the first frame');
    client.ws.pause();
    await flood(task, 300);
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    client.ws.resume();
    expect((await client.closed).code).toBe(4008);
    expect(client.heard.at(-1)).toMatchObject({ type: 'bye', code: 4008 });
  });

  it('sends a heartbeat into silence', async () => {
    const task = await enqueueScripted(api, ctx, 'wait');
    const client = await SocketClient.open(api.url, `/ws/progress/${task}`, { token });
    await client.until((heard) => heard.controls('heartbeat').length > 0, 'a heartbeat');
    expect(client.controls('heartbeat')[0]?.['server_time']).toMatch(/Z$/);
    client.ws.terminate();
  });

  it('tells clients to come back when the service drains', async () => {
    const task = await enqueueScripted(api, ctx, 'wait');
    const clients = await Promise.all(
      Array.from({ length: 3 }, () => SocketClient.open(api.url, `/ws/progress/${task}`, { token })),
    );
    await Promise.all(clients.map((client) => client.until(({ seqs }) => seqs.length === 1, 'the first frame')));
    await api.stop();
    for (const client of clients) {
      expect(await client.closed).toEqual({ code: 1001, reason: 'draining' });
      expect(client.heard.at(-1)).toEqual({ type: 'bye', code: 1001, reason: 'draining' });
    }
  });
});
