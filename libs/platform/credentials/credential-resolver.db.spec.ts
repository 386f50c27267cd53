import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DomainError, FixedClock, newId } from '#kernel';
import { redactText } from '#platform/audit';
import type { Authorization } from '#platform/auth';
import { CredentialsConfig, EnvelopeConfig, EnvironmentConfig, loadTopic } from '#platform/config';
import type { RequestContext } from '#platform/context';
import { Envelope, KeyEncryptionKeys } from '#platform/envelope';
import { AuditFixture, ORG, OTHER_ORG, userContext } from '../audit/testing/audit-fixture.ts';
import { CredentialResolver, type ResolvedCredential } from './credential-resolver.ts';
import { CredentialVault } from './credential-vault.ts';
import type { CredentialKey, NewCredential } from './credential.ts';
import { CredentialsRepository } from './credentials.repository.ts';

const KEY: CredentialKey = { service: 'openai', purpose: 'api_key' };
type OrgContext = RequestContext & { orgId: string };

describe('CredentialResolver', () => {
  const clock = new FixedClock(Date.UTC(2026, 0, 5));
  const dataDir = mkdtempSync(join(tmpdir(), 'credentials-'));
  const [workspaceId, elsewhere] = [newId(), newId()];
  const ann = { ...userContext(ORG), orgId: ORG, workspaceId };
  const bob = { ...ann, principal: { ...ann.principal, id: newId(), actor: 'user:bob' } };
  let audit: AuditFixture;
  let vault: CredentialVault;
  let resolver: CredentialResolver;
  let permitted: boolean;

  beforeAll(async () => {
    audit = await AuditFixture.create(clock);
    const env = {
      ALPHASWARM_ENV: 'test',
      ALPHASWARM_DATA_DIR: dataDir,
      ALPHASWARM_PLATFORM_CREDENTIALS: 'platform',
      PLATFORM_API_KEY: 'secret-of-a-variable',
      OPENAI_API_KEY: 'secret-nobody-named',
    };
    const keks = KeyEncryptionKeys.open(loadTopic(EnvelopeConfig, env), loadTopic(EnvironmentConfig, env));
    const envelope = new Envelope(keks);
    const repository = new CredentialsRepository(audit.tx);
    const authorization = {
      activeAccess: () => Promise.resolve({ role: 'editor', liveControl: false, staff: null }),
      demand: (_: RequestContext, permission: string) => {
        if (!permitted) throw new DomainError(403, 'forbidden', { detail: permission });
      },
    } as unknown as Authorization;
    vault = new CredentialVault(repository, envelope, clock, randomBytes(32));
    const config = loadTopic(CredentialsConfig, env);
    resolver = new CredentialResolver(repository, audit.tx, envelope, authorization, audit.runtime, config, clock);
    mkdirSync(join(dataDir, 'credentials', 'platform'), { recursive: true });
    for (const purpose of ['api_key', 'token'])
      writeFileSync(join(dataDir, 'credentials', 'platform', purpose), 'secret-of-a-file\n', { mode: 0o600 });
  });
  afterAll(async () => {
    await audit.close();
    rmSync(dataDir, { recursive: true });
  });
  beforeEach(async () => {
    permitted = true;
    await audit.tamper('DELETE FROM credential_versions');
    await audit.tamper('DELETE FROM credentials');
  });

  const create = (secret: string, change: Partial<NewCredential> = {}, ctx: OrgContext = ann): Promise<string> =>
    audit.tx.run(ctx, () =>
      vault.create(ctx, {
        ...{ workspaceId: null, ownerUserId: null, kind: 'llm', ...KEY, label: 'main', expiresAt: null },
        ...change,
        secret,
      }),
    );
  const use = (ctx: RequestContext, key = KEY): Promise<ResolvedCredential> =>
    resolver.use(ctx, key, (credential) => Promise.resolve(credential));
  const shown = async (ctx: RequestContext, key = KEY): Promise<string> => {
    try {
      const { fields, source } = await use(ctx, key);
      return `${source} ${String(fields['credential'])}`;
    } catch (error) {
      if (error instanceof DomainError) return `${error.status} ${error.code}`;
      throw error;
    }
  };
  const rows = async <T extends object>(sql: string): Promise<T[]> => (await audit.database.owner.query<T>(sql)).rows;

  it('takes the own one, then the workspace’s, then the organization’s', async () => {
    expect(await shown(ann)).toBe('422 credential_unavailable');
    await create('of-organization');
    await create('of-workspace', { workspaceId });
    await create('of-elsewhere', { workspaceId: elsewhere });
    await create('of-ann', { ownerUserId: ann.principal.id });
    expect(await shown(ann)).toBe('own of-ann');
    expect(await shown(bob)).toBe('workspace of-workspace');
    expect(await shown({ ...bob, workspaceId: null })).toBe('organization of-organization');
    expect(await shown({ ...bob, workspaceId: elsewhere })).toBe('workspace of-elsewhere');
    expect(await shown({ ...ann, orgId: OTHER_ORG })).toBe('422 credential_unavailable');
    expect(await shown(ann, { ...KEY, label: 'other' })).toBe('422 credential_unavailable');
  });

  it('spends the installation’s for the services that it names alone: variable, then file', async () => {
    expect(await shown(ann, { service: 'platform', purpose: 'api_key' })).toBe('env secret-of-a-variable');
    expect(await shown(ann, { service: 'platform', purpose: 'token' })).toBe('file secret-of-a-file');
    for (const purpose of ['none', '../platform/token', ''])
      expect(await shown(ann, { service: 'platform', purpose })).toBe('422 credential_unavailable');
    expect(await shown(ann)).toBe('422 credential_unavailable');
    await create('of-organization', { service: 'platform' });
    expect(await shown(ann, { service: 'platform', purpose: 'api_key' })).toBe('organization of-organization');
  });

  it('asks for the permission before it looks', async () => {
    await create('of-organization');
    permitted = false;
    expect(await shown(ann)).toBe('403 forbidden');
  });

  it('gives nothing expired or revoked, and a pinned version for as long as the rotation said', async () => {
    const id = await create('first-version', { expiresAt: new Date(clock.now() + 10_000) });
    const { pin } = await use(ann);
    expect(pin).toEqual({ id, version: 1 });
    expect(await audit.tx.run(ann, () => vault.rotate(id, 'second-version', 5))).toBe(2);
    const pinned = { ...KEY, pinned: { id, version: 1 } };
    expect([await shown(ann), await shown(ann, pinned)]).toEqual([
      'organization second-version',
      'organization first-version',
    ]);
    clock.advance(4_999);
    expect(await shown(ann, pinned)).toBe('organization first-version');
    clock.advance(1);
    expect(await shown(ann, pinned)).toBe('422 credential_unavailable');
    expect(await shown(ann)).toBe('organization second-version');
    clock.advance(5_000);
    expect(await shown(ann)).toBe('422 credential_unavailable');
    await audit.tx.run(ann, () => vault.revoke(id));
    expect(await rows('SELECT 1 FROM credential_versions')).toEqual([]);
    await expect(audit.tx.run(ann, () => vault.revoke(id))).rejects.toMatchObject({ code: 'not_found' });
    await create('again');
    expect(await shown(ann)).toBe('organization again');
  });

  it('opens nothing that was moved to another organization, workspace, person or version, on the record', async () => {
    const moves = [
      `UPDATE credentials SET org_id = '${OTHER_ORG}'; UPDATE credential_versions SET org_id = '${OTHER_ORG}'`,
      `UPDATE credentials SET workspace_id = '${workspaceId}'`,
      `UPDATE credentials SET owner_user_id = '${ann.principal.id}'`,
      'UPDATE credentials SET version = 2; UPDATE credential_versions SET version = 2',
      `UPDATE credential_versions SET kek_id = '0123456789abcdef'`,
    ];
    for (const move of moves) {
      await audit.tamper('DELETE FROM credential_versions; DELETE FROM credentials');
      const id = await create('canary-of-a-row');
      expect(await shown(ann)).toBe('organization canary-of-a-row');
      await audit.tamper(move);
      const ctx = move.includes('org_id') ? { ...ann, orgId: OTHER_ORG } : ann;
      expect([move, await shown(ctx)]).toEqual([move, '503 credential_integrity']);
      const [run] = await rows(
        `SELECT status, error_code, target_id FROM workload_runs WHERE action = 'credential.use'
         ORDER BY id DESC LIMIT 1`,
      );
      expect(run).toEqual({ status: 'failed', error_code: 'credential_integrity', target_id: id });
    }
  });

  it('keeps secrets sealed in rows, out of the record, and masked while and after they are used', async () => {
    await create('{"key_id":"public-part","secret":"canary-of-a-field"}');
    const { fields } = await use(ann);
    expect(fields).toEqual({ key_id: 'public-part', secret: 'canary-of-a-field' });
    expect(redactText('no: canary-of-a-field')).toBe('no: [REDACTED]');
    for (const table of ['credentials', 'credential_versions', 'workload_runs', 'audit_entries'])
      expect(await rows(`SELECT 1 FROM ${table} t WHERE t::text LIKE '%canary-of-a-field%'`)).toEqual([]);
    const hex = Buffer.from('canary-of-a-field').toString('hex');
    expect(await rows(`SELECT 1 FROM credential_versions t WHERE t::text LIKE '%${hex}%'`)).toEqual([]);
    expect(await rows('SELECT last_used_at IS NOT NULL AS used, last4 FROM credentials')).toEqual([
      { used: true, last4: null },
    ]);
  });

  it('shows the end of long texts alone, and one fingerprint of one secret in one organization', async () => {
    const other = { ...ann, orgId: OTHER_ORG };
    await create('x'.repeat(15), { label: 'short' });
    await create(`${'x'.repeat(12)}tail`, { label: 'long' });
    await create(`${'x'.repeat(12)}tail`, { label: 'same' });
    await create(`${'x'.repeat(12)}tail`, { label: 'theirs' }, other);
    const shown = await rows<{ last4: string | null; print: string }>(
      "SELECT last4, encode(fingerprint, 'hex') AS print FROM credentials ORDER BY label",
    );
    expect(shown.map(({ last4 }) => last4)).toEqual(['tail', 'tail', null, 'tail']);
    expect(new Set(shown.map(({ print }) => print)).size).toBe(3);
    expect(shown[0]?.print).toBe(shown[1]?.print);
  });
});
