import { KeyObject, createHmac, createSecretKey, generateKeyPairSync } from 'node:crypto';
import { type CryptoKey, SignJWT, exportSPKI, generateKeyPair } from 'jose';
import { FixedClock } from '#kernel';
import { LOCAL_AUDIENCE, LOCAL_ISSUER, localClaims } from './local-issuer.ts';
import { type RejectionReason, TokenRejectedError } from './token-rejection.ts';
import { TokenVerifier } from './token-verifier.ts';
import { type TokenClaims, TrustEntry, type TrustedKey } from './trust-entry.ts';

const NOW = 1_767_323_045;
const KID = 'key-1';

/** The local issuer's rules over keys that the test holds. */
class TestEntry extends TrustEntry {
  readonly provider = 'local';
  readonly algorithms: ReadonlySet<string> = new Set(['RS256']);
  readonly keys = new Map<string, TrustedKey>();
  asked = 0;

  trusts(issuer: string): boolean {
    return issuer === LOCAL_ISSUER;
  }

  async key(keyId: string): Promise<TrustedKey | undefined> {
    this.asked++;
    return this.keys.get(keyId);
  }

  holds(key: TrustedKey): boolean {
    return this.keys.get(key.id) === key;
  }

  claims(payload: Readonly<Record<string, unknown>>, now: number): TokenClaims | RejectionReason {
    return localClaims(payload, now);
  }
}

/** Strict: it must never be asked anything. */
class UntouchableEntry extends TrustEntry {
  readonly provider = 'auth0';
  readonly algorithms: ReadonlySet<string> = new Set(['RS256']);
  trusts(issuer: string): boolean {
    return issuer === 'https://auth.example/';
  }
  key(): never {
    throw new Error('the other issuer was asked for a key');
  }
  holds(): never {
    throw new Error('the other issuer was asked about a key');
  }
  claims(): never {
    throw new Error('the other issuer was asked to judge');
  }
}

