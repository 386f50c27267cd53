import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { EgressConfig, loadTopic } from '#platform/config';
import { EgressError } from './egress-error.ts';
import { Egress, type EgressRequest } from './egress.ts';
import { PlayedNetwork } from './testing/played-network.ts';
import { selfSigned } from './testing/self-signed.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

const NAME = 'keys.example.com';
const PUBLIC = '93.184.215.14';
const MIB = 1024 * 1024;

const raw = (length: number | string, body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${body}`;

describe('Egress', () => {
  const { key, cert } = selfSigned(NAME);
  const plainly: Handler = (_, response) => response.end('answer');
  const opened = new Set<unknown>();
  let answer: Handler;
  const https = createHttps({ key, cert }, (request, response) => answer(request, response));
  const http = createHttp((request, response) => answer(request, response));
  const servers: Server[] = [https, http];
  let network: PlayedNetwork;
  let egress: Egress;
  let host: string;
  let origin: string;

  const get = (given: Partial<EgressRequest> = {}) =>
    egress.request({ url: `https://${host}/`, method: 'GET', allow: [host], ...given });
  const reasonOf = (given: Partial<EgressRequest> = {}) =>
    get(given).then(
      ({ status }) => `answered ${status}`,
      (error: unknown) => (error instanceof EgressError ? error.reason : error),
    );

  beforeAll(async () => {
    for (const server of servers) {
      server.on('connection', (socket) => opened.add(socket));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    const [secure, plain] = servers.map((server) => (server.address() as AddressInfo).port);
    host = `${NAME}:${secure}`;
    origin = `http://127.0.0.1:${plain}`;
  });

  beforeEach(() => {
    answer = plainly;
    opened.clear();
    network = new PlayedNetwork(cert);
    network.names.set(NAME, [[PUBLIC]]);
    const env = { ALPHASWARM_ENV: 'test', ALPHASWARM_AUTH0_METADATA_URL: `${origin}/.well-known/openid-configuration` };
    egress = new Egress(loadTopic(EgressConfig, env), network);
  });

  afterEach(async () => {
    await egress.onApplicationShutdown();
    for (const server of servers) server.closeAllConnections();
  });

  afterAll(() => {
    for (const server of servers) server.close();
  });

  it('brings status, headers and body of any answer, and sends what it is given', async () => {
    let got: Record<string, unknown> = {};
    answer = async (request, response) => {
      const { method, url, headers, socket } = request;
      const { servername } = socket as TLSSocket & { servername: string };
      got = { method, url, headers, servername, body: await text(request) };
      response.writeHead(418, { 'content-type': 'text/plain', etag: '"1"' }).end('short');
    };
    const told = await get({
      url: `https://${host}/token?a=b%20c#part`,
      method: 'POST',
      headers: { 'Content-Type': 'text/csv', Host: 'elsewhere.example.com', 'Accept-Encoding': 'gzip' },
      body: 'x,y',
    });
    expect(told).toMatchObject({ status: 418, headers: { etag: '"1"' }, body: Buffer.from('short') });
    expect(got).toMatchObject({
      method: 'POST',
      url: '/token?a=b%20c',
      servername: NAME,
      headers: { host, 'accept-encoding': 'identity', 'content-type': 'text/csv', 'content-length': '3' },
      body: 'x,y',
    });
  });

  // Scenario 67: all of these are allowed by their caller, so nothing but the guard stops them.
  describe.each<[what: string, url: string, addresses: string[] | undefined, reason: string]>([
    ['loopback', 'https://127.0.0.1/', undefined, 'address_refused'],
    ['loopback in one number', 'https://2130706433/', undefined, 'address_refused'],
    ['loopback in octal', 'https://0177.0.0.1/', undefined, 'address_refused'],
    ['loopback in hexadecimal', 'https://0x7f.1/', undefined, 'address_refused'],
    ['loopback of IPv6', 'https://[::1]/', undefined, 'address_refused'],
    ['IPv4-mapped loopback', 'https://[::ffff:127.0.0.1]/', undefined, 'address_refused'],
    ['any address', 'https://0.0.0.0/', undefined, 'address_refused'],
    ['a public address', 'https://93.184.215.14/', undefined, 'address_refused'],
    ['a name of the metadata service', 'https://a.example.com/', ['169.254.169.254'], 'address_refused'],
    ['a name of a private machine', 'https://a.example.com/', ['10.1.2.3'], 'address_refused'],
    ['a name of loopback', 'https://localhost/', ['::1', '127.0.0.1'], 'address_refused'],
    ['a name with a NAT64 address', 'https://a.example.com/', ['64:ff9b::a9fe:a9fe'], 'address_refused'],
    ['a name with a public and a private address', 'https://a.example.com/', [PUBLIC, '10.1.2.3'], 'address_refused'],
    ['http', 'http://a.example.com/', [PUBLIC], 'not_https'],
    ['another scheme', 'file:///etc/passwd', undefined, 'not_https'],
  ])('asked for %s', (_, url, addresses, reason) => {
    it(`refuses as ${reason} and opens nothing`, async () => {
      const { host: named, hostname } = new URL(url);
      if (addresses) network.names.set(hostname, [addresses]);
      expect(await reasonOf({ url, allow: [named] })).toBe(reason);
      expect(network.dialed).toEqual([]);
    });
  });

  it.each([
    ['another host', () => 'https://evil.example.com/'],
    ['another port', () => `https://${NAME}/`],
    ['a port that is named nowhere', () => `https://${NAME}:8443/`],
    ['the host as a name before another', () => `https://${NAME}@evil.example.com/`],
    ['a name before the host', () => `https://user@${host}/`],
    ['a password before the host', () => `https://:secret@${host}/`],
    ['the host with a dot at its end', () => `https://${host.replace(':', '.:')}/`],
    ['the host as the end of another', () => `https://evil-${host}/`],
    ['the host as the beginning of another', () => `https://${NAME}.evil.example.com/`],
    ['another origin of the loopback', () => origin.replace(/\d+$/, '1').replace('http', 'https')],
  ])('refuses %s and asks for no address', async (_, url) => {
    expect(await reasonOf({ url: url() })).toBe('host_not_allowed');
    expect(network.asked).toEqual([]);
  });

  it('has a reason for what is no URL', async () => {
    expect(await reasonOf({ url: 'keys' })).toBe('not_https');
  });

  it('looks once per connection and connects to what it judged, whatever the name answers next', async () => {
    network.names.set(NAME, [[PUBLIC], ['127.0.0.1']]);
    answer = (_, response) => response.setHeader('connection', 'close').end();
    expect(await reasonOf()).toBe('answered 200');
    expect(network).toMatchObject({ asked: [NAME], dialed: [PUBLIC] });
    expect(await reasonOf()).toBe('address_refused');
    expect(network).toMatchObject({ asked: [NAME, NAME], dialed: [PUBLIC] });
    expect(opened.size).toBe(1);
  });

  it('uses a connection again, which stays with the address that was judged', async () => {
    network.names.set(NAME, [[PUBLIC], ['127.0.0.1']]);
    for (let call = 0; call < 3; call++) {
      expect(await reasonOf()).toBe('answered 200');
      // undici gives a connection back a turn after its answer.
      await setTimeout(5);
    }
    expect(network).toMatchObject({ asked: [NAME], dialed: [PUBLIC] });
    expect(opened.size).toBe(1);
  });

  it('keeps answers of concurrent calls apart, 16 connections at once', async () => {
    answer = async ({ url }, response) => {
      await setTimeout(5);
      response.end(url);
    };
    const paths = Array.from({ length: 100 }, (_, index) => `/${index}`);
    const answers = await Promise.all(paths.map((path) => get({ url: `https://${host}${path}` })));
    expect(answers.map(({ body }) => String(body))).toEqual(paths);
    expect(opened.size).toBe(16);
  });

  it.each([301, 302, 303, 307, 308, 300, 304])('follows no redirect: %i', async (status) => {
    const asked: unknown[] = [];
    answer = ({ url }, response) => {
      asked.push(url);
      response.writeHead(status, { location: `https://${host}/next` }).end();
    };
    expect(await reasonOf()).toBe('redirect');
    expect(asked).toEqual(['/']);
  });

  describe('about time', () => {
    it('ends an answer that trickles, however alive it is', async () => {
      const closed = Promise.withResolvers<void>();
      answer = (_, response) => {
        response.writeHead(200);
        const trickle = setInterval(() => response.write('.'), 20);
        response.once('close', () => (clearInterval(trickle), closed.resolve()));
      };
      const started = performance.now();
      expect(await reasonOf({ limits: { totalMs: 200 } })).toBe('timeout');
      expect(performance.now() - started).toBeLessThan(1_000);
      await closed.promise;
    });

    it('ends headers that trickle', async () => {
      answer = ({ socket }) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const trickle = setInterval(() => socket.write('a: b\r\n'), 20);
        socket.once('close', () => clearInterval(trickle));
      };
      expect(await reasonOf({ limits: { totalMs: 200 } })).toBe('timeout');
    });

    it('gives a connection 3 s and the whole exchange 5 s unless told otherwise', async () => {
      const silent = createServer();
      silent.listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const mute = `${NAME}:${(silent.address() as AddressInfo).port}`;
      answer = () => undefined;
      const started = performance.now();
      const took = async (given: Partial<EgressRequest>) => [await reasonOf(given), performance.now() - started];
      const [connection, exchange] = await Promise.all([
        took({ url: `https://${mute}/`, allow: [mute], limits: { totalMs: 20_000 } }),
        took({}),
      ]);
      silent.close();
      expect(connection).toEqual(['timeout', expect.any(Number)]);
      expect(connection[1]).toBeGreaterThan(2_900);
      expect(connection[1]).toBeLessThan(4_500);
      expect(exchange).toEqual(['timeout', expect.any(Number)]);
      expect(exchange[1]).toBeGreaterThan(4_900);
      expect(exchange[1]).toBeLessThan(6_000);
    }, 10_000);

    it('counts the search for addresses', async () => {
      network.resolve = () => new Promise(() => undefined);
      expect(await reasonOf({ limits: { totalMs: 100 } })).toBe('timeout');
    });

    it('counts the wait for a free connection', async () => {
      answer = () => undefined;
      const calls = Array.from({ length: 20 }, () => reasonOf({ limits: { totalMs: 200 } }));
      expect(new Set(await Promise.all(calls))).toEqual(new Set(['timeout']));
    });

    it.each<[string, (abort: () => void) => void]>([
      ['before the call', (abort) => abort()],
      ['while it looks for addresses', (abort) => (network.resolve = () => (abort(), new Promise(() => undefined)))],
      ['before the answer', (abort) => (answer = abort)],
      ['within the answer', (abort) => (answer = (_, response) => response.write('first', () => setImmediate(abort)))],
    ])('ends with the reason of the caller %s', async (_, abortAt) => {
      const caller = new AbortController();
      abortAt(() => caller.abort('no longer needed'));
      expect(await reasonOf({ signal: caller.signal })).toBe('no longer needed');
    });
  });

  describe('about bytes', () => {
    it('takes 256 KiB and not one more', async () => {
      answer = ({ url }, response) => response.end(Buffer.alloc(256 * 1024 + Number(url?.slice(1))));
      expect((await get({ url: `https://${host}/0` })).body).toHaveLength(256 * 1024);
      expect(await reasonOf({ url: `https://${host}/1` })).toBe('too_large');
    });

    it('takes as many as the caller says', async () => {
      answer = (_, response) => response.end(Buffer.alloc(MIB));
      expect((await get({ limits: { maxBytes: MIB } })).body).toHaveLength(MIB);
      expect(await reasonOf({ limits: { maxBytes: MIB - 1 } })).toBe('too_large');
    });

    it('believes a length that is too large, and hangs up unread', async () => {
      const closed = Promise.withResolvers<void>();
      answer = (_, response) => {
        response.once('close', closed.resolve).writeHead(200, { 'content-length': MIB }).write('.');
      };
      const started = performance.now();
      expect(await reasonOf()).toBe('too_large');
      await closed.promise;
      // The limit of time would hang up as well.
      expect(performance.now() - started).toBeLessThan(2_000);
    });

    it('stops a stream without a length, and its sender', async () => {
      let sent = 0;
      const closed = Promise.withResolvers<void>();
      answer = (_, response) => {
        const flood = setInterval(() => {
          response.write(Buffer.alloc(64 * 1024));
          sent += 64 * 1024;
        }, 1);
        response.once('close', () => (clearInterval(flood), closed.resolve()));
      };
      expect(await reasonOf()).toBe('too_large');
      await closed.promise;
      expect(sent).toBeLessThan(16 * MIB);
    });

    it('takes an answer that ends before its length for broken', async () => {
      answer = async (_, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('less');
        await setTimeout(20);
        response.socket?.end();
      };
      expect(await reasonOf()).toBe('unreachable');
    });

    it('gives nobody what follows an answer that is longer than its length', async () => {
      answer = ({ url, socket }, response) => {
        if (url === '/next') response.end('its own');
        else socket.write(`${raw(2, '{}')}${raw(4, 'evil')}`);
      };
      const [first, next] = await Promise.all([get(), get({ url: `https://${host}/next` })]);
      expect(String(first.body)).toBe('{}');
      expect(String(next.body)).toBe('its own');
      expect(String((await get({ url: `https://${host}/next` })).body)).toBe('its own');
    });

    it('decompresses nothing', async () => {
      const bomb = gzipSync(Buffer.alloc(64 * MIB));
      answer = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
      expect(await reasonOf()).toBe('encoded');
    });

    it('takes header fields up to 16 KiB', async () => {
      answer = ({ url }, response) => response.setHeader('a', 'b'.repeat(Number(url?.slice(1)))).end();
      expect(await reasonOf({ url: `https://${host}/15000` })).toBe('answered 200');
      expect(await reasonOf({ url: `https://${host}/17000` })).toBe('too_large');
    });
  });

  describe('about the other side', () => {
    it.each<[string, Handler]>([
      ['ends the connection', ({ socket }) => socket.destroy()],
      ['speaks no HTTP', ({ socket }) => socket.end('220 mail.example.com ESMTP\r\n')],
      ['has two lengths', ({ socket }) => socket.end(raw('1\r\nContent-Length: 2', 'ab'))],
    ])('calls it unreachable when it %s', async (_, handler) => {
      answer = handler;
      expect(await reasonOf()).toBe('unreachable');
    });

    it('calls a name without address unreachable, and a port without server', async () => {
      network.names.delete(NAME);
      await expect(get()).rejects.toThrow(`${host}: unreachable (ENOTFOUND)`);
      network.names.set(NAME, [[PUBLIC]]);
      await expect(get({ url: `https://${NAME}:1/`, allow: [`${NAME}:1`] })).rejects.toThrow(
        `${NAME}:1: unreachable (ECONNREFUSED)`,
      );
    });

    it('trusts no certificate of another name, nor of an unknown authority', async () => {
      network.names.set('other.example.com', [[PUBLIC]]);
      const other = host.replace(NAME, 'other.example.com');
      await expect(get({ url: `https://${other}/`, allow: [other] })).rejects.toThrow('ERR_TLS_CERT_ALTNAME_INVALID');
      const stranger = new PlayedNetwork(selfSigned(NAME).cert);
      stranger.names.set(NAME, [[PUBLIC]]);
      const wary = new Egress(loadTopic(EgressConfig, {}), stranger);
      await expect(wary.request({ url: `https://${host}/`, method: 'GET', allow: [host] })).rejects.toThrow(
        /unreachable \((DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_SIGNATURE_FAILURE)\)/,
      );
      await wary.onApplicationShutdown();
    });

    it('quotes nothing of request or answer in an error', async () => {
      answer = ({ socket }) => socket.end('canary-answer\r\n\r\n');
      const secrets = { headers: { 'x-canary-name': 'canary-value' }, method: 'POST' as const, body: 'canary-body' };
      const url = `https://${host}/canary-path?canary=query`;
      const wrong = { ...secrets, headers: { 'x-canary': 'canary\nvalue' } };
      for (const given of [
        { ...secrets, url },
        { ...secrets, url: `https://canary:canary@${host}/` },
      ]) {
        const error: unknown = await get(given).catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(EgressError);
        expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/canary/);
      }
      await expect(get(wrong)).rejects.toThrow(/^invalid x-canary header$/);
    });
  });

  it('ends its calls when the service ends', async () => {
    answer = () => egress.onApplicationShutdown();
    await expect(get()).rejects.toThrow(`${host}: unreachable (UND_ERR_DESTROYED)`);
  });

  describe('in a test', () => {
    const from = (url: string, egressOf: Egress) =>
      egressOf.request({ url, method: 'GET', allow: [new URL(url).host] }).then(
        ({ body }) => String(body),
        (error: EgressError) => error.reason,
      );

    it('calls http on the loopback origins that the configuration names, and on no other', async () => {
      expect(await from(`${origin}/keys`, egress)).toBe('answer');
      expect(await from(`${origin.replace('127.0.0.1', 'localhost')}/`, egress)).toBe('not_https');
      expect(await from('http://127.0.0.1:1/', egress)).toBe('not_https');
      expect(await from(origin.replace('http', 'https'), egress)).toBe('address_refused');
      const closed = new Egress(loadTopic(EgressConfig, { ALPHASWARM_ENV: 'test' }), network);
      expect(await from(`${origin}/keys`, closed)).toBe('not_https');
    });

    it('still asks who may be called', async () => {
      expect(await reasonOf({ url: `${origin}/` })).toBe('host_not_allowed');
    });
  });
});
