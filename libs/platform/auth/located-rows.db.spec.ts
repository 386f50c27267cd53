import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { Context, type RequestContext } from '#platform/context';
import { Audited, NotAudited } from '#platform/http';
import { Requires } from './door.ts';
import { resource } from './resource.ts';
import { GuardedApp, type TestTenant } from './testing/index.ts';

const BADGE = resource('badge', 'badges', { scope: 'scope_id' });
const NOTICE = resource('notice', 'notices', { scope: null });

@Controller()
class BadgesController {
  @Get('badges/:id')
  @Requires('membership:read', { resource: BADGE })
  one(@Context() { orgId, platform, workspaceId, projectId, labId }: RequestContext): object {
    return { orgId, platform: platform ?? false, workspaceId, projectId, labId };
  }

  @Post('badges/:id/take')
  @HttpCode(200)
  @Requires('membership:grant', { resource: BADGE })
  @Audited('badge.take')
  take(): object {
    return {};
  }

  @Post('notices/:id/active')
  @HttpCode(200)
  @Requires('membership:grant', { resource: NOTICE })
  @NotAudited('test')
  active(): object {
    return {};
  }

  @Post('notices/:id/org')
  @HttpCode(200)
  @Requires('membership:grant', { resource: NOTICE, at: 'org' })
  @NotAudited('test')
  org(): object {
    return {};
  }
}

describe('A row with a scope column', () => {
  let guarded: GuardedApp;
  let acme: TestTenant;
  let globex: TestTenant;
  let other: string;
  let hidden: string;
  /** Admin of acme's first workspace and nothing else. */
  let admin: string;

  const row = async (table: 'badges' | 'notices', orgId: string | null, scopeId: string | null): Promise<string> => {
    const { rows } = await guarded.database.owner.query<{ id: string }>(
      `INSERT INTO ${table} (org_id, scope_id) VALUES ($1, $2) RETURNING id`,
      [orgId, scopeId],
    );
    return rows[0]?.id ?? '';
  };
  const badge = (orgId: string | null, scopeId: string | null): Promise<string> => row('badges', orgId, scopeId);
  const take = (id: string, token: string, headers?: Record<string, string>): Promise<string> =>
    guarded.outcome('POST', `/badges/${id}/take`, token, { headers });

  beforeAll(async () => {
    const columns = 'id uuid PRIMARY KEY DEFAULT gen_random_uuid(), org_id uuid, scope_id uuid';
    guarded = await GuardedApp.start({
      controller: BadgesController,
      sql: ['badges', 'notices'].flatMap((table) => [
        `CREATE TABLE ${table} (${columns})`,
        `CALL isolate_tenant('${table}')`,
      ]),
      env: { ALPHASWARM_RATE_WRITE: '100000', ALPHASWARM_RATE_PRINCIPAL: '100000' },
    });
    const { build, tokens } = guarded;
    [acme, globex] = await Promise.all([build.tenant('acme'), build.tenant('globex')]);
    other = await build.workspace(acme.orgId, 'other', { visibility: 'org' });
    hidden = await build.workspace(acme.orgId, 'hidden', { visibility: 'private' });
    const { id: subjectId, user } = await build.person('workspace-admin');
    const grant = { orgId: acme.orgId, subjectId, scopeKind: 'workspace' } as const;
    await build.grant({ ...grant, scopeId: acme.workspaceId, role: 'admin' });
    admin = await tokens.named(user, 'acme');
  });

  afterAll(() => guarded.stop());

  it('is judged on that scope: an admin of one workspace has no hand in another', async () => {
    const [mine, foreign, unseen, wide] = await Promise.all([
      badge(acme.orgId, acme.workspaceId),
      badge(acme.orgId, other),
      badge(acme.orgId, hidden),
      badge(acme.orgId, acme.orgId),
    ]);
    // Whichever workspace he acts in: the row decides, not the header.
    for (const workspace of [acme.workspaceId, other]) {
      const headers = { 'x-alphaswarm-workspace': workspace };
      expect([
        await take(mine, admin, headers),
        await take(foreign, admin, headers),
        await take(unseen, admin, headers),
        await take(wide, admin, headers),
      ]).toEqual(['200', '403 forbidden', '404 not_found', '403 forbidden']);
    }
    const owner = await guarded.tokens.of(acme, 'owner');
    for (const id of [mine, foreign, unseen, wide]) expect(await take(id, owner)).toBe('200');
  });

  it('becomes the scope of the request, of whatever kind it is', async () => {
    const owner = await guarded.tokens.of(acme, 'owner');
    const nowhere = { orgId: acme.orgId, platform: false, workspaceId: null, projectId: null, labId: null };
    const seen = async (scopeId: string): Promise<unknown> =>
      (await guarded.call('GET', `/badges/${await badge(acme.orgId, scopeId)}`, owner)).body;
    expect(await seen(other)).toEqual({ ...nowhere, workspaceId: other });
    expect(await seen(acme.projectId)).toEqual({
      ...nowhere,
      workspaceId: acme.workspaceId,
      projectId: acme.projectId,
    });
    expect(await seen(await guarded.build.team(acme.orgId, 'desk'))).toEqual(nowhere);
  });

  it('is the organization’s own without a scope, so an admin of a workspace does not change it', async () => {
    const id = await badge(acme.orgId, null);
    expect([
      await guarded.outcome('GET', `/badges/${id}`, admin),
      await take(id, admin),
      await take(id, await guarded.tokens.of(acme, 'admin')),
    ]).toEqual(['200', '403 forbidden', '200']);
  });

  it('is found by its organization alone, and by staff with the platform’s scope where it has none', async () => {
    const [foreign, platform] = [await badge(globex.orgId, globex.workspaceId), await badge(null, null)];
    const owner = await guarded.tokens.of(acme, 'owner');
    const superadmin = await guarded.tokens.of(acme, 'owner', { scope: 'platform:admin' });
    const operator = await guarded.tokens.of(acme, 'owner', { scope: 'admin:cluster' });
    expect([
      await take(foreign, owner),
      await take(platform, owner),
      await take(foreign, superadmin),
      await take(platform, superadmin),
      await take(platform, operator),
    ]).toEqual(['404 not_found', '404 not_found', '404 not_found', '200', '403 forbidden']);
    const { rows } = await guarded.database.owner.query(
      'SELECT org_id, target_kind, status FROM workload_runs WHERE target_id = $1',
      [platform],
    );
    expect(rows).toEqual([{ org_id: null, target_kind: 'badge', status: 'succeeded' }]);
    expect((await guarded.call('GET', `/badges/${platform}`, operator)).body).toEqual({
      orgId: null,
      platform: true,
      workspaceId: null,
      projectId: null,
      labId: null,
    });
  });

  it('that lies in no scope is judged where its door says', async () => {
    const id = await row('notices', acme.orgId, null);
    expect([
      await guarded.outcome('POST', `/notices/${id}/active`, admin),
      await guarded.outcome('POST', `/notices/${id}/org`, admin),
    ]).toEqual(['200', '403 forbidden']);
  });
});
