import { createHash, generateKeyPairSync } from 'node:crypto';
import { canonicalJson } from '#kernel';
import { CheckpointKeys } from '../sealing/checkpoint-keys.ts';
import { AuditFixture, ORG, userContext } from '../testing/audit-fixture.ts';
import { ChainVerifier } from './chain-verifier.ts';
import { ChainRepository } from './chain.repository.ts';

const CHAIN = `org:${ORG}` as const;

describe('verification of a chain of 20 entries with a checkpoint at 15', () => {
  let audit: AuditFixture;

  beforeAll(async () => {
    audit = await AuditFixture.create();
    for (let run = 0; run < 10; run++) {
      await audit.runtime.run(
        userContext(),
        {
          action: 'note.write',
          targetKind: null,
          targetId: null,
          payload: { text: `é ${run}`, n: run / 3, big: 1e21, zero: -0 },
        },
        async () => undefined,
      );
    }
    await audit.sealer.sealAll();
    const { rows } = await audit.database.owner.query<{ hash: string }>(
      "SELECT encode(entry_hash, 'hex') AS hash FROM audit_ledger WHERE seq = 15",
    );
    const signed = audit.keys.sign(CHAIN, 15, rows[0]!.hash);
    await audit.database.owner.query(
      `INSERT INTO audit_checkpoints (chain_id, seq, hash, signature, key_id) VALUES ($1, 15, decode($2, 'hex'),
      $3, $4)`,
      [CHAIN, signed.hash, signed.signature, signed.key_id],
    );
    for (const table of ['audit_ledger', 'audit_chain_heads', 'audit_checkpoints', 'workload_runs'])
      await audit.database.owner.query(`CREATE TABLE kept_${table} AS TABLE ${table}`);
  });
  afterAll(() => audit.close());
  afterEach(async () => {
    for (const table of ['audit_ledger', 'audit_chain_heads', 'audit_checkpoints', 'workload_runs']) {
      await audit.tamper(`DELETE FROM ${table}`);
      await audit.tamper(`INSERT INTO ${table} SELECT * FROM kept_${table}`);
    }
  });

  const verify = (from?: number, to?: number) => audit.verifier.verify({ orgId: ORG }, CHAIN, from, to);
  const bad = (seq: number, reason: string) => expect.objectContaining({ valid: false, first_bad: { seq, reason } });

  it('finds nothing in an untouched one, whole or in part', async () => {
    expect(await verify()).toEqual({
      chain: CHAIN,
      from: 1,
      to: 20,
      checked: 20,
      unsealed: 0,
      valid: true,
      first_bad: null,
    });
    expect(await verify(5, 12)).toEqual({
      chain: CHAIN,
      from: 5,
      to: 12,
      checked: 8,
      unsealed: 0,
      valid: true,
      first_bad: null,
    });
    expect(await verify(5, 4000)).toMatchObject({ to: 20, checked: 16, valid: true });
    expect(await verify(21)).toMatchObject({ checked: 0, valid: true });
  });

  it.each([
    [
      'a byte of a body',
      `UPDATE audit_ledger SET body = replace(body::text, 'note.write', 'note.writf')::jsonb WHERE seq = 7`,
      7,
      'hash_mismatch',
    ],
    [
      'a body that has no canonical form',
      `UPDATE audit_ledger SET body = '{"v": 1e999}' WHERE seq = 7`,
      7,
      'hash_mismatch',
    ],
    ['no body', `UPDATE audit_ledger SET body = 'null' WHERE seq = 7`, 7, 'hash_mismatch'],
    [
      'a byte of an entry hash',
      'UPDATE audit_ledger SET entry_hash = set_byte(entry_hash, 0, get_byte(entry_hash, 0) # 1) WHERE seq = 7',
      7,
      'hash_mismatch',
    ],
    [
      'a byte of a previous hash',
      'UPDATE audit_ledger SET prev_hash = set_byte(prev_hash, 31, get_byte(prev_hash, 31) # 1) WHERE seq = 7',
      7,
      'link_break',
    ],
    [
      'a previous hash at 1',
      'UPDATE audit_ledger SET prev_hash = set_byte(prev_hash, 0, 1) WHERE seq = 1',
      1,
      'link_break',
    ],
    [
      'a column that repeats the body',
      "UPDATE audit_ledger SET at = at + interval '1 ms' WHERE seq = 3",
      3,
      'hash_mismatch',
    ],
    [
      'a payload',
      `UPDATE workload_runs SET payload = jsonb_set(payload, '{text}', '"x"') WHERE id = (SELECT run_id FROM
        audit_ledger WHERE seq = 3)`,
      3,
      'payload_mismatch',
    ],
    [
      'a status',
      "UPDATE workload_runs SET status = 'failed' WHERE id = (SELECT run_id FROM audit_ledger WHERE seq = 4)",
      4,
      'payload_mismatch',
    ],
    ['a deleted row', 'DELETE FROM audit_ledger WHERE seq = 9', 9, 'gap'],
    ['a dropped tail with the head kept', 'DELETE FROM audit_ledger WHERE seq > 17', 18, 'truncated'],
    [
      'a byte of a checkpoint hash',
      'UPDATE audit_checkpoints SET hash = set_byte(hash, 0, get_byte(hash, 0) # 1)',
      15,
      'checkpoint_mismatch',
    ],
    [
      'a byte of a signature',
      "UPDATE audit_checkpoints SET signature = translate(signature, '0123456789abcdef', '123456789abcdef0')",
      15,
      'checkpoint_mismatch',
    ],
    [
      'the hash of the head',
      'UPDATE audit_chain_heads SET hash = set_byte(hash, 0, get_byte(hash, 0) # 1)',
      20,
      'hash_mismatch',
    ],
    ['all rows', 'DELETE FROM audit_ledger', 1, 'truncated'],
  ])('finds %s', async (_, statement, seq, reason) => {
    await audit.tamper(statement);
    expect(await verify()).toEqual(bad(seq, reason));
  });

  it('finds a tail that was dropped beyond the last checkpoint together with the head', async () => {
    await audit.tamper('DELETE FROM audit_ledger WHERE seq > 12');
    await audit.tamper(
      'UPDATE audit_chain_heads SET seq = 12, hash = (SELECT entry_hash FROM audit_ledger WHERE seq = 12)',
    );
    expect(await verify()).toEqual(bad(13, 'truncated'));
  });

  it('finds a chain that was rewritten consistently, also with the checkpoints signed anew', async () => {
    const { rows } = await audit.database.owner.query<{ seq: number; body: Record<string, unknown> }>(
      'SELECT seq::int, body FROM audit_ledger ORDER BY seq',
    );
    let previous = '0'.repeat(64);
    for (const { seq, body } of rows) {
      const forged = { ...body, actor: 'user:00000000-0000-0000-0000-00000000dead' };
      const hash = createHash('sha256')
        .update(`${previous}\n${canonicalJson(forged)}`)
        .digest('hex');
      await audit.tamper(
        `UPDATE audit_ledger SET body = $1, prev_hash = decode($2, 'hex'), entry_hash = decode($3, 'hex') WHERE seq
        = $4`,
        [forged, previous, hash, seq],
      );
      previous = hash;
    }
    await audit.tamper("UPDATE audit_chain_heads SET hash = decode($1, 'hex')", [previous]);
    expect(await verify()).toEqual(bad(15, 'checkpoint_mismatch'));
    const forger = new CheckpointKeys(generateKeyPairSync('ed25519').privateKey);
    const {
      rows: [at15],
    } = await audit.database.owner.query<{ hash: string }>(
      "SELECT encode(entry_hash, 'hex') AS hash FROM audit_ledger WHERE seq = 15",
    );
    const signed = forger.sign(CHAIN, 15, at15!.hash);
    await audit.tamper("UPDATE audit_checkpoints SET hash = decode($1, 'hex'), signature = $2, key_id = $3", [
      signed.hash,
      signed.signature,
      signed.key_id,
    ]);
    expect(await verify()).toEqual(bad(15, 'checkpoint_mismatch'));
    await audit.tamper('UPDATE audit_checkpoints SET key_id = $1', [audit.keys.keyId]);
    expect(await verify()).toEqual(bad(15, 'checkpoint_mismatch'));
  });

  it('lets a payload be erased', async () => {
    await audit.database.owner.query('UPDATE workload_runs SET payload = NULL');
    expect(await verify()).toMatchObject({ valid: true });
  });

  it('goes on sealing after the head was set back, and tells of it', async () => {
    await audit.tamper(
      'UPDATE audit_chain_heads SET seq = 12, hash = (SELECT entry_hash FROM audit_ledger WHERE seq = 12)',
    );
    await audit.runtime.begin(userContext(), { action: 'note.write', targetKind: null, targetId: null, payload: {} });
    expect(await verify()).toMatchObject({ valid: true, unsealed: 1 });
    await audit.sealer.sealAll();
    expect(await verify()).toMatchObject({ valid: true, checked: 21, unsealed: 0 });
  });

  it('lists the chains, and shows an organization no other one', async () => {
    expect(await audit.verifier.chains()).toEqual([CHAIN]);
    const other = new ChainVerifier(audit.tx, new ChainRepository(audit.tx), audit.keys);
    expect(await other.verify({ orgId: '00000000-0000-0000-0000-000000000009' }, CHAIN)).toMatchObject({
      to: 0,
      checked: 0,
    });
  });
});
