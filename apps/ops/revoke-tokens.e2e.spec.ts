import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LastResort } from '#platform/host';
import { TestDatabase } from '../../libs/platform/database/testing/index.ts';
import { Installation } from './installation.ts';
import { revokeTokens } from './revoke-tokens.ts';

describe('ops revoke', () => {
  let database: TestDatabase;
  let dataDir: string;
  let installation: Installation;

  beforeAll(async () => {
    database = await TestDatabase.create();
    dataDir = mkdtempSync(join(tmpdir(), 'alphaswarm-ops-'));
    const env = { DATABASE_URL: database.urls.owner, ALPHASWARM_DATA_DIR: dataDir };
    installation = new Installation(env, new LastResort());
  });
  afterAll(async () => {
    await database.drop();
    rmSync(dataDir, { recursive: true });
  });

  it('ends a token, a subject and a tenant until now, on the record, and again up to the later moment', async () => {
    const issuer = 'https://issuer.example/';
    await revokeTokens(installation, { kind: 'token', id: 'j', issuer });
    await revokeTokens(installation, { kind: 'subject', id: 'ann', issuer, reason: 'left' });
    await revokeTokens(installation, { kind: 'tenant', id: 't' });
    const { rows: before } = await database.owner.query(
      `SELECT kind, reason, key_hash = sha256(convert_to(CASE kind WHEN 'token' THEN $1 || 'j'
         WHEN 'subject' THEN $1 || 'ann' ELSE 't' END, 'UTF8')) AS named,
         expires_at = not_before + interval '24 hours 2 minutes' AS long, now() - not_before < interval '1 min' AS now
       FROM token_revocations ORDER BY kind`,
      [`${issuer}\n`],
    );
    const told = { named: true, long: true, now: true };
    expect(before).toEqual([
      { kind: 'subject', reason: 'left', ...told },
      { kind: 'tenant', reason: null, ...told },
      { kind: 'token', reason: null, ...told },
    ]);
    const moment = async () =>
      (await database.owner.query("SELECT not_before FROM token_revocations WHERE kind = 'tenant'")).rows[0].not_before;
    const first = await moment();
    await revokeTokens(installation, { kind: 'tenant', id: 't' });
    expect((await moment()).getTime()).toBeGreaterThan(first.getTime());
    const { rows } = await database.owner.query(
      "SELECT status, count(*)::int FROM workload_runs WHERE action = 'auth.revoke' GROUP BY status",
    );
    expect(rows).toEqual([{ status: 'succeeded', count: 4 }]);
  });

  it.each([
    [{ kind: 'token', id: 'j' }, /--issuer/],
    [{ kind: 'subject', id: 'ann' }, /--issuer/],
    [{ kind: 'everything', id: 'x' }, /one of token, subject, tenant/],
    [{ kind: 'tenant', id: 'x', reason: 'r'.repeat(501) }, /500/],
  ])('refuses %j', async (revocation, sentence) => {
    await expect(revokeTokens(installation, revocation)).rejects.toThrow(sentence);
  });
});
