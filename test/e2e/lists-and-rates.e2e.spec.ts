import { newId } from '#kernel';
import { PROBE_TABLE, ProbeModule } from './support/probe.module.ts';
import { type ApiResponse, TestApi } from './support/index.ts';
import { SocketClient } from './support/socket-client.ts';

const ORG = '00000000-0000-0000-0000-000000000001';

describe('lists', () => {
  let api: TestApi;
  let ann: string;

  beforeAll(async () => {
    api = await TestApi.start({ modules: [ProbeModule], env: { ALPHASWARM_RATE_PRINCIPAL: '10000' } });
    await api.database.owner.query(PROBE_TABLE);
    ann = await api.token('ann');
  });

  afterAll(() => api.stop());

  const insert = (names: string[]): Promise<unknown> =>
    api.database.owner.query('INSERT INTO probes SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[])', [
      names.map(() => newId()),
      names.map(() => ORG),
      names,
    ]);
  const page = (query: string, token = ann): Promise<ApiResponse> => api.get(`/probe/rows?${query}`, { token });

  it('are walked without miss or repeat while rows are added', async () => {
    const before = Array.from({ length: 1_000 }, (_, i) => `row ${String(i % 10)}${String(i).padStart(4, '0')}`);
    await insert(before);
    const seen: string[] = [];
    let cursor: string | null = null;
    for (let round = 0; ; round++) {
      const { body } = await page(`limit=7${cursor === null ? '' : `&cursor=${cursor}`}`);
      seen.push(...(body.data as { name: string }[]).map(({ name }) => name));
      cursor = body.next_cursor as string | null;
      if (cursor === null) break;
      if (round % 10 === 0) await insert([`row ${String(round % 10)}5000 new`, 'a first', 'z last']);
    }
    const old = seen.filter((name) => before.includes(name));
    expect(old).toHaveLength(1_000);
    expect(new Set(old)).toEqual(new Set(before));
  });

  it('refuse a cursor that was edited, belongs to another filter or organization, or is too old', async () => {
    const {
      body: { next_cursor: cursor },
    } = (await page('limit=7')) as { body: { next_cursor: string } };
    expect((await page(`limit=3&cursor=${cursor}`)).body.data).toHaveLength(3);
    const edited = cursor.slice(0, 60) + (cursor[60] === 'A' ? 'B' : 'A') + cursor.slice(61);
    const elsewhere = await api.token('cy', { org: 'other' });
    for (const answer of [
      await page(`cursor=${edited}`),
      await page('cursor=x'),
      await page(`cursor=${cursor}&odd=true`),
      await page(`cursor=${cursor}`, elsewhere),
    ]) {
      expect(answer).toMatchObject({ status: 400, body: { code: 'bad_cursor' } });
    }
  });
});

describe('rates', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await TestApi.start({ modules: [ProbeModule], env: { ALPHASWARM_RATE_LOGIN: '3' } });
    await api.database.owner.query(PROBE_TABLE);
  });

  afterAll(() => api.stop());

  it('let 100 to 110 of 150 reads within a second pass, and tell the rest when to return', async () => {
    const token = await api.token('ann');
    const started = performance.now();
    const answers = await Promise.all(Array.from({ length: 150 }, () => api.get('/probe/item/x', { token })));
    const trickled = Math.ceil((performance.now() - started) / 100);
    const passed = answers.filter(({ status }) => status === 200).length;
    const refused = answers.filter(({ status }) => status === 429);
    expect(passed).toBeGreaterThanOrEqual(100);
    expect(passed).toBeLessThanOrEqual(100 + trickled);
    expect(passed + refused.length).toBe(150);
    for (const answer of refused) {
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(answer.body.code).toBe('rate_limited');
    }
  });

  it('charge writes to a bucket of their own', async () => {
    const token = await api.token('bo');
    const answers = await Promise.all(Array.from({ length: 25 }, () => api.post('/probe/quiet', undefined, { token })));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers.get('ratelimit-policy')).toBe('"write";q=120;w=60');
    expect((await api.get('/probe/item/x', { token })).status).toBe(200);
  });

  it('charge sockets and requests to one bucket', async () => {
    const small = await TestApi.start({
      env: { ALPHASWARM_RATE_PRINCIPAL: '2', ALPHASWARM_RATE_PRINCIPAL_PER_MINUTE: '1' },
    });
    try {
      const token = await small.token('ann');
      for (let i = 0; i < 2; i++) expect((await small.get('/auth/whoami', { token })).status).toBe(200);
      expect(await SocketClient.refused(small.url, `/ws/progress/${newId()}`, { token })).toMatchObject({
        status: 429,
        body: { code: 'rate_limited' },
      });
    } finally {
      await small.stop();
    }
  });

  it('stop an address before anybody is authenticated', async () => {
    const small = await TestApi.start({
      env: { ALPHASWARM_RATE_IP: '5', ALPHASWARM_RATE_IP_PER_MINUTE: '60', ALPHASWARM_TRUSTED_PROXIES: '127.0.0.0/8' },
    });
    try {
      const from = (ip: string): Promise<ApiResponse> => small.get('/nowhere', { headers: { 'x-forwarded-for': ip } });
      const answers = [];
      for (let i = 0; i < 7; i++) answers.push((await from('198.51.100.1')).status);
      expect(answers).toEqual([404, 404, 404, 404, 404, 429, 429]);
      expect((await from('198.51.100.2')).status).toBe(404);
    } finally {
      await small.stop();
    }
  });
});
