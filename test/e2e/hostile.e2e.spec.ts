import { connect } from 'node:net';
import fc from 'fast-check';
import { PROBE_TABLE, ProbeModule } from './support/probe.module.ts';
import { TestApi } from './support/index.ts';

const RAISED = {
  ALPHASWARM_RATE_WRITE: '1000000',
  ALPHASWARM_RATE_PRINCIPAL: '1000000',
  ALPHASWARM_RATE_ORG: '1000000',
  ALPHASWARM_RATE_IP: '1000000',
};

describe('hostile input', () => {
  let api: TestApi;
  let token: string;

  beforeAll(async () => {
    api = await TestApi.start({ modules: [ProbeModule], env: RAISED });
    await api.database.owner.query(PROBE_TABLE);
    token = await api.token('ann');
  });

  afterAll(() => api.stop());

  const head = (line: string, ...headers: string[]): string =>
    [line, 'Host: x', 'Connection: close', ...headers, '', ''].join('\r\n');

  it.each([
    ['two slashes', head('GET //healthz HTTP/1.1')],
    ['a climbing path', head('GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1')],
    ['an absolute target', head('GET http://evil.example/healthz HTTP/1.1')],
    ['an asterisk', head('OPTIONS * HTTP/1.1')],
    ['TRACE', head('TRACE /healthz HTTP/1.1')],
    ['CONNECT', head('CONNECT evil.example:443 HTTP/1.1')],
    ['a lower-case method', head('get /healthz HTTP/1.1')],
    ['a NUL in the target', head('GET /health\0z HTTP/1.1')],
    ['UTF-8 in the target', head('GET /healthz\u00e9 HTTP/1.1')],
    ['a broken escape', head('GET /probe/item/%ZZ HTTP/1.1', 'Authorization: Bearer x')],
    ['an overlong escape', head('GET /%c0%ae HTTP/1.1')],
    ['HTTP/2 in the clear', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    [
      'an upgrade nobody serves',
      head(
        'GET /nowhere HTTP/1.1',
        'Upgrade: websocket',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Version: 13',
      ),
    ],
    [
      'an upgrade to no address',
      head(
        'GET //[ HTTP/1.1',
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Version: 13',
      ),
    ],
    [
      'length and chunks at once',
      head('POST /probe/echo HTTP/1.1', 'Content-Length: 4', 'Transfer-Encoding: chunked') + '0\r\n\r\n',
    ],
    ['two lengths', head('POST /probe/echo HTTP/1.1', 'Content-Length: 4', 'Content-Length: 5') + 'abcd'],
    ['a negative length', head('POST /probe/echo HTTP/1.1', 'Content-Length: -1')],
    [
      'a huge length',
      head('POST /probe/echo HTTP/1.1', 'Content-Type: application/json', 'Content-Length: 99999999999'),
    ],
    [
      'a bad chunk',
      head('POST /probe/echo HTTP/1.1', 'Content-Type: application/json', 'Transfer-Encoding: chunked') + 'zz\r\n',
    ],
    ['a folded header', head('GET /healthz HTTP/1.1', 'X-A: b', ' c')],
    ['a version that is none', head('GET /healthz HTTP/9.9')],
    ['a tunnelled address', head('GET /healthz HTTP/1.1', "X-Forwarded-For: '; DROP TABLE users")],
    ['an expectation', head('POST /probe/echo HTTP/1.1', 'Expect: 200-maybe', 'Content-Length: 0')],
    ['no host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['plain text', 'hello\r\n\r\n'],
  ])('%s is refused or served, never 5xx, within two seconds', async (_, bytes) => {
    const status = await exchange(api.url, bytes);
    expect(status === 'closed' || (status >= 200 && status < 500)).toBe(true);
  });

  it('any path, query and header gets an answer below 500', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 }).map((value) => encodeURIComponent(value.toWellFormed()));
    await fc.assert(
      fc.asyncProperty(
        text,
        text,
        text,
        fc.constantFrom('/probe/item/', '/tenancy/orgs/', '/probe/rows/', '/'),
        async (path, name, value, base) => {
          const { status } = await api.get(`${base}${path}?${name}=${value}`, {
            token,
            headers: { 'x-alphaswarm-workspace': value.slice(0, 60), 'idempotency-key': name },
          });
          expect(status).toBeLessThan(500);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('any JSON body gets an answer below 500 and leaves no pending run', async () => {
    const body = fc.oneof(
      fc.json(),
      fc.jsonValue({ maxDepth: 40 }).map((value) => JSON.stringify(value)),
      fc
        .record({ name: fc.jsonValue(), count: fc.jsonValue(), legs: fc.array(fc.jsonValue()), config: fc.jsonValue() })
        .map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom('/probe', '/probe/echo', '/probe/inline'), async (text, path) => {
        const { status } = await api.post(path, text, { token });
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 200 },
    );
    const {
      rows: [row],
    } = await api.database.owner.query<{ n: number }>(
      "SELECT count(*)::int n FROM workload_runs WHERE status = 'pending'",
    );
    expect(row?.n).toBe(0);
  });
});

function exchange(base: string, bytes: string): Promise<number | 'closed'> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    const late = setTimeout(() => reject(new Error('no answer within two seconds')), 2_000);
    const settle = (answer: number | 'closed'): void => {
      clearTimeout(late);
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (data: Buffer) => settle(Number(data.toString('latin1').split(' ')[1])));
    socket.once('close', () => settle('closed'));
    socket.once('error', () => settle('closed'));
  });
}
