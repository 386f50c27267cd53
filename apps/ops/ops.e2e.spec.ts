import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { FakeServer, TestDatabase } from '../../libs/platform/database/testing/index.ts';
import { newId } from '#kernel';
import { EnvelopeConfig, EnvironmentConfig, loadTopic } from '#platform/config';
import { Envelope, KeyEncryptionKeys } from '#platform/envelope';
import { LastResort } from '#platform/host';
import { checkCredentials, describeCredentials } from './check-credentials.ts';
import { Installation } from './installation.ts';
import { migrateInstallation } from './migrate-installation.ts';
import { redactInput } from './redact-input.ts';
import { describeRotation, rotateKek } from './rotate-kek.ts';
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

  it('say which credentials an organization has for a service, and whether they open', async () => {
    const env = { ALPHASWARM_ENV: 'test', DATABASE_URL: database.urls.owner, ALPHASWARM_DATA_DIR: dataDir };
    const own = new Installation(
      { ...env, ALPHASWARM_PLATFORM_CREDENTIALS: 'openai', OPENAI_API_KEY: 'canary-of-the-platform' },
      new LastResort(),
    );
    const keks = KeyEncryptionKeys.open(loadTopic(EnvelopeConfig, env), loadTopic(EnvironmentConfig, env));
    const [orgId, id, moved] = [newId(), newId(), newId()];
    await database.owner.query("INSERT INTO organizations (id, slug, name) VALUES ($1, 'acme', 'Acme')", [orgId]);
    for (const credential of [id, moved]) {
      const place = `credential|${orgId}|||${id}|1`;
      const { ciphertext, wrappedKey, kekId } = new Envelope(keks).seal(Buffer.from('canary-of-acme'), place);
      await database.owner.query(
        `INSERT INTO credentials (id, org_id, kind, service, purpose, label, fingerprint, created_by, created_at,
           updated_at) VALUES ($1, $2, 'llm', 'openai', $3, 'main', '\\xabcd', 'user:x', now(), now())`,
        [credential, orgId, credential === id ? 'api_key' : 'token'],
      );
      await database.owner.query('INSERT INTO credential_versions VALUES ($1, 1, $2, $3, $4, $5, NULL, now())', [
        ...[credential, orgId, ciphertext, wrappedKey, kekId],
      ]);
    }
    const said = describeCredentials(await checkCredentials(own, 'acme', 'openai'));
    expect(said).toBe(
      'api_key: organization "main", version 1, fingerprint abcd: opens\n' +
        'api_key: env: opens\n' +
        'token: organization "main", version 1, fingerprint abcd: does not open (not_authentic)\n',
    );
    expect(describeCredentials(await checkCredentials(own, 'acme', 'other'))).toBe('There is none.\n');
    await expect(checkCredentials(own, 'nobody', 'openai')).rejects.toThrow('There is no organization nobody.');
    await database.owner.query('DELETE FROM credential_versions');
  });

  it('rotate the key-encryption key; killed half-way, the next one goes on, and all secrets open', async () => {
    const env = { ALPHASWARM_ENV: 'test', DATABASE_URL: database.urls.owner, ALPHASWARM_DATA_DIR: dataDir };
    const own = new Installation(env, new LastResort());
    const keks = KeyEncryptionKeys.open(loadTopic(EnvelopeConfig, env), loadTopic(EnvironmentConfig, env));
    const envelope = new Envelope(keks);
    const old = keks.current().id;
    await keepSealed(database, envelope, 3_000);

    const args = ['--conditions=source', '--import', './libs/platform/jobs/testing/register-swc.mjs'];
    const child = spawn(process.execPath, [...args, 'apps/ops/main.ts', 'kek', 'rotate'], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: 'ignore',
    });
    while ((await underAnother(database, old)) === 0 && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(child.kill('SIGKILL')).toBe(true);
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    const done = await underAnother(database, old);
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(3_000);
    expect(await opened(database, envelope)).toBe(3_000);
    const half = keks.current().id;
    expect(half).not.toBe(old);

    const resumed = await rotateKek(own);
    expect(resumed).toEqual({ kekId: half, added: false, rewrapped: expect.any(Number), refused: [] });
    expect(resumed.rewrapped).toBeGreaterThanOrEqual(3_000 - done - 100);
    expect(await underAnother(database, half)).toBe(0);

    await database.owner.query(
      `UPDATE credential_versions SET kek_id = '0000000000000000'
       WHERE credential_id = (SELECT credential_id FROM credential_versions ORDER BY 1 LIMIT 1)`,
    );
    const next = await rotateKek(own);
    expect(next).toEqual({ kekId: keks.current().id, added: true, rewrapped: 2_999, refused: [expect.any(String)] });
    expect(describeRotation(next)).toMatch(/is the new key\.\nRewrapped 2999 versions .*\n {2}\S+\/1 does not open/);
    expect(readFileSync(join(dataDir, 'kek'), 'utf8').trim().split('\n')).toHaveLength(3);
    const { rows } = await database.owner.query<{ status: string; n: number }>(
      "SELECT status, count(*)::int AS n FROM workload_runs WHERE action = 'kek.rotate' GROUP BY 1 ORDER BY 1",
    );
    expect(rows).toEqual([
      { status: 'pending', n: 1 },
      { status: 'succeeded', n: 2 },
    ]);
  }, 60_000);

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

/** So many credentials of two organizations. */
async function keepSealed(database: TestDatabase, envelope: Envelope, count: number): Promise<void> {
  const sealed = Array.from({ length: count }, (_, index) => envelope.seal(Buffer.from(String(index)), 'here'));
  await database.owner.query(
    `WITH sealed AS (
       SELECT uuidv7() AS id, lpad((n % 2 + 1)::text, 32, '0')::uuid AS org_id, * FROM
         unnest($1::bytea[], $2::bytea[], $3::text[]) WITH ORDINALITY AS s (ciphertext, dek_wrapped, kek_id, n)
     ), kept AS (
       INSERT INTO credentials (id, org_id, kind, service, purpose, label, fingerprint, created_by, created_at,
         updated_at)
       SELECT id, org_id, 'generic', 'x', 'y', n, '', 'user:x', now(), now() FROM sealed RETURNING id
     ) INSERT INTO credential_versions (credential_id, version, org_id, ciphertext, dek_wrapped, kek_id, created_at)
       SELECT id, 1, org_id, ciphertext, dek_wrapped, kek_id, now() FROM sealed JOIN kept USING (id)`,
    [sealed.map((s) => s.ciphertext), sealed.map((s) => s.wrappedKey), sealed.map((s) => s.kekId)],
  );
}

/** How many are not under this key. */
async function underAnother(database: TestDatabase, kekId: string): Promise<number> {
  const { rows } = await database.owner.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM credential_versions WHERE kek_id <> $1',
    [kekId],
  );
  return rows[0]?.n ?? -1;
}

/** How many open. Throws EnvelopeError at one that does not. */
async function opened(database: TestDatabase, envelope: Envelope): Promise<number> {
  const { rows } = await database.owner.query<{ ciphertext: Buffer; dek_wrapped: Buffer; kek_id: string }>(
    'SELECT ciphertext, dek_wrapped, kek_id FROM credential_versions',
  );
  return rows.filter(
    ({ ciphertext, dek_wrapped: wrappedKey, kek_id: kekId }) =>
      envelope.open({ ciphertext, wrappedKey, kekId }, 'here').length > 0,
  ).length;
}
