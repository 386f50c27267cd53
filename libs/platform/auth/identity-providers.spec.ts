import { type KeyObject, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { FixedClock } from '#kernel';
import { AuthConfig, loadTopic } from '#platform/config';
import { auth0Entry, entraEntry } from './identity-providers.ts';
import type { PublishedKey } from './keys/published-keys.ts';
import { TokenRejectedError } from './token/token-rejection.ts';
import { TokenVerifier } from './token/token-verifier.ts';
import type { VerifiedToken } from './token/trust-entry.ts';

type Claims = Record<string, unknown>;

const NOW = 1_767_323_045;
const TENANT = 'aaaaaaaa-0000-4000-8000-000000000001';
const OTHER_TENANT = 'aaaaaaaa-0000-4000-8000-000000000002';
const STAFF_TENANT = 'aaaaaaaa-0000-4000-8000-00000000000f';
const PERSONAL = '9188040d-6c67-4c5b-b112-36a304b66dad';
const OBJECT = 'bbbbbbbb-0000-4000-8000-000000000001';
const AUTH0 = 'https://auth.example.com/';
const AUDIENCE = 'https://api.example.com/';
const entraIss = (tenant: string) => `https://login.microsoftonline.com/${tenant}/v2.0`;

const ENV = {
  ALPHASWARM_ENTRA_AUDIENCES: 'api-client,api://app',
  ALPHASWARM_STAFF_TENANT_ID: STAFF_TENANT,
  ALPHASWARM_AUTH0_ISSUER: AUTH0,
  ALPHASWARM_AUTH0_AUDIENCE: AUDIENCE,
};
const ENTRA: Claims = {
  ver: '2.0',
  iss: entraIss(TENANT),
  tid: TENANT,
  aud: 'api-client',
  exp: NOW + 3_600,
  nbf: NOW,
  iat: NOW,
  oid: OBJECT,
  sub: 'pairwise',
  scp: 'data:read data:write',
  azp: 'spa',
  azpacr: '0',
  uti: 'u1',
};
const APP: Claims = { ...ENTRA, scp: undefined, sub: OBJECT, roles: ['alphaswarm.viewer'], azp: 'daemon', azpacr: '1' };
const OF_AUTH0: Claims = {
  iss: AUTH0,
  aud: AUDIENCE,
  sub: 'auth0|1',
  azp: 'spa',
  exp: NOW + 3_600,
  iat: NOW,
  scope: 'openid data:read',
  jti: 'j1',
};

/** Keys that count who asks for them. */
class HeldKeys {
  readonly keys = new Map<string, PublishedKey>();
  asked = 0;

  async find(id: string): Promise<PublishedKey | undefined> {
    this.asked++;
    return this.keys.get(id);
  }

  holds(key: object): boolean {
    return [...this.keys.values()].some((held) => held === key);
  }
}

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function pairOf(kid: string): { privateKey: KeyObject; published: PublishedKey } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    privateKey,
    published: { id: kid, key: publicKey, algorithm: 'RS256', use: 'sig', issuer: undefined, text: '' },
  };
}

