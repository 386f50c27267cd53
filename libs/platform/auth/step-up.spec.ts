import fc from 'fast-check';
import { DomainError } from '#kernel';
import type { Principal, TokenFacts } from '#platform/context';
import { requireStepUp } from './step-up.ts';
import { LOCAL_AUDIENCE, LOCAL_ISSUER, localClaims } from './token/local-issuer.ts';
import { verifiedToken } from './token/token-verifier.ts';

const NOW = 1_767_323_045;
const facts: TokenFacts = {
  provider: 'local',
  issuer: 'x',
  subject: 'ann',
  scopes: new Set(),
  acr: 'high',
  authTime: NOW - 100,
  issuedAt: NOW,
  expiresAt: NOW + 60,
  idHash: null,
  claimsChallenge: null,
  staff: null,
};
const person = (token: Partial<TokenFacts>): Principal => ({
  kind: 'user',
  id: 'u',
  actor: 'user:u',
  token: { ...facts, ...token },
});

const ODD = fc.constantFrom<unknown>(undefined, null, true, '', 0, -1, [], ['high'], {}, { acr: 'high' });
const ACR = fc.oneof(
  ODD,
  fc.constantFrom<unknown>('high', 'HIGH', ' high', 'highest', 'low', 'c1', 'mfa', '2', 'hıgh'),
  fc.string(),
);
const AUTH_TIME = fc.oneof(
  ODD,
  fc.integer({ min: NOW - 400, max: NOW + 120 }),
  fc.integer(),
  fc.constantFrom<unknown>(NOW - 331, NOW + 61, `${NOW}`, NOW + 0.5, NOW * 1000, 1e300, [NOW], new Date(NOW * 1000)),
);

/** The holder of a local token with these claims and everything around them that could be taken for them. */
const local = (claims: object): Principal => {
  const payload = {
    iss: LOCAL_ISSUER,
    aud: LOCAL_AUDIENCE,
    sub: 'ann',
    scp: 'admin:org',
    iat: NOW,
    exp: NOW + 600,
    acrs: ['c1'],
    amr: ['mfa'],
    'https://alphaswarm/acr': 'high',
    'https://alphaswarm/auth_time': NOW,
    ...claims,
  };
  const judged = localClaims(JSON.parse(JSON.stringify(payload)) as Record<string, unknown>, NOW);
  if (typeof judged === 'string') throw new Error(`refused: ${judged}`);
  return person(verifiedToken('local', LOCAL_ISSUER, judged).facts);
};

const refusal = (principal: Principal, maxAge = 300): DomainError | undefined => {
  try {
    requireStepUp(principal, maxAge, NOW * 1000);
    return undefined;
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
};

describe('requireStepUp', () => {
  it.each([
    [-60, 300],
    [0, 300],
    [330, 300],
    [630, 600],
  ])('is content %i s after the login with max_age %i', (age, maxAge) => {
    expect(refusal(person({ authTime: NOW - age }), maxAge)).toBeUndefined();
  });

  it.each([
    ['acr', { acr: null }],
    ['acr', { acr: null, authTime: null }],
    ['auth_time_missing', { authTime: null }],
    ['auth_time_missing', { authTime: NOW + 61 }],
    ['stale', { authTime: NOW - 331 }],
  ])('asks again for reason %s', (reason, token) => {
    const error = refusal(person(token));
    expect([error?.status, error?.code, error?.options.members]).toEqual([
      401,
      'step_up_required',
      { step_up: { acr_values: 'high', max_age: 300, reason } },
    ]);
  });

  it('challenges in the words of RFC 9470', () => {
    expect(refusal(person({ acr: null }))?.options.headers).toEqual({
      'Cache-Control': 'no-store',
      'WWW-Authenticate':
        'Bearer realm="alphaswarm-core", error="insufficient_user_authentication", error_description="A different ' +
        'authentication level is required", acr_values="high", max_age="300"',
    });
  });

  it('14. challenges a client that understands claims challenges in its issuer’s form too', () => {
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    const authorizationUri = 'https://login.microsoftonline.com/t1/oauth2/v2.0/authorize';
    const { options } = refusal(person({ acr: null, claimsChallenge: { authorizationUri, claims } })) ?? {};
    expect(options?.headers?.['WWW-Authenticate']).toEqual([
      'Bearer realm="alphaswarm-core", error="insufficient_user_authentication", error_description="A different ' +
        'authentication level is required", acr_values="high", max_age="300"',
      `Bearer realm="", authorization_uri="${authorizationUri}", error="insufficient_claims", ` +
        'claims="eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEifX19"',
    ]);
    expect(options?.members).toEqual({ step_up: { acr_values: 'high', max_age: 300, reason: 'acr', claims } });
  });

  it('lets none of 20,000 mutated tokens pass, and the one that they are made of', () => {
    const unchanged = { acr: 'high', auth_time: NOW - 330 };
    expect(refusal(local(unchanged))).toBeUndefined();
    fc.assert(
      fc.property(
        fc.record({ acr: ACR, auth_time: AUTH_TIME }, { requiredKeys: [] }),
        fc.constantFrom('user', 'user', 'user', 'service', 'agent', 'system'),
        (mutation, kind) => {
          const { acr, auth_time: authTime } = { ...unchanged, ...mutation };
          const fresh = Number.isInteger(authTime) && Number(authTime) >= NOW - 330 && Number(authTime) <= NOW + 60;
          fc.pre(kind !== 'user' || acr !== 'high' || !fresh);
          expect(refusal({ ...local({ acr, auth_time: authTime }), kind })?.code).toBe(
            kind === 'user' ? 'step_up_required' : 'step_up_not_possible',
          );
        },
      ),
      { numRuns: 20_000, seed: 9 },
    );
  });

  it('does not challenge a machine, which cannot authenticate again', () => {
    for (const kind of ['service', 'agent', 'system'] as const) {
      expect(refusal({ ...person({}), kind })).toMatchObject({ status: 403, code: 'step_up_not_possible' });
    }
  });
});
