import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { FakeServer, TestDatabase } from '../../libs/platform/database/testing/index.ts';
import { LastResort } from '#platform/host';
import { Installation } from './installation.ts';
import { migrateInstallation } from './migrate-installation.ts';
import { redactInput } from './redact-input.ts';
import { describeChains, verifyChains } from './verify-chains.ts';

describe('operator commands', () => {
  let database: TestDatabase;
  let dataDir: string;
  let installation: Installation;

  beforeAll(async () => {
    database = await TestDatabase.create();
    dataDir = mkdtempSync(join(tmpdir(), 'alphaswarm-ops-'));
    installation = new Installation(
      { DATABASE_URL: database.urls.owner, ALPHASWARM_DATA_DIR: dataDir },
      new LastResort(),
    );
  });
  afterAll(async () => {
    await database.drop();
    rmSync(dataDir, { recursive: true });
  });

  it('record and seal what they did', async () => {
    expect(await migrateInstallation(installation)).toEqual([]);
    const { rows } = await database.owner.query('SELECT action, actor_id, status FROM workload_runs');
    expect(rows).toEqual([{ action: 'database.migrate', actor_id: 'ops', status: 'succeeded' }]);
    expect((await database.owner.query('SELECT seq::int FROM audit_ledger ORDER BY seq')).rows).toEqual([
      { seq: 1 },
      { seq: 2 },
    ]);
  });

  it('bring the schema of the queue up to date', async () => {
    await database.owner.query('DROP SCHEMA graphile_worker CASCADE');
    await installation.migrate();
    expect(
      (await database.owner.query("SELECT to_regclass('graphile_worker.migrations') IS NOT NULL AS there")).rows,
    ).toEqual([{ there: true }]);
  });

  it('refuse a server that is too old with a sentence and the code of a bad configuration', async () => {
    const server = await FakeServer.start('14.11', 140_011);
    try {
      const args = ['--conditions=source', '--import', './libs/platform/jobs/testing/register-swc.mjs'];
      const child = spawn(process.execPath, [...args, 'apps/ops/main.ts', 'migrate'], {
        env: { PATH: process.env['PATH'], DATABASE_URL: server.url, ALPHASWARM_DATA_DIR: dataDir },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      expect(await text(child.stderr)).toBe(
        'The database server is PostgreSQL 14.11; this release needs PostgreSQL 15 or newer.\n',
      );
      expect(child.exitCode ?? (await once(child, 'exit'))[0]).toBe(78);
    } finally {
      server.close();
    }
  });

  it('look for no ledger where there is no installation, and make none', async () => {
    const elsewhere = join(dataDir, 'mistyped');
    await expect(verifyChains(new Installation({ ALPHASWARM_DATA_DIR: elsewhere }, new LastResort()))).rejects.toThrow(
      /no installation/,
    );
    expect(existsSync(elsewhere)).toBe(false);
  });

  it('verify the chains', async () => {
    const chains = await verifyChains(installation);
    expect(chains).toEqual([
      { chain: 'platform', from: 1, to: 2, checked: 2, unsealed: 1, valid: true, first_bad: null },
    ]);
    expect(describeChains(chains)).toBe('platform: valid; 2 entries checked, 1 not sealed yet\n');
    expect(describeChains([])).toBe('The audit ledger is empty.\n');
    expect(await verifyChains(installation, 'platform')).toMatchObject([{ to: 4, valid: true }]);
  });

  it('show the first characters of long secrets on the console alone, on the record', async () => {
    const [long, short] = ['zyxwvutsrqponmlkjihg', 'zyxwvutsrqpo'];
    expect(await redactInput(installation, JSON.stringify({ client_secret: long, api_key: short }), true)).toBe(
      '{"client_secret":"[REDACTED:zyxw…]","api_key":"[REDACTED]"}\n',
    );
    expect(await redactInput(installation, `token=${long} password=${short}`, true)).toBe(
      'token=[REDACTED:zyxw…] password=[REDACTED]',
    );
    expect(await redactInput(installation, `token=${long}`, false)).toBe('token=[REDACTED]');
    const { rows } = await database.owner.query(
      "SELECT payload FROM workload_runs WHERE action = 'audit.redact' ORDER BY started_at, id",
    );
    expect(rows).toEqual([true, true, false].map((used) => ({ payload: { unsafe_print_token_prefixes: used } })));
    for (const table of ['workload_runs', 'audit_ledger', 'audit_entries']) {
      expect((await database.owner.query(`SELECT 1 FROM ${table} t WHERE t::text LIKE '%zyxw%'`)).rowCount).toBe(0);
    }
  });

  it('name the first bad row', async () => {
    const client = await database.owner.connect();
    await client.query('SET session_replication_role = replica');
    await client.query(
      "UPDATE audit_ledger SET body = jsonb_set(body, '{action}', '\"database.migratf\"') WHERE seq = 2",
    );
    client.release(true);
    expect(describeChains(await verifyChains(installation))).toBe(
      'platform: INVALID, first bad row: seq 2 (hash_mismatch); 2 entries checked, 1 not sealed yet\n',
    );
  });
});