describe('Entra and Auth0', () => {
  const entraPair = pairOf('e');
  const auth0Pair = pairOf('a');
  const entraKeys = new HeldKeys();
  const auth0Keys = new HeldKeys();

  const raw = (header: unknown, payload: unknown, key: KeyObject): string => {
    const input = `${encode(header)}.${encode(payload)}`;
    return `${input}.${sign('RSA-SHA256', Buffer.from(input), key).toString('base64url')}`;
  };
  const entra = (claims: Claims = {}, header: Claims = {}, key = entraPair.privateKey): string =>
    raw({ alg: 'RS256', kid: 'e', typ: 'JWT', ...header }, { ...ENTRA, ...claims }, key);
  const auth0 = (claims: Claims = {}, header: Claims = {}, key = auth0Pair.privateKey): string =>
    raw({ alg: 'RS256', kid: 'a', typ: 'at+jwt', ...header }, { ...OF_AUTH0, ...claims }, key);
  const verify = (token: string, env: NodeJS.ProcessEnv = {}): Promise<VerifiedToken> => {
    const config = loadTopic(AuthConfig, { ...ENV, ...env });
    if (!config.entra || !config.auth0) throw new Error('not configured');
    const entries = [entraEntry(config.entra, entraKeys), auth0Entry(config.auth0, auth0Keys)];
    return new TokenVerifier(entries, new FixedClock(NOW * 1000)).verify(token);
  };
  const outcome = (token: string, env: NodeJS.ProcessEnv = {}): Promise<string> =>
    verify(token, env).then(
      () => 'accepted',
      (error: unknown) => {
        if (error instanceof TokenRejectedError) return error.reason;
        throw error;
      },
    );

  beforeEach(() => {
    entraKeys.keys.set('e', entraPair.published);
    auth0Keys.keys.set('a', auth0Pair.published);
    entraKeys.asked = 0;
    auth0Keys.asked = 0;
  });

  it('say who a person is, scenario 1', async () => {
    const { facts, ...rest } = await verify(entra({ acrs: ['c1'], auth_time: NOW - 5, xms_cc: ['cp1'] }));
    expect({ ...facts, scopes: [...facts.scopes] }).toMatchObject({
      provider: 'entra',
      issuer: entraIss(TENANT),
      subject: OBJECT,
      scopes: ['data:read', 'data:write'],
      acr: 'high',
      authTime: NOW - 5,
      staff: null,
      claimsChallenge: {
        authorizationUri: `https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/authorize`,
        claims: '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}',
      },
    });
    expect(rest).toEqual({ client: null, organization: null, tenant: TENANT, tokenId: 'u1' });
    const other = await verify(auth0({ org_id: 'org_1', 'https://alphaswarm/tid': TENANT }));
    expect([other.facts.provider, other.facts.subject, [...other.facts.scopes]]).toEqual([
      'auth0',
      'auth0|1',
      ['openid', 'data:read'],
    ]);
    expect(other).toMatchObject({
      tenant: TENANT,
      tokenId: 'j1',
      organization: { by: 'auth0_org_id', value: 'org_1' },
    });
  });

  // The corpus of platform.md 15 but `revoked`, which is Revocations'.
  const publicPem = entraPair.published.key.export({ format: 'pem', type: 'spki' });
  const confused = `${encode({ alg: 'HS256', kid: 'e' })}.${encode(ENTRA)}`;
  it.each<[reason: string, what: string, token: string]>([
    ['shape', 'alg none without signature', `${encode({ alg: 'none', kid: 'e' })}.${encode(ENTRA)}.`],
    ['shape', 'alg twice', raw('{"alg":"RS256","alg":"none","kid":"e"}', ENTRA, entraPair.privateKey)],
    ['shape', 'padding', `${entra()}=`],
    ['shape', 'a trailing dot', `${entra()}.`],
    ['header', 'jku', entra({}, { jku: 'https://evil.test/' })],
    ['header', 'jwk', entra({}, { jwk: {} })],
    ['header', 'crit', entra({}, { crit: ['exp'] })],
    ['alg', 'alg none with a signature', entra({}, { alg: 'none' })],
    ['alg', 'HS256', `${confused}.${createHmac('sha256', publicPem).update(confused).digest('base64url')}`],
    ['untrusted_issuer', 'common', entra({ iss: entraIss('common') })],
    ['untrusted_issuer', 'organizations', entra({ iss: entraIss('organizations') })],
    ['untrusted_issuer', 'consumers', entra({ iss: entraIss('consumers') })],
    ['untrusted_issuer', 'a look-alike', entra({ iss: entraIss(TENANT).replace('.com', '.com.evil.test') })],
    ['untrusted_issuer', 'another cloud', entra({ iss: entraIss(TENANT).replace('.com', '.us') })],
    ['untrusted_issuer', 'a GUID of other letters', entra({ iss: entraIss(TENANT.replace('a', 'а')) })],
    ['untrusted_issuer', 'a GUID in upper case', entra({ iss: entraIss(TENANT.toUpperCase()) })],
    ['untrusted_issuer', 'more behind it', entra({ iss: `${entraIss(TENANT)}/` })],
    ['untrusted_issuer', 'Auth0 without slash', auth0({ iss: AUTH0.slice(0, -1) })],
    ['untrusted_issuer', 'v1', entra({ iss: `https://sts.windows.net/${TENANT}/` })],
    ['unknown_key', "a key of Auth0's", entra({}, { kid: 'a' }, auth0Pair.privateKey)],
    ['unknown_key', 'a key that is gone', entra({}, { kid: 'gone' })],
    ['signature', 'a foreign key', entra({}, {}, auth0Pair.privateKey)],
    ['unsupported_version', 'version 1.0', entra({ ver: '1.0' })],
    ['tenant_mismatch', 'another tid (scenario 8)', entra({ tid: OTHER_TENANT })],
    ['audience', 'another aud', entra({ aud: 'other' })],
    ['audience', 'a list on Entra', entra({ aud: ['api-client'] })],
    ['audience', 'an ID token of Auth0', auth0({ aud: 'spa' })],
    ['expired', '60 s ago', entra({ exp: NOW - 60 })],
    ['expired', '61 s ago', entra({ exp: NOW - 61 })],
    ['expired', 'as text', entra({ exp: `${NOW + 60}` })],
    ['not_yet_valid', 'nbf 61 s ahead', entra({ nbf: NOW + 61 })],
    ['lifetime', '24 h and 1 s', entra({ exp: NOW + 86_401 })],
    ['no_permissions', 'an ID token of Entra, even with roles', entra({ scp: undefined, roles: ['Admin'] })],
  ])('refuse with %s (scenario 4): %s', async (reason, _, token) => {
    expect(await outcome(token)).toBe(reason);
  });

  it.each<[Claims, string]>([
    [{ ver: undefined }, 'unsupported_version'],
    [{ ver: 2 }, 'unsupported_version'],
    [{ tid: undefined }, 'tenant_mismatch'],
    [{ tid: [TENANT] }, 'tenant_mismatch'],
    [{ tid: PERSONAL, iss: entraIss(PERSONAL) }, 'tenant_mismatch'],
    [{ aud: undefined }, 'audience'],
    [{ aud: 'api://app' }, 'accepted'],
    [{ exp: NOW - 59 }, 'accepted'],
    [{ exp: undefined }, 'expired'],
    [{ exp: NOW + 0.5 }, 'expired'],
    [{ nbf: NOW + 60 }, 'accepted'],
    [{ nbf: undefined }, 'not_yet_valid'],
    [{ nbf: `${NOW}` }, 'not_yet_valid'],
    [{ iat: NOW + 60 }, 'accepted'],
    [{ iat: NOW + 61 }, 'not_yet_valid'],
    [{ iat: undefined }, 'not_yet_valid'],
    [{ exp: NOW + 86_400 }, 'accepted'],
    [{ oid: undefined }, 'subject'],
    [{ oid: OBJECT.toUpperCase() }, 'subject'],
    [{ oid: 7 }, 'subject'],
    [{ scp: undefined }, 'no_permissions'],
    [{ scp: ' ' }, 'no_permissions'],
    [{ scp: ['data:read'] }, 'no_permissions'],
    [{ idtyp: 'app', roles: ['alphaswarm.viewer'] }, 'no_permissions'],
    [{ ver: '1.0', tid: 1, aud: 1, exp: 1 }, 'unsupported_version'],
    [{ tid: 1, aud: 1, exp: 1 }, 'tenant_mismatch'],
    [{ exp: 1, oid: 1, scp: 1 }, 'expired'],
    [{ oid: 1, scp: 1 }, 'subject'],
    [{ acct: 1, idp: 'elsewhere', groups: ['g'], _claim_names: {}, acr: 'high', amr: ['mfa'] }, 'accepted'],
  ])('judge a claim of Entra %j: %s', async (claims, expected) => {
    expect(await outcome(entra(claims))).toBe(expected);
  });

  it.each<[Claims, string]>([
    [{}, 'accepted'],
    [{ idtyp: 'app', sub: 'x' }, 'accepted'],
    [{ azpacr: '2' }, 'accepted'],
    [{ azpacr: '0' }, 'client'],
    [{ azpacr: 1 }, 'client'],
    [{ azpacr: undefined }, 'client'],
    [{ azp: undefined }, 'client'],
    [{ roles: undefined }, 'no_permissions'],
    [{ roles: [] }, 'no_permissions'],
    [{ roles: 'alphaswarm.viewer' }, 'no_permissions'],
    [{ idtyp: 'app', scp: 'data:read' }, 'no_permissions'],
  ])('judge an app of Entra %j: %s', async (claims, expected) => {
    expect(await outcome(entra({ ...APP, ...claims }))).toBe(expected);
  });

  it.each<[Claims, string]>([
    [{ aud: [AUDIENCE, `${AUTH0}userinfo`] }, 'accepted'],
    [{ aud: [AUDIENCE] }, 'accepted'],
    [{ aud: [AUDIENCE, 'other'] }, 'audience'],
    [{ aud: [`${AUTH0}userinfo`] }, 'audience'],
    [{ aud: [] }, 'audience'],
    [{ aud: undefined }, 'audience'],
    [{ exp: NOW - 59 }, 'accepted'],
    [{ exp: NOW - 60 }, 'expired'],
    [{ exp: '1' }, 'expired'],
    [{ exp: undefined }, 'expired'],
    [{ nbf: NOW + 60 }, 'accepted'],
    [{ nbf: NOW + 61 }, 'not_yet_valid'],
    [{ nbf: '1' }, 'not_yet_valid'],
    [{ iat: NOW + 60 }, 'accepted'],
    [{ iat: NOW + 61 }, 'not_yet_valid'],
    [{ exp: NOW + 86_400 }, 'accepted'],
    [{ exp: NOW + 86_401 }, 'lifetime'],
    [{ sub: '' }, 'subject'],
    [{ sub: undefined }, 'subject'],
    [{ sub: 1 }, 'subject'],
    [{ scope: undefined }, 'no_permissions'],
    [{ scope: '' }, 'no_permissions'],
    [{ scope: ['data:read'] }, 'no_permissions'],
    [{ permissions: 'data:read' }, 'no_permissions'],
    [{ permissions: [] }, 'accepted'],
    [{ 'https://alphaswarm/tid': 'T' }, 'tenant_mismatch'],
    [{ aud: 'x', exp: 0 }, 'audience'],
  ])('judge a claim of Auth0 %j: %s', async (claims, expected) => {
    expect(await outcome(auth0(claims))).toBe(expected);
  });

  it('know their clients when they are configured', async () => {
    const known = { ALPHASWARM_ENTRA_CLIENT_IDS: 'spa', ALPHASWARM_AUTH0_CLIENT_IDS: 'spa' };
    const seen = (claims: Claims) => Promise.all([outcome(entra(claims), known), outcome(auth0(claims), known)]);
    expect(await seen({})).toEqual(['accepted', 'accepted']);
    expect(await seen({ azp: 'other' })).toEqual(['client', 'client']);
    expect(await seen({ azp: undefined })).toEqual(['client', 'client']);
    expect(await outcome(auth0({ azp: 'x', exp: 0 }), known)).toBe('client');
  });

  it('take personal accounts and another cloud only when told so', async () => {
    const personal = entra({ tid: PERSONAL, iss: entraIss(PERSONAL) });
    expect(await outcome(personal, { ALPHASWARM_ENTRA_ALLOW_PERSONAL: 'true' })).toBe('accepted');
    const usgov = entra({ iss: entraIss(TENANT).replace('.com', '.us') });
    expect(await outcome(usgov, { ALPHASWARM_ENTRA_CLOUD: 'usgov' })).toBe('accepted');
  });

  const scopesIn = async (token: string) => [...(await verify(token)).facts.scopes].sort();

  it('bind delegated tokens by scp alone and app-only ones by roles alone', async () => {
    expect(await scopesIn(entra({ scp: 'data:read', roles: ['alphaswarm.admin'] }))).toEqual(['data:read']);
    const viewer = await scopesIn(entra(APP));
    expect(viewer).toEqual(expect.arrayContaining(['org:read', 'strategy:view']));
    expect(viewer).not.toContain('strategy:edit');
    const editor = await scopesIn(entra({ ...APP, roles: ['alphaswarm.editor'] }));
    expect(editor).toEqual(expect.arrayContaining([...viewer, 'strategy:edit', 'terraform:plan']));
    const operator = await scopesIn(entra({ ...APP, roles: ['alphaswarm.terraform.operator'] }));
    expect(operator.filter((name) => !editor.includes(name))).toEqual(['terraform:apply', 'terraform:destroy']);
    const approver = await scopesIn(entra({ ...APP, roles: ['alphaswarm.terraform.approver'] }));
    expect(approver.filter((name) => !editor.includes(name))).toEqual(['terraform:approve']);
    expect(await scopesIn(entra({ ...APP, roles: ['deploy:halt', 'nothing', 'platform:admin'] }))).toEqual([
      'deploy:halt',
    ]);
    expect((await verify(entra(APP))).client).toBe('daemon');
  });

  it('know machines of Auth0 by grant or subject, and never merge permissions with scope', async () => {
    expect(await scopesIn(auth0({ permissions: ['data:write'] }))).toEqual(['data:write']);
    expect((await verify(auth0({ gty: 'client-credentials', sub: 'm', azp: undefined }))).client).toBe('m');
    expect((await verify(auth0({ sub: 'm@clients', azp: undefined }))).client).toBe('m');
    expect((await verify(auth0({ sub: 'm@clients' }))).client).toBe('spa');
    expect((await verify(auth0())).client).toBeNull();
  });

  it.each([
    [['Admin'], 'superadmin'],
    [['Operator'], 'operator'],
    [['Auditor'], 'auditor'],
    [['Compliance'], 'auditor'],
    [['Finance'], 'observer'],
    [['Engineer'], 'observer'],
    [['Viewer'], 'observer'],
    [['Viewer', 'Operator', 'Auditor'], 'operator'],
    [['admin', 'alphaswarm.admin'], null],
    ['Admin', null],
  ])('read the staff role %j from the staff tenant alone: %s', async (roles, column) => {
    const staff = { tid: STAFF_TENANT, iss: entraIss(STAFF_TENANT), roles };
    expect((await verify(entra(staff))).facts.staff).toBe(column);
    expect((await verify(entra({ roles }))).facts.staff).toBeNull();
    expect(
      (await verify(auth0({ 'https://alphaswarm/roles': roles, permissions: [roles].flat() }))).facts.staff,
    ).toBeNull();
  });

  it('leave platform scopes to the staff tenant', async () => {
    const scp = 'platform:admin admin:cluster data:read';
    expect(await scopesIn(entra({ scp }))).toEqual(['data:read']);
    expect(await scopesIn(auth0({ scope: scp }))).toEqual(['data:read']);
    expect(await scopesIn(entra({ scp, tid: STAFF_TENANT, iss: entraIss(STAFF_TENANT) }))).toHaveLength(3);
  });

  const levelOf = async (token: string, env = {}) => (await verify(token, env)).facts.acr;

  it('know strong authentication by the rule of each', async () => {
    expect(await levelOf(entra({ acrs: ['c1', 'c2'] }))).toBe('high');
    expect(await levelOf(entra({ acrs: 'c1' }))).toBe('high');
    expect(await levelOf(entra({ acrs: ['c2'] }))).toBeNull();
    expect(await levelOf(entra({ acrs: ['c2'] }), { ALPHASWARM_STEPUP_ENTRA_ACRS: 'c2' })).toBe('high');
    expect(await levelOf(entra({ acr: 'high', amr: ['mfa'] }))).toBeNull();
    const pape = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor';
    for (const claims of [{ acr: 'high' }, { acr: pape }, { amr: ['pwd', 'mfa'] }]) {
      const [name, value] = Object.entries(claims)[0] ?? [];
      expect(await levelOf(auth0({ [`https://alphaswarm/${name}`]: value }))).toBe('high');
      expect(await levelOf(auth0({ [`https://alphaswarm.internal/${name}`]: value }))).toBe('high');
      expect(await levelOf(auth0({ [`${name}`]: value }))).toBeNull();
    }
    const { facts } = await verify(auth0({ auth_time: NOW, 'https://alphaswarm/auth_time': NOW - 9 }));
    expect(facts.authTime).toBe(NOW - 9);
    expect((await verify(auth0({ auth_time: NOW }))).facts.authTime).toBeNull();
    expect((await verify(entra())).facts.claimsChallenge).toBeNull();
  });

  it('accept none of 5,000 mutated tokens, and never ask the other for keys (scenario 2)', async () => {
    let seed = 7;
    const below = (limit: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return (seed >>> 8) % limit;
    };
    const good = entra();
    const accepted: string[] = [];
    const reasons = new Map<string, number>();
    for (let round = 0; round < 5_000; round++) {
      const bytes = Buffer.from(good);
      const segments = good.split('.');
      const at = below(3);
      const mutations = [
        () => {
          const place = below(bytes.length);
          bytes[place] = (bytes[place] ?? 0) ^ (1 << below(7));
          return bytes.toString('latin1');
        },
        () =>
          segments
            .map((segment, index) => (index === at ? segment.slice(0, below(segment.length)) : segment))
            .join('.'),
        () => segments.map((segment, index) => (index === at ? encode(`${below(1_000_000)}`) : segment)).join('.'),
        () => [segments[0], encode({ ...ENTRA, oid: OBJECT.replace('1', '2'), n: round }), segments[2]].join('.'),
        () => [encode({ alg: 'RS256', kid: 'e', n: round }), segments[1], segments[2]].join('.'),
      ];
      const token = mutations[round % mutations.length]?.() ?? '';
      const reason = await outcome(token);
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      if (reason === 'accepted') accepted.push(token);
    }
    expect(accepted).toEqual([]);
    expect(reasons.get('shape')).toBeGreaterThan(500);
    expect(reasons.get('signature')).toBeGreaterThan(1_000);
    expect(auth0Keys.asked).toBe(0);
  }, 30_000);
});
