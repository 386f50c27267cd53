import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { type RequestListener, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Logger } from '@nestjs/common';
import { FixedClock } from '#kernel';
import { EgressConfig, loadTopic } from '#platform/config';
import { Egress } from '#platform/egress';
import { PlayedNetwork } from '#platform/egress/testing';
import { AccessMetrics } from '../access-metrics.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { type KeySource, lifeMs } from './key-source.ts';

const ISSUER = 'https://login.example.com/{tenantid}/v2.0';
const issuerOf = (tenant: string) => ISSUER.replace('{tenantid}', tenant);
const A = issuerOf('aaaaaaaa-0000-4000-8000-000000000001');
const B = issuerOf('aaaaaaaa-0000-4000-8000-000000000002');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const rsa = (kid: string, more: object = {}) => ({
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }),
  kid,
  ...more,
});

describe('IssuerKeys', () => {
  const one = rsa('one', { use: 'sig', alg: 'RS256' });
  const two = rsa('two');
  let published: unknown[];
  let asked: string[];
  let answer: RequestListener | undefined;
  let document: Record<string, unknown>;
  let cacheControl: string;
  let clock: FixedClock;
  let egress: Egress;
  let source: KeySource;
  let keys: IssuerKeys;
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (answer) return answer(request, response);
    response.setHeader('cache-control', cacheControl);
    response.end(JSON.stringify(request.url === '/keys' ? { keys: published } : document));
  });

  beforeAll(async () => {
    Logger.overrideLogger(false);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => server.close());

  beforeEach(() => {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    source = { provider: 'entra', issuer: ISSUER, metadataUrl: `${origin}/document` };
    const env = { ALPHASWARM_ENV: 'test', ALPHASWARM_ENTRA_METADATA_URL: source.metadataUrl };
    egress = new Egress(loadTopic(EgressConfig, env), new PlayedNetwork(''));
    document = { issuer: ISSUER, jwks_uri: `${origin}/keys` };
    published = [one];
    asked = [];
    answer = undefined;
    cacheControl = '';
    clock = new FixedClock('2026-01-02T03:04:05Z');
    keys = new IssuerKeys(source, egress, clock, new AccessMetrics());
  });
  afterEach(async () => {
    await egress.onApplicationShutdown();
    server.closeAllConnections();
  });

  const found = async (id: string, issuer = A): Promise<boolean> => (await keys.find(id, issuer)) !== undefined;
  const refreshes = () => asked.filter((url) => url === '/document').length;
  /** Lets a refresh that nobody waits for come to its end. */
  const settled = async (count: number) => {
    while (refreshes() < count) await new Promise((next) => setTimeout(next, 5));
    await new Promise((next) => setTimeout(next, 30));
  };

  it('asks once for many, and says what was published', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => keys.find('one', A)));
    expect(new Set(all).size).toBe(1);
    expect(all[0]).toMatchObject({ id: 'one', algorithm: 'RS256', use: 'sig' });
    expect(all[0]?.key.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
    expect(asked).toEqual(['/document', '/keys']);
  });

  it('refreshes at 80 % of the life without anybody waiting, and keeps what is unchanged as it is', async () => {
    const before = await keys.find('one', A);
    clock.advance(0.8 * HOUR - 1);
    await found('one');
    expect(refreshes()).toBe(1);
    published = [one, two];
    clock.advance(1);
    expect(await keys.find('one', A)).toBe(before);
    await settled(2);
    expect(await found('two')).toBe(true);
    expect(await keys.find('one', A)).toBe(before);
    expect(refreshes()).toBe(2);
  });

  it('finds the key of a rotation by one refresh, and holds no key that is gone', async () => {
    const old = await keys.find('one', A);
    published = [two];
    expect(await Promise.all(Array.from({ length: 20 }, () => found('two')))).toEqual(Array(20).fill(true));
    expect(refreshes()).toBe(2);
    expect(old && keys.holds(old)).toBe(false);
    expect(await found('one')).toBe(false);
  });

  it('asks for unknown ids once in 5 minutes, whoever makes them up', async () => {
    await found('one');
    for (let id = 0; id < 100; id++) expect(await found(`made-up-${id}`)).toBe(false);
    expect(refreshes()).toBe(2);
    clock.advance(5 * MINUTE - 1);
    expect(await found('made-up-200')).toBe(false);
    expect(refreshes()).toBe(2);
    clock.advance(1);
    expect(await found('made-up-200')).toBe(false);
    expect(refreshes()).toBe(3);
    clock.advance(5 * MINUTE - 1);
    expect(await found('made-up-200')).toBe(false);
    expect(refreshes()).toBe(3);
  });

  it('asks for an unknown id again 5 s after a failure', async () => {
    await found('one');
    published = [];
    expect(await found('two')).toBe(false);
    published = [one, two];
    clock.advance(4_999);
    expect(await found('two')).toBe(false);
    clock.advance(1);
    expect(await found('two')).toBe(true);
    expect(refreshes()).toBe(3);
  });

  it('answers 503 while no key was ever had, asking every 5 s', async () => {
    answer = (_, response) => response.writeHead(500).end();
    const refusal = { status: 503, code: 'idp_unavailable', options: { headers: { 'Retry-After': '5' } } };
    await expect(keys.find('one', A)).rejects.toMatchObject(refusal);
    answer = undefined;
    clock.advance(4_999);
    await expect(keys.find('one', A)).rejects.toMatchObject(refusal);
    expect(refreshes()).toBe(1);
    clock.advance(1);
    expect(await found('one')).toBe(true);
  });

  it('serves old keys for a day past their end, and none after it', async () => {
    const key = await keys.find('one', A);
    answer = (_, response) => response.writeHead(500).end();
    clock.advance(HOUR);
    expect(await found('one')).toBe(true);
    clock.advance(24 * HOUR - 1);
    expect(await found('one')).toBe(true);
    await settled(3);
    expect(key && keys.holds(key)).toBe(true);
    clock.advance(5_001);
    expect(key && keys.holds(key)).toBe(false);
    await expect(keys.find('one', A)).rejects.toMatchObject({ code: 'idp_unavailable' });
  });

  it.each<[what: string, spoil: () => void]>([
    ['HTML', () => (answer = (_, response) => response.end('<html>'))],
    ['a list', () => (answer = (_, response) => response.end('[]'))],
    ['a redirect', () => (answer = (_, response) => response.writeHead(302, { location: '/keys' }).end())],
    ['1 MiB', () => (answer = (_, response) => response.end(' '.repeat(1024 * 1024)))],
    ['a document of another issuer', () => (document.issuer = A)],
    ['a document without keys', () => (document.jwks_uri = undefined)],
    ['keys on another host', () => (document.jwks_uri = 'https://elsewhere.example.com/keys')],
    ['51 keys', () => (published = Array.from({ length: 51 }, (_, id) => ({ ...one, kid: `${id}` })))],
    ['no list', () => (published = 'none' as unknown as unknown[])],
    ['nothing but a private key', () => (published = [{ ...one, d: 'AAAA' }])],
    ['nothing but a symmetric key', () => (published = [{ kty: 'oct', k: 'AAAA', kid: 'one' }])],
    ['keys that are none', () => (published = [null, {}, { kty: 'RSA', kid: 'one' }])],
  ])('discards %s and keeps the keys it had', async (_, spoil) => {
    const cold = new IssuerKeys(source, egress, clock, new AccessMetrics());
    await found('one');
    spoil();
    clock.advance(HOUR);
    expect(await found('one')).toBe(true);
    expect(refreshes()).toBe(2);
    await expect(cold.find('one', A)).rejects.toMatchObject({ code: 'idp_unavailable' });
  });

  it('takes the rest of a set with bad keys', async () => {
    published = [two, { ...one, d: 'AAAA' }, { kty: 'oct', k: 'AAAA', kid: 'three' }];
    expect([await found('two'), await found('one'), await found('three')]).toEqual([true, false, false]);
  });

  it('waits 5 s for a document that trickles when it has no key, and not at all when it has one', async () => {
    const cold = new IssuerKeys(source, egress, clock, new AccessMetrics());
    await found('one');
    answer = (_, response) => {
      response.writeHead(200);
      const trickle = setInterval(() => response.write(' '), 1_000);
      response.once('close', () => clearInterval(trickle));
    };
    clock.advance(0.9 * HOUR);
    const started = performance.now();
    expect(await found('one')).toBe(true);
    expect(performance.now() - started).toBeLessThan(50);
    await expect(cold.find('one', A)).rejects.toMatchObject({ code: 'idp_unavailable' });
    expect(performance.now() - started).toBeLessThan(5_500);
  }, 10_000);

  it('takes 50 keys', async () => {
    published = Array.from({ length: 50 }, (_, id) => ({ ...one, kid: `${id}` }));
    expect(await found('49')).toBe(true);
  });

  it('gives a key with an issuer of its own to the tokens of that issuer alone', async () => {
    published = [
      { ...one, issuer: A },
      { ...two, issuer: ISSUER },
      { ...one, kid: 'three', issuer: 1 },
    ];
    expect([await found('one', A), await found('one', B)]).toEqual([true, false]);
    expect([await found('two', A), await found('two', B)]).toEqual([true, true]);
    expect([await found('two', issuerOf('common')), await found('three', A)]).toEqual([false, false]);
  });

  it.each([
    ['', HOUR],
    ['no-store', HOUR],
    ['max-age=0', 5 * MINUTE],
    ['public, max-age=299', 5 * MINUTE],
    ['public, max-age=301', 301_000],
    ['max-age=86399', 86_399_000],
    ['max-age=999999, public', 24 * HOUR],
    ['s-maxage=600', HOUR],
  ])('keeps keys as Cache-Control says: %s', (header, expected) => expect(lifeMs(header)).toBe(expected));
});
