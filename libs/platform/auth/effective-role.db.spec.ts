import { TestDatabase } from '../database/testing/index.ts';
import { TenantBuilder, type TestTenant } from './testing/index.ts';

describe('effective_role', () => {
  let database: TestDatabase;
  let build: TenantBuilder;
  let acme: TestTenant;
  let globex: TestTenant;
  let count = 0;

  beforeAll(async () => {
    database = await TestDatabase.create();
    build = new TenantBuilder(database.owner);
    [acme, globex] = await Promise.all([build.tenant('acme'), build.tenant('globex')]);
  });

  afterAll(() => database.drop());

  /** Asked as the application role without any tenant context. */
  const roleOf = async (subject: string, scope: string): Promise<string | null> => {
    const tx = await transaction();
    const rows = await tx.run({ orgId: null }, () =>
      tx.manager.query<{ role: string; live_control: boolean }[]>('SELECT * FROM effective_role($1, $2)', [
        subject,
        scope,
      ]),
    );
    return rows[0] ? `${rows[0].role}${rows[0].live_control ? '+live' : ''}` : null;
  };
  let opened: ReturnType<TestDatabase['transaction']> | undefined;
  const transaction = (): ReturnType<TestDatabase['transaction']> => (opened ??= database.transaction());
  const newcomer = async (): Promise<string> => (await build.person(`newcomer-${++count}`)).id;
  const team = (): Promise<string> => build.team(acme.orgId, `team-${++count}`);
  const workspace = (visibility: 'private' | 'team' | 'org'): Promise<string> =>
    build.workspace(acme.orgId, `workspace-${++count}`, { visibility });
  const grant = (
    subjectId: string,
    scopeKind: 'org' | 'team' | 'workspace' | 'project',
    scopeId: string,
    role: 'viewer' | 'editor' | 'admin' | 'owner',
    more: object = {},
  ): Promise<string> => build.grant({ orgId: acme.orgId, subjectId, scopeKind, scopeId, role, ...more });

  it.each(['viewer', 'editor', 'admin', 'owner'] as const)('reaches an org %s two levels down', async (role) => {
    const { id } = acme.people[role];
    expect([
      await roleOf(id, acme.orgId),
      await roleOf(id, acme.workspaceId),
      await roleOf(id, acme.projectId),
    ]).toEqual([role, role, role]);
  });

  it('gives nothing in another organization, whatever the role', async () => {
    expect([
      await roleOf(globex.people.owner.id, acme.orgId),
      await roleOf(globex.people.owner.id, acme.projectId),
    ]).toEqual([null, null]);
  });

  it('takes the strongest of several grants', async () => {
    const user = await newcomer();
    await grant(user, 'org', acme.orgId, 'viewer');
    await grant(user, 'project', acme.projectId, 'admin');
    expect([await roleOf(user, acme.projectId), await roleOf(user, acme.workspaceId)]).toEqual(['admin', 'viewer']);
  });

  it('gives nothing on the workspace for a grant on its project', async () => {
    const user = await newcomer();
    await grant(user, 'project', acme.projectId, 'owner');
    expect([
      await roleOf(user, acme.projectId),
      await roleOf(user, acme.workspaceId),
      await roleOf(user, acme.orgId),
    ]).toEqual(['owner', null, null]);
  });

  it('hides a private workspace from org viewers and editors, not from org admins', async () => {
    const hidden = await workspace('private');
    const project = await build.project(acme.orgId, hidden, 'secret');
    expect(
      await Promise.all(
        (['viewer', 'editor', 'admin', 'owner'] as const).map((role) => roleOf(acme.people[role].id, project)),
      ),
    ).toEqual([null, null, 'admin', 'owner']);
    await grant(acme.people.viewer.id, 'workspace', hidden, 'editor');
    expect(await roleOf(acme.people.viewer.id, project)).toBe('editor');
  });

  it('adds viewer on a workspace of visibility org for whoever is a live member of the organization', async () => {
    const open = await workspace('org');
    const user = await newcomer();
    expect(await roleOf(user, open)).toBeNull();
    const elsewhere = await workspace('private');
    await grant(user, 'workspace', elsewhere, 'editor');
    expect([await roleOf(user, open), await roleOf(globex.people.owner.id, open)]).toEqual(['viewer', null]);
  });

  it('limits a team grant by the own role in the team, and the other way round', async () => {
    const [weak, strong, group] = [await newcomer(), await newcomer(), await team()];
    await grant(group, 'workspace', acme.workspaceId, 'editor', { subjectKind: 'team' });
    await grant(weak, 'team', group, 'viewer');
    await grant(strong, 'team', group, 'owner');
    expect([
      await roleOf(weak, acme.workspaceId),
      await roleOf(strong, acme.workspaceId),
      await roleOf(strong, acme.projectId),
    ]).toEqual(['viewer', 'editor', 'editor']);
  });

  it('gives nothing through a team to an org admin who is not in it, and nothing through an archived one', async () => {
    const [outsider, member, group] = [await newcomer(), await newcomer(), await team()];
    const hidden = await workspace('private');
    await grant(group, 'workspace', hidden, 'editor', { subjectKind: 'team' });
    await grant(outsider, 'org', acme.orgId, 'viewer');
    await grant(member, 'team', group, 'admin');
    expect([await roleOf(outsider, hidden), await roleOf(member, hidden)]).toEqual([null, 'editor']);
    await database.owner.query('UPDATE teams SET archived = true WHERE id = $1', [group]);
    expect(await roleOf(member, hidden)).toBeNull();
  });

  it('treats an org-level team grant like an own one in private workspaces', async () => {
    const [user, group, hidden] = [await newcomer(), await team(), await workspace('private')];
    await grant(group, 'org', acme.orgId, 'admin', { subjectKind: 'team' });
    await grant(user, 'team', group, 'editor');
    expect([await roleOf(user, acme.workspaceId), await roleOf(user, hidden)]).toEqual(['editor', null]);
  });

  it('ignores an expired grant, and one through an expired place in a team', async () => {
    const [user, group] = [await newcomer(), await team()];
    const past = new Date(Date.UTC(2026, 0, 1));
    await grant(user, 'workspace', acme.workspaceId, 'owner', { expiresAt: past });
    await grant(group, 'workspace', acme.workspaceId, 'owner', { subjectKind: 'team' });
    await grant(user, 'team', group, 'owner', { expiresAt: past });
    expect(await roleOf(user, acme.workspaceId)).toBeNull();
  });

  it.each(['suspended', 'deleted'])('ignores every grant of a %s user', async (status) => {
    const user = await newcomer();
    await grant(user, 'org', acme.orgId, 'owner');
    await database.owner.query('UPDATE users SET status = $2 WHERE id = $1', [user, status]);
    expect(await roleOf(user, acme.projectId)).toBeNull();
  });

  it('counts live control only of a grant that yields at least editor', async () => {
    const [viewer, editor, throughTeam, group, careful] = [
      await newcomer(),
      await newcomer(),
      await newcomer(),
      await team(),
      await team(),
    ];
    await grant(viewer, 'workspace', acme.workspaceId, 'viewer', { liveControl: true });
    await grant(editor, 'workspace', acme.workspaceId, 'editor', { liveControl: true });
    await grant(group, 'workspace', acme.workspaceId, 'admin', { subjectKind: 'team', liveControl: true });
    await grant(throughTeam, 'team', group, 'editor');
    expect([
      await roleOf(viewer, acme.workspaceId),
      await roleOf(editor, acme.workspaceId),
      await roleOf(throughTeam, acme.workspaceId),
    ]).toEqual(['viewer', 'editor+live', 'editor+live']);
    const own = await newcomer();
    await grant(careful, 'workspace', acme.workspaceId, 'admin', { subjectKind: 'team' });
    await grant(own, 'team', careful, 'editor', { liveControl: true });
    expect(await roleOf(own, acme.workspaceId)).toBe('editor');
  });

  it('answers for a service principal until it is disabled', async () => {
    const machine = '018cc251-f400-7000-8000-0000000000f1';
    await database.owner.query(
      `INSERT INTO service_principals (id, org_id, provider, issuer, client_id, name, kind) VALUES ($1, $2,
      'local', 'x', 'worker', 'worker', 'worker')`,
      [machine, acme.orgId],
    );
    await grant(machine, 'org', acme.orgId, 'editor', { subjectKind: 'service_principal' });
    expect(await roleOf(machine, acme.projectId)).toBe('editor');
    await database.owner.query("UPDATE service_principals SET status = 'disabled' WHERE id = $1", [machine]);
    expect(await roleOf(machine, acme.projectId)).toBeNull();
  });

  it('keeps at least one owner when two remove each other at once', async () => {
    const tenant = await build.tenant('initech');
    const second = await build.person('initech-second');
    await build.grant({
      orgId: tenant.orgId,
      subjectId: second.id,
      scopeKind: 'org',
      scopeId: tenant.orgId,
      role: 'owner',
    });
    const tx = await transaction();
    const remove = (subject: string): Promise<boolean> =>
      tx
        .run({ orgId: tenant.orgId }, async () => {
          await tx.manager.query('DELETE FROM memberships WHERE subject_id = $1', [subject]);
          await new Promise((resolve) => setTimeout(resolve, 50));
          const [row] = await tx.manager.query<{ remains: boolean }[]>('SELECT owner_remains($1) AS remains', [
            tenant.orgId,
          ]);
          if (!row?.remains) throw new Error('last_owner');
          return true;
        })
        .catch(() => false);
    const removed = await Promise.all([remove(tenant.people.owner.id), remove(second.id)]);
    expect(removed.filter(Boolean)).toHaveLength(1);
  });
});