describe('TokenVerifier', () => {
  const clock = new FixedClock(NOW * 1000);
  const entry = new TestEntry();
  const verifier = new TokenVerifier([new UntouchableEntry(), entry], clock);
  let key: CryptoKey;
  let foreign: CryptoKey;
  let publicPem: string;

  beforeAll(async () => {
    const pair = await generateKeyPair('RS256', { extractable: true });
    key = pair.privateKey;
    publicPem = await exportSPKI(pair.publicKey);
    const trusted = { id: KID, key: KeyObject.from(pair.publicKey) };
    entry.keys.set(KID, trusted);
    entry.keys.set('wrong-alg', { ...trusted, algorithm: 'PS256' });
    entry.keys.set('encryption', { ...trusted, use: 'enc' });
    entry.keys.set('symmetric', { id: 'symmetric', key: createSecretKey(Buffer.alloc(32)) });
    foreign = (await generateKeyPair('RS256', { extractable: true })).privateKey;
    entry.keys.set('short', { id: 'short', key: generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey });
    entry.keys.set('curve', { id: 'curve', key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey });
  });

  const GOOD = {
    iss: LOCAL_ISSUER,
    aud: LOCAL_AUDIENCE,
    sub: 'ann',
    org: 'acme',
    scp: 'admin:org data:read',
    iat: NOW,
    exp: NOW + 3_600,
    jti: 'j',
  };
  const encode = (value: unknown): string =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  const sign = (claims: object = {}, header: object = {}, signer = key): Promise<string> =>
    new SignJWT({ ...GOOD, ...claims }).setProtectedHeader({ alg: 'RS256', kid: KID, ...header }).sign(signer);
  /** Signed by Node itself, for tokens that jose refuses to make. */
  const raw = async (header: unknown, payload: unknown = GOOD): Promise<string> => {
    const input = `${encode(header)}.${encode(payload)}`;
    const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', key, Buffer.from(input));
    return `${input}.${Buffer.from(signature).toString('base64url')}`;
  };
  const reasonOf = async (token: string): Promise<string> => {
    try {
      await verifier.verify(token);
    } catch (error) {
      if (error instanceof TokenRejectedError) return error.reason;
      throw error;
    }
    return 'accepted';
  };

  it('says what a good token says, and never keeps the token', async () => {
    const { facts, organization, tokenId } = await verifier.verify(await sign({ acr: 'high', auth_time: NOW - 5 }));
    expect({ ...facts, scopes: [...facts.scopes] }).toEqual({
      provider: 'local',
      issuer: LOCAL_ISSUER,
      subject: 'ann',
      claimsChallenge: null,
      scopes: ['admin:org', 'data:read'],
      acr: 'high',
      authTime: NOW - 5,
      issuedAt: NOW,
      expiresAt: NOW + 3_600,
      idHash: '189f40034be7a199f1fa9891668ee3ab6049f82d38c68be70f596eab2e1857b7',
      staff: null,
    });
    expect([organization, tokenId]).toEqual([{ by: 'slug', value: 'acme' }, 'j']);
  });

  it('gives one public answer for every reason', async () => {
    const error = await verifier.verify('x').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      status: 401,
      code: 'invalid_token',
      options: {
        headers: {
          'WWW-Authenticate':
            'Bearer realm="alphaswarm-core", error="invalid_token", error_description="The access token is not valid"',
        },
      },
    });
  });

  const shapes: [string, () => Promise<string> | string][] = [
    ['no segments', () => 'x'],
    ['alg none with an empty signature', () => `${encode({ alg: 'none', kid: KID })}.${encode(GOOD)}.`],
    ['five segments', () => 'a.b.c.d.e'],
    ['a trailing dot', async () => `${await sign()}.`],
    ['padding', async () => (await sign()).replace('.', '=.')],
    ['a segment that is not canonical base64url', async () => `${(await sign()).slice(0, -1)}+`],
    ['a duplicate alg', () => raw(`{"alg":"RS256","alg":"none","kid":"${KID}"}`)],
    ['a duplicate claim', () => raw({ alg: 'RS256', kid: KID }, '{"sub":"a","sub":"b"}')],
    [
      'a duplicate key deep inside',
      () =>
        raw(
          { alg: 'RS256', kid: KID },
          JSON.stringify({ ...GOOD, act: 0 }).replace('"act":0', '"act":[{"a":1,"a":2}]'),
        ),
    ],
    ['a header that is a list', () => raw([])],
    ['a payload that is null', () => raw({ alg: 'RS256', kid: KID }, 'null')],
    ['a byte order mark', () => raw(`\uFEFF{"alg":"RS256","kid":"${KID}"}`)],
    ['invalid UTF-8', () => `${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.e30.e30`],
    ['a header over 1 KiB', () => raw({ alg: 'RS256', kid: KID, pad: 'x'.repeat(1_024) })],
    ['another type', () => raw({ alg: 'RS256', kid: KID, typ: 'JWE' })],
  ];
  it.each(shapes)('refuses %s by shape', async (_, token) => expect(await reasonOf(await token())).toBe('shape'));

  it.each(['jku', 'jwk', 'x5u', 'crit', 'b64'])('refuses a header with %s', async (member) => {
    expect(await reasonOf(await raw({ alg: 'RS256', kid: KID, [member]: null }))).toBe('header');
  });

  it.each([
    ['none', {}],
    ['an empty one', { kid: '' }],
    ['a number', { kid: 1 }],
    ['129 characters', { kid: 'k'.repeat(129) }],
  ])('refuses a kid that is %s', async (_, header) => {
    expect(await reasonOf(await raw({ alg: 'RS256', ...header }))).toBe('header');
  });

  it('ignores x5t and takes at+jwt', async () => {
    expect(await reasonOf(await sign({}, { x5t: 'abc', typ: 'at+jwt' }))).toBe('accepted');
  });

  it('refuses alg none with a signature, HS256 keyed with the public key, and an algorithm of no issuer', async () => {
    const input = `${encode({ alg: 'HS256', kid: KID })}.${encode(GOOD)}`;
    const confused = `${input}.${createHmac('sha256', publicPem).update(input).digest('base64url')}`;
    expect([
      await reasonOf(await raw({ alg: 'none', kid: KID })),
      await reasonOf(confused),
      await reasonOf(await raw({ alg: 'EdDSA', kid: KID })),
    ]).toEqual(['alg', 'alg', 'alg']);
  });

  it('refuses an algorithm that this issuer is not configured for, after the issuer is known', async () => {
    expect(await reasonOf(await raw({ alg: 'PS256', kid: KID }))).toBe('alg');
    expect(await reasonOf(await raw({ alg: 'PS256', kid: KID }, { ...GOOD, iss: 'https://elsewhere/' }))).toBe(
      'untrusted_issuer',
    );
  });

  it.each([
    ['no issuer', undefined],
    ['without slash', 'https://local.alphaswarm.invalid'],
    ['a look-alike', 'https://local.alphaswarm.invalid.evil.test/'],
    ['in upper case', 'https://LOCAL.alphaswarm.invalid/'],
    ['a v1 issuer', 'https://sts.windows.net/9188040d-6c67-4c5b-b112-36a304b66dad/'],
    ['the common endpoint', 'https://login.microsoftonline.com/common/v2.0'],
    ['a list', [LOCAL_ISSUER]],
  ])('refuses an issuer: %s', async (_, iss) =>
    expect(await reasonOf(await raw({ alg: 'RS256', kid: KID }, { ...GOOD, iss }))).toBe('untrusted_issuer'),
  );

  it('refuses a key it does not know, and keys that do not fit the algorithm', async () => {
    const reasons = await Promise.all(
      ['gone', 'wrong-alg', 'encryption', 'symmetric', 'short', 'curve'].map(async (kid) =>
        reasonOf(await raw({ alg: 'RS256', kid })),
      ),
    );
    expect(reasons).toEqual(['unknown_key', ...Array(5).fill('key_mismatch')]);
  });

  it('refuses a foreign key under a known kid, and a flipped byte, without asking another issuer', async () => {
    const good = await sign();
    const flipped = `${good.slice(0, -6)}${good.at(-6) === 'A' ? 'B' : 'A'}${good.slice(-5)}`;
    expect([await reasonOf(await sign({}, {}, foreign)), await reasonOf(flipped)]).toEqual(['signature', 'signature']);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['another audience', { aud: 'https://other/' }, 'audience'],
    ['a list of audiences', { aud: [LOCAL_AUDIENCE] }, 'audience'],
    ['expired 59 s ago', { exp: NOW - 59, iat: NOW - 100 }, 'accepted'],
    ['expired 60 s ago', { exp: NOW - 60, iat: NOW - 100 }, 'expired'],
    ['expired 61 s ago', { exp: NOW - 61, iat: NOW - 100 }, 'expired'],
    ['exp as text', { exp: String(NOW + 60) }, 'expired'],
    ['no exp', { exp: undefined }, 'expired'],
    ['nbf 60 s ahead', { nbf: NOW + 60 }, 'accepted'],
    ['nbf 61 s ahead', { nbf: NOW + 61 }, 'not_yet_valid'],
    ['nbf as text', { nbf: String(NOW) }, 'not_yet_valid'],
    ['iat 60 s ahead', { iat: NOW + 60 }, 'accepted'],
    ['iat 61 s ahead', { iat: NOW + 61 }, 'not_yet_valid'],
    ['no iat', { iat: undefined }, 'not_yet_valid'],
    ['24 h of life', { exp: NOW + 86_400 }, 'accepted'],
    ['24 h and 1 s of life', { exp: NOW + 86_401 }, 'lifetime'],
    ['an empty subject', { sub: '' }, 'subject'],
    ['no scopes at all', { scp: undefined }, 'no_permissions'],
    ['two faults, told in table order', { aud: 'x', exp: 0 }, 'audience'],
  ])('judges %s', async (_, claims, reason) => {
    const payload = Object.fromEntries(
      Object.entries({ ...GOOD, ...claims }).filter(([, value]) => value !== undefined),
    );
    expect(await reasonOf(await raw({ alg: 'RS256', kid: KID }, payload))).toBe(reason);
  });

  it('takes auth_time only as an integer', async () => {
    expect((await verifier.verify(await sign({ acr: 'high', auth_time: '1' }))).facts.authTime).toBeNull();
  });

  it('remembers a good token for 60 s and never past its end', async () => {
    const own = new FixedClock(NOW * 1000);
    const remembering = new TokenVerifier([entry], own);
    const token = await sign({ exp: NOW + 100 });
    const before = entry.asked;
    await remembering.verify(token);
    own.advance(59_000);
    await remembering.verify(token);
    expect(entry.asked - before).toBe(1);
    own.advance(2_000);
    await remembering.verify(token);
    expect(entry.asked - before).toBe(2);
    own.advance(99_000);
    await expect(remembering.verify(token)).rejects.toMatchObject({ reason: 'expired' });
  });

  it('forgets with a key whatever it verified', async () => {
    const remembering = new TokenVerifier([entry], clock);
    const token = await sign();
    await remembering.verify(token);
    const kept = entry.keys.get(KID);
    if (!kept) throw new Error('no key');
    entry.keys.delete(KID);
    await expect(remembering.verify(token)).rejects.toMatchObject({ reason: 'unknown_key' });
    entry.keys.set(KID, kept);
    await expect(remembering.verify(token)).resolves.toBeDefined();
  });
});
