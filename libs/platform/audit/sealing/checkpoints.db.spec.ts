import { FixedClock } from '#kernel';
import { unsealedEntry } from '../audit-entry.ts';
import { AuditFixture, ORG } from '../testing/audit-fixture.ts';

const CHAIN = `org:${ORG}` as const;

describe('checkpoints', () => {
  const clock = new FixedClock('2026-01-02T03:04:05.678Z');
  let audit: AuditFixture;

  beforeAll(async () => {
    audit = await AuditFixture.create(clock);
  });
  afterAll(() => audit.close());

  const commit = async (count: number) => {
    const entries = Array.from({ length: count }, () =>
      unsealedEntry(
        'security',
        { chain: CHAIN, at: clock.now(), runId: null, action: 'x', actor: 'anonymous', target: null },
        '0'.repeat(64),
      ),
    );
    await audit.database.owner.query(
      `INSERT INTO audit_entries (id, chain_id, kind, body, at) SELECT id, chain_id, kind, body, at
       FROM jsonb_to_recordset($1) AS e(id uuid, chain_id text, kind text, body jsonb, at timestamptz)`,
      [JSON.stringify(entries)],
    );
    await audit.sealer.sealAll();
  };
  const checkpoints = async () =>
    (await audit.database.owner.query<{ seq: number }>('SELECT seq::int FROM audit_checkpoints ORDER BY seq')).rows.map(
      ({ seq }) => seq,
    );

  it('come every 1,000 entries', async () => {
    await commit(999);
    expect(await checkpoints()).toEqual([]);
    await commit(1_002);
    expect(await checkpoints()).toEqual([1_000, 2_000]);
    expect(await audit.verifier.verify({ orgId: ORG }, CHAIN)).toMatchObject({ valid: true, checked: 2_001 });
  });

  it('come 5 minutes after the first entry since the last one', async () => {
    clock.advance(299_999);
    await commit(1);
    expect(await checkpoints()).toEqual([1_000, 2_000]);
    clock.advance(1);
    await audit.sealer.sealAll();
    expect(await checkpoints()).toEqual([1_000, 2_000, 2_002]);
    clock.advance(1_000_000);
    await audit.sealer.sealAll();
    expect(await checkpoints()).toEqual([1_000, 2_000, 2_002]);
    expect(await audit.verifier.verify({ orgId: ORG }, CHAIN)).toMatchObject({ valid: true });
  });
});
