import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { PROBE_TABLE, ProbeModule } from './support/probe.module.ts';
import { type ApiResponse, TestApi } from './support/index.ts';
import { send } from './support/send.ts';

describe('HTTP conventions', () => {
  let api: TestApi;
  let token: string;

  beforeAll(async () => {
    api = await TestApi.start({
      modules: [ProbeModule],
      env: {
        ALPHASWARM_RATE_WRITE: '10000',
        ALPHASWARM_RATE_PRINCIPAL: '10000',
        ALPHASWARM_REQUEST_TIMEOUT_MS: '1500',
        ALPHASWARM_CORS_ORIGINS: 'https://app.example',
      },
    });
    await api.database.owner.query(PROBE_TABLE);
    token = await api.token('ann');
  });

  afterAll(() => api.stop());

  const echo = (body: unknown, headers: Record<string, string> = {}): Promise<ApiResponse> =>
    api.post('/probe/echo', body, { token, headers });
  const problem = (status: number, code: string): object => ({
    status,
    body: { status, code, type: `urn:alphaswarm:error:${code}` },
  });

  it('is alive and ready', async () => {
    expect(await api.get('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await api.get('/readyz')).toMatchObject({
      status: 200,
      body: { status: 'ready', degraded: [], checks: { postgres: { ok: true } } },
    });
  });

  describe('problem documents', () => {
    it('have exactly the members of the contract, and differ for two unknown routes in their ids only', async () => {
      const [one, two] = [await api.get('/nowhere'), await api.get('/nowhere/else')];
      expect(one.headers.get('content-type')).toBe('application/problem+json');
      const { instance, request_id: id, ...rest } = one.body;
      expect(rest).toEqual({
        type: 'urn:alphaswarm:error:not_found',
        title: 'Not found',
        status: 404,
        code: 'not_found',
        detail: 'There is no such resource.',
      });
      expect(instance).toBe(`urn:uuid:${id}`);
      expect(one.headers.get('x-request-id')).toBe(id);
      expect({ ...two.body, instance, request_id: id }).toEqual(one.body);
    });

    it('keep a request id that is a UUID and replace any other', async () => {
      const id = '018CC251-F400-7000-8000-0000000000AA';
      expect((await api.get('/nowhere', { headers: { 'x-request-id': id } })).body.request_id).toBe(id.toLowerCase());
      expect((await api.get('/nowhere', { headers: { 'x-request-id': 'mine' } })).body.request_id).toMatch(
        /^[0-9a-f-]{36}$/,
      );
    });

    it('tell nothing of what broke inside', async () => {
      const answer = await api.get('/probe/broken', { token });
      expect(answer).toMatchObject(problem(500, 'internal_error'));
      expect(answer.text).not.toContain('secret');
    });

    it('refuse a parameter that comes twice, wherever question marks stand', async () => {
      for (const query of ['from=1&from=1', 'from=1?&from=1', 'a=b?c&a=d'])
        expect(await api.get(`/probe/rows?${query}`, { token })).toMatchObject(problem(400, 'malformed_request'));
    });

    it('name the methods that a known path takes', async () => {
      const answer = await api.delete('/healthz');
      expect(answer).toMatchObject(problem(405, 'method_not_allowed'));
      expect(answer.headers.get('allow')).toBe('GET, HEAD');
    });

    it('take the name of a list for no id, whatever the method', async () => {
      for (const [method, path, allowed] of [
        ['PUT', '/strategies/browse', 'GET, HEAD'],
        ['DELETE', '/strategies/validate/', 'POST'],
        ['GET', '/strategies/validate', 'POST'],
        ['DELETE', '/Backtests/Engines', 'GET, HEAD'],
        ['PATCH', '/jobs/queues', 'GET, HEAD'],
      ] as const) {
        const answer = await send(api.url, method, path, undefined, { token });
        expect([path, answer.status, answer.body.code, answer.headers.get('allow')]).toEqual([
          path,
          405,
          'method_not_allowed',
          allowed,
        ]);
      }
    });

    it('send callers of the control plane away', async () => {
      expect(await api.get('/manage/topology')).toMatchObject({
        ...problem(404, 'wrong_service'),
        body: { code: 'wrong_service', hint: expect.stringContaining('alphaswarm-cp') },
      });
    });

    it('answer what is no HTTP', async () => {
      expect(await api.get('/probe/item/%E0%A4%A')).toMatchObject(problem(400, 'malformed_request'));
      expect(await rawRequest(api.url, { headers: { 'x-long': 'x'.repeat(17_000) } })).toMatchObject({
        status: 431,
        type: 'application/problem+json',
      });
      expect(await rawRequest(api.url, { headers: { expect: '200-maybe' } })).toMatchObject({
        status: 417,
        type: 'application/problem+json',
      });
    });
  });

  describe('syntax of a body', () => {
    const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

    it.each([
      ['broken JSON', '{"name":'],
      ['trailing garbage', '{"name":"x"} x'],
      ['NaN', '{"count":NaN}'],
      ['a duplicate key', '{"name":"x","name":"y"}'],
      ['a duplicate key deep inside', '{"name":"x","config":{"a":[{"b":1,"\\u0062":2}]}}'],
      ['depth 33', `{"name":"x","config":{"a":${deep(31)}}}`],
      ['depth 100,000', deep(100_000)],
      ['a byte that is no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ])('refuses %s', async (_, body) => {
      expect(await echo(body)).toMatchObject(problem(400, 'malformed_request'));
    });

    it('takes depth 32 and colons, brackets and quotes inside of strings', async () => {
      const body = `{"name":"a:b{[\\"","config":{"a":${deep(30)}}}`;
      expect(await echo(body)).toMatchObject({ status: 200, body: { name: 'a:b{["' } });
    });

    it.each([
      ['gzip', gzipSync('{"name":"x"}'), { 'content-encoding': 'gzip' }],
      ['another charset', '{"name":"x"}', { 'content-type': 'application/json; charset=iso-8859-1' }],
      ['another type', 'name=x', { 'content-type': 'application/x-www-form-urlencoded' }],
      ['a broken type', '{}', { 'content-type': 'json' }],
    ])('refuses %s as unsupported', async (_, body, headers) => {
      expect(await echo(body, headers)).toMatchObject(problem(415, 'unsupported_media_type'));
    });

    it('takes a charset in any case', async () => {
      expect(await echo('{"name":"x"}', { 'content-type': 'application/json;charset=UTF-8' })).toMatchObject({
        status: 200,
      });
    });

    it('refuses a megabyte and one byte, announced or not', async () => {
      const body = `{"name":"${'x'.repeat(1_048_576 - 11)}"}`;
      expect(body).toHaveLength(1_048_576);
      expect(await echo(`${body} `)).toMatchObject(problem(413, 'payload_too_large'));
      expect(
        await rawRequest(api.url, {
          path: '/probe/echo',
          method: 'POST',
          headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
          body: `${body} `,
        }),
      ).toMatchObject({ status: 413 });
      expect(await echo(body)).toMatchObject(problem(422, 'validation_failed'));
    });

    it('comes before authentication, values after it', async () => {
      expect(await api.post('/probe/echo', '{')).toMatchObject(problem(400, 'malformed_request'));
      expect(await api.post('/probe/echo', '{"name":"\\u0000"}')).toMatchObject({ status: 401 });
    });

    it.each([
      ['NUL', '{"name":"a\\u0000b"}', '/name'],
      ['a lone surrogate', '{"name":"\\ud800"}', '/name'],
      ['a number beyond a double', '{"name":"x","config":{"a":1e400}}', '/config/a'],
      ['10,001 items', JSON.stringify({ name: 'x', config: { a: Array(10_001).fill(0) } }), '/config/a'],
      [
        '10,001 members',
        `{"name":"x","config":{${Array.from({ length: 10_001 }, (_, i) => `"k${i}":1`).join(',')}}}`,
        '/config',
      ],
      ['a key into the prototype', '{"name":"x","config":{"__proto__":{}}}', '/config/__proto__'],
    ])('refuses %s where it stands', async (_, body, pointer) => {
      expect(await echo(body)).toMatchObject({ ...problem(422, 'validation_failed'), body: { errors: [{ pointer }] } });
    });
  });

  describe('values', () => {
    it('are refused with one pointer each, nested and in lists', async () => {
      const { status, body } = await echo({
        count: 1.5,
        kind: 'c',
        ref: 'x',
        at: 'now',
        flag: 1,
        legs: [
          { symbol: 'A', quantity: 1 },
          { symbol: '', quantity: '2', extra: 1 },
        ],
        other: true,
      });
      expect(status).toBe(422);
      const errors = Object.fromEntries(
        (body.errors as { pointer: string; code: string }[]).map(({ pointer, code }) => [pointer, code]),
      );
      expect(errors).toEqual({
        '/name': 'required',
        '/count': 'type',
        '/kind': 'enum',
        '/ref': 'format',
        '/at': 'format',
        '/flag': 'type',
        '/other': 'unknown_field',
        '/legs/1/symbol': 'length',
        '/legs/1/quantity': 'type',
        '/legs/1/extra': 'unknown_field',
      });
    });

    it('are refused at once where more are unknown than an answer names', async () => {
      const crowd = Object.fromEntries(Array.from({ length: 9_000 }, (_, i) => [`k${i}`, 1]));
      for (const [body, pointer] of [
        [crowd, '/k0'],
        [{ name: 'x', legs: [{ symbol: 'A', quantity: 1, ...crowd }] }, '/legs/0/k0'],
      ] as const) {
        const { status, body: answer } = await echo(body);
        expect([status, answer.errors.length, answer.errors[0]]).toEqual([
          422,
          100,
          { pointer, code: 'unknown_field', message: expect.stringContaining('accepted') },
        ]);
      }
    });

    it('that are right pass, upper-case ids normalised', async () => {
      const body = {
        name: 'x',
        ref: '018CC251-F400-7000-8000-0000000000AA',
        flag: null,
        at: '2026-01-02T03:04:05.123Z',
        legs: [{ symbol: 'A', quantity: 0.5 }],
      };
      expect((await echo(body)).body).toEqual({ ...body, ref: body.ref.toLowerCase() });
    });

    it('must be an object', async () => {
      for (const body of ['[]', '"x"', '1', 'null']) expect((await echo(body)).status).toBe(422);
      expect((await echo(undefined)).body.errors).toEqual([
        { pointer: '/name', code: 'required', message: 'is required' },
      ]);
    });

    it('are refused where a route takes no body', async () => {
      const quiet = (body: unknown): Promise<ApiResponse> => api.post('/probe/quiet', body, { token });
      for (const body of [undefined, {}]) expect((await quiet(body)).status).toBe(204);
      expect(await quiet({ force: true })).toMatchObject({
        ...problem(422, 'validation_failed'),
        body: { errors: [{ pointer: '/force', code: 'unknown_field' }] },
      });
      for (const body of ['[]', '"x"', 'null'])
        expect(await quiet(body)).toMatchObject({ status: 422, body: { errors: [{ pointer: '', code: 'type' }] } });
    });

    it('come back without secrets', async () => {
      const { body } = await echo({ name: 'x', AKIAIOSFODNN7EXAMPLE: 1 });
      expect(body.errors).toEqual([{ pointer: '/[REDACTED]', code: 'unknown_field', message: expect.any(String) }]);
    });

    it('in a query are converted or refused', async () => {
      const ask = (query: string): Promise<ApiResponse> => api.get(`/probe/rows?${query}`, { token });
      expect((await ask('limit=200&odd=true')).status).toBe(200);
      for (const query of [
        'limit=0',
        'limit=201',
        'limit=1.0',
        'limit=',
        'limit=x',
        'odd=1',
        'what=1',
        'from=%00',
        'from=-1',
      ]) {
        expect(await ask(query)).toMatchObject({
          ...problem(422, 'validation_failed'),
          body: { errors: [{ pointer: expect.stringMatching(/^query:/) }] },
        });
      }
      expect(await ask('limit=1&limit=2')).toMatchObject(problem(400, 'malformed_request'));
    });

    it('have names that show as they are', async () => {
      for (const name of [
        'a\u202eb',
        'a\u0000b',
        'a\nb',
        '\u001b[31m',
        'a\u007f',
        'a\u0085b',
        ' ',
        '\u00a0\u3000',
        '\u200b',
      ]) {
        expect([name, await echo({ name })]).toMatchObject([
          name,
          { status: 422, body: { code: 'validation_failed', errors: [{ pointer: '/name', code: 'format' }] } },
        ]);
      }
      for (const name of ['Golden cross', ' a ', 'Zürich 東京', '👩‍🔬', '-'])
        expect(await echo({ name })).toMatchObject({ status: 200 });
    });
  });

  describe('headers', () => {
    it('tell a browser to run, frame, sniff and keep nothing', async () => {
      const { headers } = await api.get('/healthz');
      expect(
        Object.fromEntries(
          [
            'cache-control',
            'x-content-type-options',
            'strict-transport-security',
            'content-security-policy',
            'x-powered-by',
            'alphaswarm-version',
            'referrer-policy',
          ].map((name) => [name, headers.get(name)]),
        ),
      ).toEqual({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'strict-transport-security': 'max-age=63072000; includeSubDomains',
        'content-security-policy': "default-src 'none';frame-ancestors 'none';base-uri 'none';form-action 'none'",
        'x-powered-by': null,
        'alphaswarm-version': '2026-01-01',
        'referrer-policy': 'no-referrer',
      });
    });

    it('know one version', async () => {
      const ask = (version: string): Promise<ApiResponse> =>
        api.get('/probe/item/x', { token, headers: { 'alphaswarm-version': version } });
      expect((await ask('2026-01-01')).status).toBe(200);
      for (const version of ['2027-01-01', 'latest', '2025-12-31'])
        expect(await ask(version)).toMatchObject(problem(400, 'unknown_version'));
    });

    it('open the API to listed origins only, with credentials', async () => {
      const ask = (origin: string): Promise<ApiResponse> => api.get('/healthz', { headers: { origin } });
      const listed = (await ask('https://app.example')).headers;
      expect([listed.get('access-control-allow-origin'), listed.get('access-control-allow-credentials')]).toEqual([
        'https://app.example',
        'true',
      ]);
      expect(listed.get('access-control-expose-headers')).toContain('Idempotent-Replayed');
      expect((await ask(api.url)).headers.get('access-control-allow-origin')).toBe(api.url);
      expect((await ask('https://app.example.evil')).headers.get('access-control-allow-origin')).toBeNull();
    });

    it('carry the emptiest bucket once the caller is known', async () => {
      const { headers } = await api.get('/probe/item/x', { token });
      expect([headers.get('ratelimit-policy'), headers.get('ratelimit')]).toEqual([
        expect.stringMatching(/^"\w+";q=\d+;w=60$/),
        expect.stringMatching(/^"\w+";r=\d+;t=\d+$/),
      ]);
    });

    it('make a required precondition 428, a wrong one 412', async () => {
      const patch = (ifMatch?: string): Promise<ApiResponse> =>
        api.patch(
          '/probe/018cc251-f400-7000-8000-000000000001',
          { name: 'x' },
          { token, headers: ifMatch === undefined ? {} : { 'if-match': ifMatch } },
        );
      expect(await patch()).toMatchObject(problem(428, 'if_match_required'));
      expect(await patch('"2"')).toMatchObject(problem(412, 'version_mismatch'));
      for (const tag of ['W/"3"', '3', 'x']) expect((await patch(tag)).status).toBe(412);
      for (const tag of ['"3"', '*', '"2", "3"']) expect((await patch(tag)).status).toBe(200);
    });
  });

  it('accepts a trailing slash', async () => {
    expect((await api.get('/probe/item/x/', { token })).status).toBe(200);
  });

  it('answers 503 when a request takes too long', async () => {
    expect(await api.get('/probe/slow', { token })).toMatchObject(problem(503, 'timeout'));
  });

  describe('data.inline', () => {
    const bar = { vt_symbol: 'A.SIM', time: '2026-01-02', open: 1, high: 2, low: 0.5, close: 1.5, volume: null };
    const inline = (body: unknown): Promise<ApiResponse> => api.post('/probe/inline', body, { token });

    it('arrives as columns, the rest as a body', async () => {
      expect(
        await inline({ name: 'x', data: { inline: [bar, { ...bar, vt_symbol: 'B.SIM' }], repair: 'drop' } }),
      ).toMatchObject({
        status: 200,
        body: {
          name: 'x',
          rest: { repair: 'drop' },
          bars: { length: 2, symbols: ['A.SIM', 'B.SIM'], close: 1.5, volume: true },
        },
      });
      expect((await inline({ name: 'x' })).body).toEqual({ name: 'x' });
    });

    it('is told where a row is wrong', async () => {
      const { body } = await inline({
        data: {
          inline: [bar, { ...bar, open: '1', time: '2026-02-30', x: 1 }, 7, { ...bar, time: '2026-01-02T24:00:00Z' }],
        },
      });
      expect((body.errors as { pointer: string }[]).map(({ pointer }) => pointer).sort()).toEqual([
        '/data/inline/1/open',
        '/data/inline/1/time',
        '/data/inline/1/x',
        '/data/inline/2',
        '/data/inline/3/time',
      ]);
    });

    it('is read after authentication', async () => {
      expect((await api.post('/probe/inline', '{')).status).toBe(401);
      expect(await inline('{')).toMatchObject(problem(400, 'malformed_request'));
      expect(await inline({ data: { inline: Array(100_001).fill(1) } })).toMatchObject({
        ...problem(422, 'validation_failed'),
        body: { errors: [{ pointer: '/data/inline' }] },
      });
    });
  });

  it('spools uploads and hashes them on the way', async () => {
    const answer = await api.post('/probe/upload', 'abc', { token, headers: { 'content-type': 'text/csv' } });
    expect(answer.body).toEqual({
      bytes: 3,
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      type: 'text/csv',
    });
    expect(await api.post('/probe/upload', 'x'.repeat(1_000_001), { token })).toMatchObject(
      problem(413, 'payload_too_large'),
    );
  });
});

interface RawAnswer {
  status: number | undefined;
  type: string | undefined;
}

function rawRequest(
  base: string,
  {
    path = '/healthz',
    method = 'GET',
    headers = {},
    body,
  }: { path?: string; method?: string; headers?: Record<string, string>; body?: string },
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(base + path, { method, headers }, (response) => {
      response
        .resume()
        .once('end', () => resolve({ status: response.statusCode, type: response.headers['content-type'] }));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
