import { TestApi } from './support/index.ts';
import { newId } from '#kernel';
import { diary } from '../../libs/platform/jobs/testing/index.ts';
import { ScriptedJobsModule, contextOf, enqueueScripted, prepareScriptedJobs } from './support/scripted-jobs.ts';
import { SocketClient } from './support/socket-client.ts';

const RATES = { ALPHASWARM_RATE_PRINCIPAL: '100000', ALPHASWARM_RATE_WRITE: '100000' };
const FIELDS = [
  'attempt',
  'cancel_requested_at',
  'created_at',
  'created_by',
  'ended_at',
  'error',
  'id',
  'max_attempts',
  'name',
  'progress',
  'progress_seq',
  'queue',
  'result',
  'retry_of',
  'run_id',
  'started_at',
  'status',
  'stream_url',
  'task_id',
];

describe('jobs routes', () => {
  let api: TestApi;
  let token: string;
  let ctx: Awaited<ReturnType<typeof contextOf>>;

  beforeAll(async () => {
    api = await TestApi.start({ env: RATES, modules: [ScriptedJobsModule] });
    await prepareScriptedJobs(api);
    token = await api.token('ann');
    ctx = await contextOf(api, token);
  });

  afterAll(() => api.stop());

  async function until(id: string, status: string): Promise<any> {
    for (let i = 0; i < 1_000; i++) {
      const { body } = await api.get(`/jobs/${id}`, { token });
      if (body.status === status) return body;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`job ${id} never was ${status}`);
  }

  it('show a job with every field, absent values null', async () => {
    const id = await enqueueScripted(api, ctx, 'succeed');
    const job = await until(id, 'succeeded');
    expect(Object.keys(job).sort()).toEqual(FIELDS);
    expect(job).toMatchObject({
      id,
      task_id: id,
      name: 'scripted.run',
      queue: 'default',
      status: 'succeeded',
      attempt: 1,
      max_attempts: 1,
      progress: 1,
      progress_seq: 3,
      result: { answer: 42, run_id: job.run_id },
      error: null,
      cancel_requested_at: null,
      retry_of: null,
      created_by: ctx.principal.actor,
      stream_url: `/ws/progress/${id}`,
    });
    for (const time of [job.created_at, job.started_at, job.ended_at])
      expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('list by status, queue, name and run, newest first', async () => {
    const ids = [];
    for (let i = 0; i < 3; i++) ids.push(await enqueueScripted(api, ctx, 'refuse'));
    await Promise.all(ids.map((id) => until(id, 'failed')));
    const first = await api.get('/jobs?status=failed&queue=default&name=scripted.run&limit=2', { token });
    expect(first.body.data.map(({ id }: { id: string }) => id)).toEqual([ids[2], ids[1]]);
    const second = await api.get(
      `/jobs?status=failed&queue=default&name=scripted.run&limit=2&cursor=${encodeURIComponent(first.body.next_cursor)}`,
      { token },
    );
    expect(second.body.data.map(({ id }: { id: string }) => id)).toEqual([ids[0]]);
    expect(second.body.next_cursor).toBeNull();
    const [run] = first.body.data;
    expect((await api.get(`/jobs?run_id=${run.run_id}`, { token })).body.data).toEqual([run]);
    for (const query of ['status=lost', 'queue=nowhere', 'run_id=7', 'limit=0', 'other=1'])
      expect((await api.get(`/jobs?${query}`, { token })).status).toBe(422);
  });

  it('cancel a running job with 202, an ended one with 200', async () => {
    const id = await enqueueScripted(api, ctx, 'wait');
    await until(id, 'running');
    const asked = await api.post(`/jobs/${id}/cancel`, undefined, { token });
    expect([asked.status, Object.keys(asked.body).sort()]).toEqual([202, FIELDS]);
    expect(asked.body.cancel_requested_at).not.toBeNull();
    const ended = await until(id, 'cancelled');
    const again = await api.post(`/jobs/${id}/cancel`, undefined, { token });
    expect([again.status, again.body]).toEqual([200, ended]);
  });

  it('retry a failed job as a new one', async () => {
    const id = await enqueueScripted(api, ctx, 'refuse');
    const failed = await until(id, 'failed');
    expect(failed.error).toEqual({ code: 'bad_bar', message: 'High is below low.', retryable: false });
    const retried = await api.post(`/jobs/${id}/retry`, undefined, { token, headers: { 'idempotency-key': 'again' } });
    expect(retried.status).toBe(202);
    expect(retried.headers.get('location')).toBe(`/jobs/${retried.body.id}`);
    expect(retried.body).toMatchObject({ retry_of: id, run_id: failed.run_id, name: failed.name, error: null });
    const replayed = await api.post(`/jobs/${id}/retry`, undefined, { token, headers: { 'idempotency-key': 'again' } });
    expect([replayed.body.id, replayed.headers.get('idempotent-replayed')]).toEqual([retried.body.id, 'true']);
    await until(retried.body.id, 'failed');
    expect(await until(id, 'failed')).toEqual(failed);
    const done = await enqueueScripted(api, ctx, 'succeed');
    await until(done, 'succeeded');
    expect(await api.post(`/jobs/${done}/retry`, undefined, { token })).toMatchObject({
      status: 409,
      body: { code: 'not_retryable' },
    });
  });

  it('show queues, and one that nobody drains', async () => {
    const { body } = await api.get('/jobs/queues', { token });
    const byName = new Map<string, any>(body.data.map((queue: { queue: string }) => [queue.queue, queue]));
    expect(byName.get('default')).toEqual({
      queue: 'default',
      depth: 0,
      running: 0,
      oldest_age_seconds: null,
      consumers: 1,
    });
    expect(byName.get('ml')).toMatchObject({ consumers: 0 });
    await api.database.owner.query(
      `INSERT INTO jobs (id, org_id, queue, name, run_id, max_attempts, context, created_by, created_at) VALUES
      ($1, $2, 'ml', 'ml.train', $1, 1, $3, 'user:x', now() - interval '1 minute')`,
      [newId(), ctx.orgId, JSON.stringify({ org_id: ctx.orgId })],
    );
    const [ml] = (await api.get('/jobs/queues', { token })).body.data.filter(
      ({ queue }: { queue: string }) => queue === 'ml',
    );
    expect(ml).toMatchObject({ depth: 1, running: 0, consumers: 0 });
    expect(ml.oldest_age_seconds).toBeGreaterThanOrEqual(60);
  });

  it('answer another organization 404, as for an unknown job', async () => {
    const id = await enqueueScripted(api, ctx, 'wait');
    const stranger = await api.token('otto', { org: 'otters' });
    for (const verb of ['cancel', 'retry'])
      expect((await api.post(`/jobs/${id}/${verb}`, undefined, { token: stranger })).status).toBe(404);
    const [foreign, unknown] = await Promise.all(
      [id, newId()].map((job) => api.get(`/jobs/${job}`, { token: stranger })),
    );
    expect([foreign?.status, { ...foreign?.body, instance: '', request_id: '' }]).toEqual([
      404,
      { ...unknown?.body, instance: '', request_id: '' },
    ]);
    expect((await api.get('/jobs', { token: stranger })).body.data).toEqual([]);
    while ((await api.get(`/jobs/${id}`, { token })).body.status !== 'succeeded') diary.release(id);
  });

  it('let a viewer look, an editor stop what is his, and an admin everything', async () => {
    const id = await enqueueScripted(api, ctx, 'succeed');
    await until(id, 'succeeded');
    const [viewer, editor, admin] = await Promise.all(
      (['viewer', 'editor', 'admin'] as const).map((role) => api.token(`the-${role}`, { org: 'default', role })),
    );
    expect((await api.get(`/jobs/${id}`, { token: viewer })).status).toBe(200);
    const cancel = async (job: string, bearer: string | undefined): Promise<number> =>
      (await api.post(`/jobs/${job}/cancel`, undefined, { token: bearer })).status;
    expect([await cancel(id, viewer), await cancel(id, editor), await cancel(id, admin)]).toEqual([403, 403, 200]);
    const own = await enqueueScripted(api, await contextOf(api, editor ?? ''), 'succeed');
    await until(own, 'succeeded');
    expect(await cancel(own, editor)).toBe(200);
    const { body } = await api.get('/auth/whoami', { token: editor });
    const { rows } = await api.database.owner.query(
      `SELECT body ->> 'action' AS action, body ->> 'target' AS target FROM (SELECT kind, body FROM audit_entries UNION
        ALL SELECT kind, body FROM audit_ledger) AS entries
       WHERE kind = 'security' AND body ->> 'actor' = $1`,
      [`user:${body.id}`],
    );
    expect(rows).toEqual([{ action: 'auth.refused', target: `job:${id}` }]);
  });

  it('need no permission to show whoever started a job what became of it', async () => {
    const narrow = await api.token('ann', { scope: 'backtest:execute' });
    const id = await enqueueScripted(api, ctx, 'succeed');
    await until(id, 'succeeded');
    expect((await api.get(`/jobs/${id}`, { token: narrow })).status).toBe(200);
    const other = await enqueueScripted(api, await contextOf(api, await api.token('bea')), 'succeed');
    expect(await api.get(`/jobs/${other}`, { token: narrow })).toMatchObject({
      status: 403,
      body: { required_permission: 'job:read' },
    });
    expect((await api.get('/jobs', { token: narrow })).status).toBe(403);
    const socket = await SocketClient.open(api.url, `/ws/progress/${id}`, { token: narrow });
    expect((await socket.closed).code).toBe(1000);
    expect((await SocketClient.refused(api.url, `/ws/progress/${other}`, { token: narrow })).status).toBe(403);
  });
});
