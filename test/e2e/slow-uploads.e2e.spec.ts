import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ObjectStore } from '#platform/storage';
import { TestApi } from './support/index.ts';

const UPLOADS = 40;
const LINES = 20;
const PACE_MS = 50;
/** What a busy machine may add to a request. */
const NOISE_MS = 750;

describe('Slow uploads', () => {
  let api: TestApi;
  let token: string;
  let other: string;

  beforeAll(async () => {
    const rates = ['PRINCIPAL', 'WRITE', 'ORG', 'IP'].map((name) => [`ALPHASWARM_RATE_${name}`, '100000']);
    // The pool has its default size.
    api = await TestApi.start({ env: { ...Object.fromEntries(rates), ALPHASWARM_DATABASE_POOL: '20' } });
    token = await api.token('ann', { role: 'owner' });
    other = await api.token('bob', { org: 'globex', role: 'owner' });
  });
  afterAll(() => api.stop());

  const count = async (sql: string): Promise<number> =>
    Number((await api.database.owner.query<{ count: string }>(`SELECT count(*) FROM ${sql}`)).rows[0]!.count);
  const trickle = async (i: number): Promise<number> => {
    const body = new ReadableStream<Uint8Array>({
      async start(lines) {
        lines.enqueue(Buffer.from('time,close\n'));
        for (let line = 1; line <= LINES; line++) {
          await sleep(PACE_MS);
          lines.enqueue(Buffer.from(`2024-01-${String(line).padStart(2, '0')},${i}\n`));
        }
        lines.close();
      },
    });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/csv' };
    const answer = await fetch(`${api.url}/ingest/uploads`, { method: 'POST', headers, body, duplex: 'half' });
    await answer.arrayBuffer();
    return answer.status;
  };
  /** The longest of some requests of another organization, each in a transaction of its own, in milliseconds. */
  const slowest = async (): Promise<number> => {
    let longest = 0;
    for (let i = 0; i < 8; i++) {
      const start = performance.now();
      expect((await api.get('/ingest/runs', { token: other })).status).toBe(200);
      longest = Math.max(longest, performance.now() - start);
    }
    return longest;
  };

  it('hold no connection while they come and are stored, and are complete with their outcome', async () => {
    const store = api.app.get(ObjectStore);
    const put = store.put.bind(store);
    const release = Promise.withResolvers<void>();
    let held = 0;
    store.put = async (...call) => {
      held += 1;
      await release.promise;
      return put(...call);
    };
    const audited = "workload_runs WHERE action = 'ingest.upload' AND status =";
    try {
      await slowest();
      const idle = await slowest();
      const answers = Promise.all(Array.from({ length: UPLOADS }, (_, i) => trickle(i)));
      answers.catch(() => undefined);
      expect(await slowest()).toBeLessThan(idle + NOISE_MS);
      for (let i = 0; i < 1_000 && held < UPLOADS; i++) await sleep(20);
      expect(held).toBe(UPLOADS);
      expect(await slowest()).toBeLessThan(idle + NOISE_MS);
      // A process that is killed now leaves a row by which its object is found, and an intent without an outcome.
      expect(await count("ingest_uploads WHERE state = 'open'")).toBe(UPLOADS);
      expect(await count(`${audited} 'pending'`)).toBe(UPLOADS);
      release.resolve();
      expect(new Set(await answers)).toEqual(new Set([201]));
      expect(await count("ingest_uploads WHERE state = 'complete'")).toBe(UPLOADS);
      expect(await count(`${audited} 'succeeded'`)).toBe(UPLOADS);
    } finally {
      release.resolve();
      Reflect.deleteProperty(store, 'put');
    }
  });

  it('are not waited for by the run that is cancelled while its file is on its way from storage', async () => {
    const headers = { 'content-type': 'text/csv' };
    const upload = await api.post('/ingest/uploads', 'Date,Open,High,Low,Close,Volume\n2024-01-02,1,2,0.5,1.5,10\n', {
      token,
      headers,
    });
    const store = api.app.get(ObjectStore);
    const copyTo = store.copyTo.bind(store);
    const asked = Promise.withResolvers<void>();
    let copies = 0;
    store.copyTo = (key, path, signal) => {
      // The request reads the head.
      if (++copies === 1) return copyTo(key, path);
      asked.resolve();
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
    };
    try {
      const { status, body } = await api.post(
        '/ingest/runs',
        {
          source: { kind: 'upload', upload_id: upload.body.upload_id },
          mapping: { constants: { vt_symbol: 'SLOW.NASDAQ', interval: '1d' } },
        },
        { token },
      );
      expect(status).toBe(202);
      await asked.promise;
      expect((await api.post(`/ingest/runs/${body.run_id}/cancel`, undefined, { token })).status).toBe(202);
      const start = performance.now();
      while ((await api.get(`/ingest/runs/${body.run_id}`, { token })).body.status !== 'cancelled') await sleep(50);
      // Without hearing it the run would end after the grace of its job.
      expect(performance.now() - start).toBeLessThan(10_000);
    } finally {
      Reflect.deleteProperty(store, 'copyTo');
    }
  });

  it('of which one fails in storage is a failed outcome, and frees its key', async () => {
    const store = api.app.get(ObjectStore);
    const send = () =>
      api.post('/ingest/uploads', 'time,close\n2024-01-02,7\n', {
        token,
        headers: { 'content-type': 'text/csv', 'idempotency-key': 'once-more' },
      });
    store.put = () => Promise.reject(new Error('disk on fire'));
    try {
      expect((await send()).status).toBe(500);
    } finally {
      Reflect.deleteProperty(store, 'put');
    }
    expect(await count("workload_runs WHERE action = 'ingest.upload' AND status = 'failed'")).toBe(1);
    const first = await send();
    expect(first.status).toBe(201);
    const again = await send();
    expect([again.body.upload_id, again.headers.get('idempotent-replayed')]).toEqual([first.body.upload_id, 'true']);
  });

  it('leave nothing on disk when they take longer than a request may', async () => {
    const hasty = await TestApi.start({ env: { ALPHASWARM_REQUEST_TIMEOUT_MS: '500' } });
    try {
      const authorization = `Bearer ${await hasty.token('ann', { role: 'owner' })}`;
      const headers = { authorization, 'content-type': 'text/csv' };
      const sending = request(`${hasty.url}/ingest/uploads`, { method: 'POST', headers }).on('error', () => undefined);
      sending.write('time,close\n');
      const [answer] = (await once(sending, 'response')) as [IncomingMessage];
      expect(answer.statusCode).toBe(503);
      answer.resume();
      const spool = join(hasty.dataDir, 'spool');
      for (let i = 0; i < 100 && readdirSync(spool).length > 0; i++) await sleep(20);
      expect(readdirSync(spool)).toEqual([]);
    } finally {
      await hasty.stop();
    }
  }, 20_000);
});
