import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { TestApi } from './support/index.ts';

/** Weekdays of the first quarter of 2024 that are no holiday of the exchange. */
const SESSIONS = Array.from({ length: 80 }, (_, i) => new Date(Date.UTC(2024, 0, 2 + i)))
  .filter((day) => day.getUTCDay() % 6 !== 0)
  .map((day) => day.toISOString().slice(0, 10))
  .filter((date) => date !== '2024-01-15' && date !== '2024-02-19');
const CSV = `date,open,high,low,close,volume\n${SESSIONS.map((date) => `${date},1,2,1,2,5\n`).join('')}`;
const BARS = '/data/AAA.NASDAQ/bars?interval=1d';

interface Raw {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

describe('content negotiation', () => {
  let api: TestApi;
  let token: string;
  let runId: string;

  beforeAll(async () => {
    api = await TestApi.start();
    token = await api.token('ann');
    const { body: upload } = await api.post('/ingest/uploads', CSV, { token, headers: { 'content-type': 'text/csv' } });
    const { body: run } = await api.post(
      '/ingest/runs',
      {
        source: { kind: 'upload', upload_id: upload.upload_id },
        mapping: { constants: { vt_symbol: 'AAA.NASDAQ', interval: '1d' } },
      },
      { token },
    );
    runId = run.run_id;
    for (
      let waited = 0;
      (await api.get(`/ingest/runs/${runId}`, { token })).body.status !== 'succeeded';
      waited += 50
    ) {
      if (waited > 20_000) throw new Error('the bars were not ingested');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });

  afterAll(() => api.stop());

  const asked = (path: string, accept: string) => api.get(path, { token, headers: { accept } });

  /** As sent, not inflated. */
  function raw(path: string, headers: Record<string, string>, method = 'GET', body?: string): Promise<Raw> {
    return new Promise((resolve, reject) => {
      const sent = httpRequest(
        api.url + path,
        { method, headers: { authorization: `Bearer ${token}`, ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
          );
          response.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  it.each([
    ['application/json;q=0, text/csv', 'text/csv'],
    ['text/csv;q=0.2, application/x-ndjson;q=0.3', 'application/x-ndjson'],
    ['text/csv;q=0.1, application/json', 'application/json; charset=utf-8'],
    ['text/*', 'text/csv'],
    ['application/vnd.apache.arrow.stream', 'application/vnd.apache.arrow.stream'],
    ['*/*', 'application/json; charset=utf-8'],
  ])('F12: answers bars for Accept: %s as %s', async (accept, type) => {
    const { status, headers } = await asked(BARS, accept);
    expect({ status, type: headers.get('content-type') }).toEqual({ status: 200, type });
    expect(headers.get('vary')).toMatch(/\bAccept\b(?!-)/);
  });

  it('F12: refuses what no representation satisfies, on every route, and says what would do', async () => {
    expect(await asked(BARS, 'application/xml')).toMatchObject({
      status: 406,
      body: {
        code: 'not_acceptable',
        acceptable: [
          'application/json',
          'application/x-ndjson',
          'text/csv',
          'application/vnd.apache.arrow.stream',
          'application/vnd.apache.parquet',
        ],
      },
    });
    for (const path of ['/auth/whoami', '/jobs', `/ingest/runs/${runId}/quarantine`, '/readyz', '/data/calendars']) {
      const { status, headers, body } = await asked(path, 'application/xml');
      expect({ path, status, code: body.code, type: headers.get('content-type') }).toMatchObject({
        status: 406,
        code: 'not_acceptable',
        type: 'application/problem+json',
      });
    }
    expect((await asked(BARS, 'application/json;q=0')).status).toBe(406);
    expect((await api.post('/backtests', {}, { token, headers: { accept: 'text/html' } })).status).toBe(406);
  });

  it('F12: answers the quarantine by quality too, and by `format` whatever the header says', async () => {
    const path = `/ingest/runs/${runId}/quarantine`;
    expect((await asked(path, 'text/csv;q=0.5, application/x-ndjson')).headers.get('content-type')).toBe(
      'application/x-ndjson',
    );
    expect((await asked(path, 'application/x-ndjson;q=0, */*')).headers.get('content-type')).toContain(
      'application/json',
    );
    expect((await asked(`${path}?format=csv`, 'application/json')).headers.get('content-type')).toBe('text/csv');
    expect((await asked(`${BARS}&format=csv`, 'application/xml')).headers.get('content-type')).toBe('text/csv');
  });

  it('F13: lets scripts of other origins read the cursor and the snapshot of a CSV', async () => {
    const { headers } = await api.get(`${BARS}&limit=3`, { token, headers: { accept: 'text/csv', origin: api.url } });
    expect(headers.get('x-next-cursor')).toBeTruthy();
    const exposed = headers
      .get('access-control-expose-headers')
      ?.split(/,\s*/)
      .map((name) => name.toLowerCase());
    expect(exposed).toEqual(
      expect.arrayContaining([
        'x-next-cursor',
        'x-snapshot-id',
        'x-schema-id',
        'x-query-id',
        'allow',
        'x-event-log-hash',
      ]),
    );
    expect([...headers.keys()].filter((name) => name.startsWith('x-') && !exposed?.includes(name))).toEqual(
      expect.not.arrayContaining(['x-snapshot-id', 'x-query-id']),
    );
  });

  it('compresses answers over 1 KiB for callers who ask, and says that it depends on that', async () => {
    const plain = await raw(BARS, {});
    const packed = await raw(BARS, { 'accept-encoding': 'br, gzip, deflate' });
    expect(packed.headers).toMatchObject({
      'content-encoding': 'gzip',
      vary: expect.stringContaining('Accept-Encoding') as string,
    });
    expect(plain.headers['vary']).toContain('Accept-Encoding');
    expect(plain.headers['content-encoding']).toBeUndefined();
    const bars = (body: Buffer): unknown => (JSON.parse(body.toString()) as { bars: unknown }).bars;
    expect(bars(gunzipSync(packed.body))).toEqual(bars(plain.body));
    expect(packed.body.length).toBeLessThan(plain.body.length);
    for (const accepted of ['identity', 'gzip;q=0', 'br', '*;q=0', 'identity, gzip;q=0.5'])
      expect((await raw(BARS, { 'accept-encoding': accepted })).headers['content-encoding']).toBeUndefined();
    expect((await raw(`${BARS}&limit=1`, { 'accept-encoding': 'gzip' })).headers['content-encoding']).toBeUndefined();
    expect((await raw('/healthz', { 'accept-encoding': 'gzip' })).headers['content-encoding']).toBeUndefined();
    const head = await raw(BARS, { 'accept-encoding': 'gzip' }, 'HEAD');
    expect([head.status, head.body.length]).toEqual([200, 0]);
  });

  it.each([
    ['application/x-ndjson', true],
    ['text/csv', true],
    ['application/vnd.apache.arrow.stream', false],
    ['application/vnd.apache.parquet', false],
  ])('compresses %s: %s', async (accept, compressed) => {
    const { headers } = await raw(`${BARS}&trailer=true`, { accept, 'accept-encoding': 'gzip' });
    expect(headers['content-encoding']).toBe(compressed ? 'gzip' : undefined);
  });

  it('never compresses tokens and tickets', async () => {
    const json = { 'content-type': 'application/json', 'accept-encoding': 'gzip' };
    expect(
      (await raw('/auth/dev/token', json, 'POST', JSON.stringify({ user: 'ann' }))).headers['content-encoding'],
    ).toBeUndefined();
    expect(
      (await raw('/ws/tickets', json, 'POST', JSON.stringify({ path: `/ws/progress/${runId}` }))).headers[
        'content-encoding'
      ],
    ).toBeUndefined();
  });

  it('takes no form for a file', async () => {
    const { status, body } = await api.post('/ingest/uploads', 'date=1&open=2', {
      token,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect({ status, code: body.code, detail: body.detail }).toEqual({
      status: 415,
      code: 'unsupported_media_type',
      detail: expect.stringContaining('application/octet-stream') as string,
    });
  });

  it.each(['multipart/mixed', 'multipart/related'])('takes no %s for a file', async (type) => {
    const { status, body } = await api.post('/ingest/uploads', '--XX\r\n\r\ndate,open\r\n--XX--\r\n', {
      token,
      headers: { 'content-type': `${type}; boundary=XX` },
    });
    expect({ status, code: body.code }).toEqual({ status: 415, code: 'unsupported_media_type' });
  });
});

describe('Expect: 100-continue', () => {
  let api: TestApi;
  let token: string;

  beforeAll(async () => {
    api = await TestApi.start();
    token = await api.token('ann');
  });

  afterAll(() => api.stop());

  /** What comes back before anything of the body is sent; then, when it is asked for, after the body. */
  async function asking(head: string, body?: string): Promise<string> {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    await once(socket, 'connect');
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    socket.write(`${head}\r\nHost: x\r\nExpect: 100-continue\r\n\r\n`);
    const until = async (pattern: RegExp): Promise<void> => {
      for (let waited = 0; !pattern.test(text) && waited < 5_000; waited += 10)
        await new Promise((resolve) => setTimeout(resolve, 10));
    };
    await until(/\r\n\r\n/);
    if (body !== undefined && text.startsWith('HTTP/1.1 100 ')) {
      socket.write(body);
      await until(/^HTTP\/1.1 100 .*\r\n\r\nHTTP[\s\S]*\r\n\r\n/);
    }
    socket.destroy();
    return text;
  }

  const upload = (bearer: string, length: number) =>
    `POST /ingest/uploads HTTP/1.1\r\nAuthorization: Bearer ` +
    `${bearer}\r\nContent-Type: text/csv\r\nContent-Length: ${length}`;

  it('is met when caller and length are known, once', async () => {
    const body = 'date,open,high,low,close,volume\n2024-01-02,1,2,1,2,5\n';
    expect(await asking(upload(token, body.length), body)).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 201 /);
    const strategy = JSON.stringify({ user: 'ben' });
    expect(
      await asking(
        `POST /auth/dev/token HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: ${strategy.length}`,
        strategy,
      ),
    ).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 /);
  });

  it.each([
    ['a bad token', () => upload('bad', 10), 401],
    [
      'a bad token for JSON',
      () =>
        'POST /backtests HTTP/1.1\r\nAuthorization: Bearer bad\r\nContent-Type: application/json\r\nContent-Length: 10',
      401,
    ],
    ['3 GB announced', () => upload(token, 3_000_000_000), 413],
    [
      'too much JSON announced',
      () =>
        `POST /jobs/x/cancel HTTP/1.1\r\nAuthorization: Bearer ` +
        `${token}\r\nContent-Type: application/json\r\nContent-Length: 99999999`,
      413,
    ],
    ['a form', () => upload(token, 10).replace('text/csv', 'application/x-www-form-urlencoded'), 415],
    [
      'no such route',
      () => upload(token, 10).replace('/uploads', '/nowhere').replace('text/csv', 'application/json'),
      404,
    ],
    ['nothing acceptable', () => `${upload(token, 10)}\r\nAccept: image/png`, 406],
  ])('is not met with %s', async (_, head, status) => {
    const answer = await asking(head());
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toMatch(/\r\nConnection: close\r\n/i);
  });
});
