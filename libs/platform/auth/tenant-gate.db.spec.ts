import { DomainError, FixedClock } from '#kernel';
import { AuthConfig, loadTopic } from '#platform/config';
import { AppPool } from '#platform/database';
import type { TokenFacts } from '#platform/context';
import { TestDatabase } from '../database/testing/index.ts';
import { AuthorizationRepository } from './authorization.repository.ts';
import { GrantSnapshots } from './grant-snapshots.ts';
import { TenantGate } from './tenant-gate.ts';
import { TenantBuilder, type TestTenant } from './testing/index.ts';
import { LOCAL_ISSUER } from './token/local-issuer.ts';
import type { VerifiedToken } from './token/trust-entry.ts';

const TENANT = 'aaaaaaaa-0000-4000-8000-000000000001';

describe('TenantGate', () => {
  let database: TestDatabase;
  let pool: AppPool;
  let acme: TestTenant;
  let globex: TestTenant;
  let gate: TenantGate;
  let snapshots: GrantSnapshots;

  beforeAll(async () => {
    database = await TestDatabase.create();
    pool = new AppPool(database.urls.app, { size: 2, prepare: true });
    const build = new TenantBuilder(database.owner);
    [acme, globex] = await Promise.all([build.tenant('acme'), build.tenant('globex')]);
    await database.owner.query("UPDATE organizations SET auth0_org_id = 'org_' || slug");
    const repository = new AuthorizationRepository(pool);
    gate = new TenantGate(repository);
    snapshots = new GrantSnapshots(
      repository,
      new FixedClock('2026-01-02T03:04:05Z'),
      loadTopic(AuthConfig, { ALPHASWARM_ENV: 'test' }),
    );
  });
  afterAll(async () => {
    await pool.close();
    await database.drop();
  });

  const tokenOf = (more: Partial<VerifiedToken>, staff: TokenFacts['staff'] = null): VerifiedToken => ({
    client: null,
    organization: null,
    tenant: null,
    tokenId: null,
    facts: {
      provider: 'local',
      issuer: LOCAL_ISSUER,
      subject: acme.people.editor.user,
      scopes: new Set(),
      acr: null,
      authTime: null,
      issuedAt: 0,
      expiresAt: 0,
      idHash: null,
      claimsChallenge: null,
      staff,
    },
    ...more,
  });
  const enter = async (token: VerifiedToken, enforce = true, headers = {}): Promise<string | null> => {
    try {
      return (await gate.enter(token, await snapshots.of(token.facts), headers, enforce)).orgId;
    } catch (error) {
      if (error instanceof DomainError) return `${error.status} ${error.code}`;
      throw error;
    }
  };
  const named = (value: string) => tokenOf({ organization: { by: 'auth0_org_id', value } });

  it('knows an organization by slug and by the id that Auth0 has for it', async () => {
    expect(await enter(tokenOf({ organization: { by: 'slug', value: 'acme' } }))).toBe(acme.orgId);
    expect(await enter(named('org_acme'))).toBe(acme.orgId);
  });

  it('refuses a token of Auth0 for another organization, an unknown one, or the one that a header leaves', async () => {
    expect(await enter(named('org_globex'))).toBe('403 organization_mismatch');
    expect(await enter(named('acme'))).toBe('403 organization_mismatch');
    expect(await enter(named('org_globex'), true, { 'x-alphaswarm-workspace': acme.workspaceId })).toBe(
      '403 organization_mismatch',
    );
    expect(await enter(named('org_globex'), false)).toBeNull();
    expect(globex.orgId).not.toBe(acme.orgId);
  });

  it('knows no directory tenant but that of the staff', async () => {
    expect(await enter(tokenOf({ tenant: TENANT }))).toBe('403 tenant_unknown');
    expect(await enter(tokenOf({ tenant: TENANT }), false)).toBe(acme.orgId);
    expect(await enter(tokenOf({ tenant: TENANT }, 'operator'))).toBe(acme.orgId);
  });

  it('lets no machine in', async () => {
    expect(await enter(tokenOf({ client: 'daemon', tenant: TENANT }), false)).toBe('403 tenant_unknown');
    expect(await enter(tokenOf({ client: 'daemon' }), false)).toBe('403 service_principal_unknown');
    expect(await enter(tokenOf({ client: 'daemon', tenant: TENANT }, 'superadmin'))).toBe(
      '403 service_principal_unknown',
    );
  });
});
