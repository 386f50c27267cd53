import { newId } from '#kernel';
import { TestDatabase } from '../database/testing/index.ts';
import { TenantBuilder, type TestTenant } from './testing/index.ts';

/** Tables of a tenant whose key column is not called org_id, or that several tenants share. */
const ISOLATED_WITHOUT_ORG_ID = ['organizations', 'users', 'user_identities'];

describe('Row isolation', () => {
  let database: TestDatabase;
  let acme: TestTenant;
  let globex: TestTenant;

  beforeAll(async () => {
    database = await TestDatabase.create();
    const build = new TenantBuilder(database.owner);
    [acme, globex] = await Promise.all([build.tenant('acme'), build.tenant('globex')]);
  });

  afterAll(() => database.drop());

  const tenantTables = async (): Promise<string[]> => {
    const { rows } = await database.owner.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c
       WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
         AND (c.relname = ANY ($1) OR EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname =
         'org_id' AND NOT a.attisdropped))
       ORDER BY 1`,
      [ISOLATED_WITHOUT_ORG_ID],
    );
    return rows.map(({ name }) => name);
  };

  it('is forced on every table of a tenant, with a policy for what is written', async () => {
    const tables = await tenantTables();
    expect(tables).toEqual(expect.arrayContaining(['memberships', 'scopes', 'workspaces', ...ISOLATED_WITHOUT_ORG_ID]));
    const { rows } = await database.owner.query<{ name: string; enabled: boolean; forced: boolean; checked: boolean }>(
      `SELECT c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
              EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polwithcheck IS NOT NULL AND p.polroles =
              ARRAY['alphaswarm_app'::regrole::oid]) AS checked
       FROM pg_class c WHERE c.relname = ANY ($1) AND c.relnamespace = 'public'::regnamespace`,
      [tables],
    );
    expect(rows).toHaveLength(tables.length);
    expect(rows.filter(({ enabled, forced, checked }) => !(enabled && forced && checked))).toEqual([]);
  });

  it('belongs to roles that can neither bypass it nor own the tables', async () => {
    const { rows } = await database.owner.query(
      `SELECT r.rolname, r.rolsuper, r.rolbypassrls, r.rolcanlogin, (SELECT count(*)::int FROM pg_class c WHERE
        c.relowner = r.oid) AS owned
       FROM pg_roles r WHERE r.rolname LIKE 'alphaswarm_%' ORDER BY 1`,
    );
    expect(rows).toEqual([
      { rolname: 'alphaswarm_app', rolsuper: false, rolbypassrls: false, rolcanlogin: true, owned: 0 },
      { rolname: 'alphaswarm_lookup', rolsuper: false, rolbypassrls: true, rolcanlogin: false, owned: 0 },
      { rolname: 'alphaswarm_sealer', rolsuper: false, rolbypassrls: false, rolcanlogin: true, owned: 0 },
    ]);
  });

  it('fixes the search path of every function that bypasses it, and grants it to nobody else', async () => {
    const { rows } = await database.owner.query(
      `SELECT p.proname FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace AND p.proowner =
        'alphaswarm_lookup'::regrole
       AND (NOT COALESCE(p.proconfig, '{}') @> ARRAY['search_path=pg_catalog, public'] OR
       has_function_privilege('public', p.oid, 'EXECUTE'))`,
    );
    expect(rows).toEqual([]);
  });

  it('shows no row to anybody without an organization, in any table', async () => {
    const tx = await database.transaction();
    for (const table of await tenantTables()) {
      const granted = await database.owner.query<{ may: boolean }>(
        "SELECT has_table_privilege('alphaswarm_app', $1, 'SELECT') AS may",
        [table],
      );
      if (!granted.rows[0]?.may) continue;
      const [row] = await tx.run({ orgId: null }, () =>
        tx.manager.query<{ n: string }[]>(`SELECT count(*) AS n FROM ${table}`),
      );
      expect([table, row?.n]).toEqual([table, '0']);
    }
  });

  it('refuses a row of another organization, and carries nothing to the next user of a connection', async () => {
    const tx = await database.transaction();
    const insert = (orgId: string): Promise<unknown> =>
      tx.manager.query('INSERT INTO workspaces (id, org_id, slug, name) VALUES ($1, $2, $3, $3)', [
        newId(),
        orgId,
        'intruder',
      ]);
    await expect(tx.run({ orgId: acme.orgId }, () => insert(globex.orgId))).rejects.toThrow(/row-level security/);
    const counts = async (orgId: string | null): Promise<string[]> =>
      Promise.all(
        Array.from({ length: 12 }, () =>
          tx.run({ orgId }, async () => {
            const [row] = await tx.manager.query<{ n: string }[]>('SELECT count(*) AS n FROM memberships');
            return row?.n ?? '';
          }),
        ),
      );
    expect(new Set([...(await counts(acme.orgId))])).toEqual(new Set(['4']));
    expect(new Set([...(await counts(null))])).toEqual(new Set(['0']));
  });

  it('shows people to those who share an organization only', async () => {
    const tx = await database.transaction();
    const names = await tx.run({ orgId: acme.orgId }, () =>
      tx.manager.query<{ display_name: string }[]>('SELECT display_name FROM users ORDER BY 1'),
    );
    expect(names.map(({ display_name }) => display_name)).toEqual([
      'acme-admin',
      'acme-editor',
      'acme-owner',
      'acme-viewer',
    ]);
    await expect(
      tx.run({ orgId: acme.orgId }, () => tx.manager.query("UPDATE users SET display_name = 'x'")),
    ).resolves.toEqual([[], 0]);
  });

  it('removes the grants of a scope with it', async () => {
    const project = await new TenantBuilder(database.owner).project(acme.orgId, acme.workspaceId, 'short-lived');
    await new TenantBuilder(database.owner).grant({
      orgId: acme.orgId,
      subjectId: acme.people.viewer.id,
      scopeKind: 'project',
      scopeId: project,
      role: 'owner',
    });
    const tx = await database.transaction();
    await tx.run({ orgId: acme.orgId }, () => tx.manager.query('DELETE FROM projects WHERE id = $1', [project]));
    const { rows } = await database.owner.query(
      `SELECT (SELECT count(*)::int FROM scopes WHERE id = $1) AS scopes, (SELECT count(*)::int FROM memberships
      WHERE scope_id = $1) AS grants`,
      [project],
    );
    expect(rows).toEqual([{ scopes: 0, grants: 0 }]);
  });

  it('cannot be given a membership on a scope of another organization or kind', async () => {
    const grant = (scopeKind: 'org' | 'workspace', scopeId: string): Promise<string> =>
      new TenantBuilder(database.owner).grant({
        orgId: acme.orgId,
        subjectId: acme.people.viewer.id,
        scopeKind,
        scopeId,
        role: 'owner',
      });
    await expect(grant('org', globex.orgId)).rejects.toThrow(/foreign key/);
    await expect(grant('org', acme.workspaceId)).rejects.toThrow(/foreign key/);
  });
});
