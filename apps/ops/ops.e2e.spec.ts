import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestDatabase } from '../../libs/platform/database/testing/index.ts';
import { Installation } from './installation.ts';
import { migrateInstallation } from './migrate-installation.ts';
import { describeChains, verifyChains } from './verify-chains.ts';

describe('operator commands', () => {
  let database: TestDatabase;
  let dataDir: string;
  let installation: Installation;

  beforeAll(async () => {
    database = await TestDatabase.create();
    dataDir = mkdtempSync(join(tmpdir(), 'alphaswarm-ops-'));
    installation = new Installation({ DATABASE_URL: database.urls.owner, ALPHASWARM_DATA_DIR: dataDir });
  });
  afterAll(async () => {
    await database.drop();
    rmSync(dataDir, { recursive: true });
  });

  it('record and seal what they did', async () => {
    expect(await migrateInstallation(installation)).toEqual([]);
    const { rows } = await database.owner.query('SELECT action, actor_id, status FROM workload_runs');
    expect(rows).toEqual([{ action: 'database.migrate', actor_id: 'ops', status: 'succeeded' }]);
    expect((await database.owner.query('SELECT seq::int FROM audit_ledger ORDER BY seq')).rows).toEqual([{ seq: 1 }, { seq: 2 }]);
  });

  it('verify the chains', async () => {
    const chains = await verifyChains(installation);
    expect(chains).toEqual([{ chain: 'platform', from: 1, to: 2, checked: 2, unsealed: 1, valid: true, first_bad: null }]);
    expect(describeChains(chains)).toBe('platform: valid; 2 entries checked, 1 not sealed yet\n');
    expect(describeChains([])).toBe('The audit ledger is empty.\n');
    expect(await verifyChains(installation, 'platform')).toMatchObject([{ to: 4, valid: true }]);
  });

  it('name the first bad row', async () => {
    const client = await database.owner.connect();
    await client.query('SET session_replication_role = replica');
    await client.query("UPDATE audit_ledger SET body = jsonb_set(body, '{action}', '\"database.migratf\"') WHERE seq = 2");
    client.release(true);
    expect(describeChains(await verifyChains(installation))).toBe('platform: INVALID, first bad row: seq 2 (hash_mismatch); 2 entries checked, 1 not sealed yet\n');
  });
});
