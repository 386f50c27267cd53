import { DomainError } from '#kernel';
import type { Principal, TokenFacts } from '#platform/context';
import { requireStepUp } from './step-up.ts';

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
  staff: true,
};
const person = (token: Partial<TokenFacts>): Principal => ({
  kind: 'user',
  id: 'u',
  actor: 'user:u',
  token: { ...facts, ...token },
});

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
    ['acr', { acr: 'HIGH' }],
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

  it('does not challenge a machine, which cannot authenticate again', () => {
    for (const kind of ['service', 'agent', 'system'] as const) {
      expect(refusal({ ...person({}), kind })).toMatchObject({ status: 403, code: 'step_up_not_possible' });
    }
  });
});
