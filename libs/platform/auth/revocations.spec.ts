import { FixedClock } from '#kernel';
import { type RevocationKey, type RevocationRow, RevocationsRepository } from './revocations.repository.ts';
import { Revocations, revocationKeys } from './revocations.ts';
import type { VerifiedToken } from './token/trust-entry.ts';

const NOW = 1_767_323_045;

class FakeRepository extends RevocationsRepository {
  rows: RevocationRow[] = [];
  reads = 0;
  questions = 0;
  away = false;

  constructor() {
    super(undefined as never);
  }

  override async unexpired(): Promise<RevocationRow[]> {
    this.reads++;
    if (this.away) throw new Error('connection refused');
    return this.rows;
  }

  override async matching(keys: readonly RevocationKey[]): Promise<RevocationRow[]> {
    this.questions++;
    if (this.away) throw new Error('connection refused');
    return this.rows.filter((row) => keys.some(({ kind, key }) => row.kind === kind && row.key === key));
  }
}

const token = (issuedAt = NOW, tokenId = 'j1'): VerifiedToken => ({
  client: null,
  organization: null,
  tenant: 'directory',
  tokenId,
  facts: {
    provider: 'local',
    issuer: 'https://i/',
    subject: 'ann',
    scopes: new Set(),
    acr: null,
    authTime: null,
    issuedAt,
    expiresAt: NOW + 900,
    idHash: null,
    claimsChallenge: null,
    staff: null,
  },
});
const keyOf = (kind: RevocationKey['kind']): string =>
  revocationKeys(token()).find((key) => key.kind === kind)?.key ?? '';

describe('Revocations', () => {
  let clock: FixedClock;
  let repository: FakeRepository;
  let revocations: Revocations;
  const verdict = (strict: boolean, issuedAt?: number): Promise<string> =>
    revocations.check(token(issuedAt), strict).then(
      () => 'valid',
      (error: { reason?: string; code: string }) => error.reason ?? error.code,
    );

  beforeEach(() => {
    clock = new FixedClock(NOW * 1000);
    repository = new FakeRepository();
    revocations = new Revocations(repository, clock);
  });

  it.each([true, false])(
    'refuses a revoked token, and older tokens of a revoked subject or tenant (strict: %s)',
    async (strict) => {
      expect(await verdict(strict)).toBe('valid');
      clock.advance(2_000);
      repository.rows = [{ kind: 'token', key: keyOf('token'), notBefore: 0 }];
      expect(await verdict(strict)).toBe('revoked');
      for (const kind of ['subject', 'tenant'] as const) {
        clock.advance(2_000);
        repository.rows = [{ kind, key: keyOf(kind), notBefore: NOW }];
        expect([await verdict(strict, NOW), await verdict(strict, NOW + 1)]).toEqual(['revoked', 'valid']);
      }
      clock.advance(2_000);
      repository.rows = [{ kind: 'token', key: keyOf('subject'), notBefore: NOW }];
      expect(await verdict(strict)).toBe('valid');
    },
  );

  it('asks the database once a second for reads, however many come', async () => {
    for (let i = 0; i < 50; i++) await verdict(false);
    expect(repository.reads).toBe(1);
    clock.advance(1_001);
    await Promise.all(Array.from({ length: 20 }, () => verdict(false)));
    expect(repository.reads).toBe(2);
  });

  it('asks once for all who come together, and answers each for his own token, as of after he came', async () => {
    const all = (): Promise<string[]> =>
      Promise.all(
        ['j1', 'j2', 'j1'].map((id) =>
          revocations.check(token(NOW, id), true).then(
            () => 'valid',
            ({ reason }: { reason: string }) => reason,
          ),
        ),
      );
    expect(await all()).toEqual(['valid', 'valid', 'valid']);
    const asked = all();
    repository.rows = [{ kind: 'token', key: keyOf('token'), notBefore: 0 }];
    expect([await asked, repository.questions]).toEqual([['revoked', 'valid', 'revoked'], 2]);
    repository.away = true;
    await expect(
      Promise.allSettled([token(), token()].map((one) => revocations.check(one, true))),
    ).resolves.toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  });

  it('reads on for a minute with the database away, and lets nothing be changed', async () => {
    await verdict(false);
    repository.away = true;
    clock.advance(59_000);
    expect([await verdict(false), await verdict(true)]).toEqual(['valid', 'revocation_unavailable']);
    clock.advance(2_000);
    expect(await verdict(false)).toBe('revocation_unavailable');
    repository.away = false;
    expect(await verdict(false)).toBe('valid');
  });
});
