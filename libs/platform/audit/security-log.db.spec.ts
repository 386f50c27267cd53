import { FixedClock } from '#kernel';
import { AuditFixture, userContext } from './testing/audit-fixture.ts';

describe('SecurityLog', () => {
  const clock = new FixedClock('2026-01-02T03:04:06.000Z');
  let audit: AuditFixture;

  beforeAll(async () => {
    audit = await AuditFixture.create(clock);
  });
  afterAll(() => audit.close());

  const refuse = (reason = 'audience') =>
    audit.security.record({
      orgId: null,
      actor: 'anonymous',
      action: 'auth.rejected',
      reason,
      details: { provider: 'entra' },
    });
  const ledger = async () => {
    await audit.sealer.sealAll();
    return (
      await audit.database.owner.query<{ payload: object; hash: string }>(
        "SELECT payload, encode(entry_hash, 'hex') AS hash FROM audit_ledger ORDER BY seq",
      )
    ).rows;
  };

  it('has the null vector of platform.md 7.4 as first entry of the platform chain', async () => {
    await refuse();
    expect(await ledger()).toEqual([
      {
        payload: { provider: 'entra', reason: 'audience', suppressed: 0 },
        hash: 'c5056f435ecbbbc13a701cb1ef6bd627aa840d52b2a602273fe123647c2081dc',
      },
    ]);
  });

  it('keeps one per principal and reason in 10 s and counts the others', async () => {
    for (let n = 0; n < 5; n++) await refuse();
    await refuse('expired');
    clock.advance(9_999);
    await refuse();
    clock.advance(1);
    await refuse();
    expect((await ledger()).slice(1).map(({ payload }) => payload)).toEqual([
      { provider: 'entra', reason: 'expired', suppressed: 0 },
      { provider: 'entra', reason: 'audience', suppressed: 6 },
    ]);
    expect(await audit.verifier.verify({ orgId: null, platform: true }, 'platform')).toMatchObject({
      valid: true,
      checked: 3,
    });
    await audit.tamper(`UPDATE audit_ledger SET payload = '{"reason": "none"}' WHERE seq = 2`);
    expect(await audit.verifier.verify({ orgId: null, platform: true }, 'platform')).toMatchObject({
      first_bad: { seq: 2, reason: 'payload_mismatch' },
    });
  });

  it('lets the refusal stand when it cannot be recorded', async () => {
    await audit.database.owner.query('REVOKE INSERT ON audit_entries FROM alphaswarm_app');
    await expect(refuse('lifetime')).resolves.toBeUndefined();
    await audit.database.owner.query('GRANT INSERT ON audit_entries TO alphaswarm_app');
  });
});

describe('Reconciler', () => {
  const clock = new FixedClock('2026-01-02T03:04:06.000Z');
  let audit: AuditFixture;

  beforeAll(async () => {
    audit = await AuditFixture.create(clock);
  });
  afterAll(() => audit.close());

  const statuses = async () =>
    (
      await audit.database.owner.query<{ s: string }>(
        "SELECT status || coalesce(' ' || error_code, '') AS s FROM workload_runs ORDER BY started_at, id",
      )
    ).rows.map(({ s }) => s);
  const intent = { action: 'note.write', targetKind: null, targetId: null, payload: {} };

  it('sets a run whose process died to unknown after 15 minutes, and never one that is alive', async () => {
    const lost = await audit.runtime.begin(userContext(), intent);
    const alive = await audit.runtime.begin(userContext(), intent);
    await audit.runtime.begin(userContext(null), { ...intent, leaseSeconds: 3_600 });
    clock.advance(899_000);
    expect(await audit.reconciler.reconcile()).toBe(0);
    expect(await audit.runtime.extendLease(alive, 900)).toBe(true);
    clock.advance(2_000);
    expect(await audit.reconciler.reconcile()).toBe(1);
    expect(await statuses()).toEqual(['unknown outcome_lost', 'pending', 'pending']);
    expect(await audit.runtime.extendLease(lost, 900)).toBe(false);
    clock.advance(3_600_000);
    expect(await audit.reconciler.reconcile()).toBe(2);
    expect(await statuses()).toEqual(['unknown outcome_lost', 'unknown outcome_lost', 'unknown outcome_lost']);
    await audit.sealer.sealAll();
    expect(await audit.verifier.verify({ orgId: null, platform: true }, 'platform')).toMatchObject({
      valid: true,
      checked: 2,
    });
    expect(await audit.verifier.verify(userContext(), lost.chain)).toMatchObject({ valid: true, checked: 4 });
  });
});
