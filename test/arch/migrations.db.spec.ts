import type { DataSource, QueryRunner } from 'typeorm';
import { MIGRATIONS } from '#migrations';
import { ownerDataSource } from '#platform/database';
import { TestDatabase } from '../../libs/platform/database/testing/index.ts';

/** Everything that a migration can leave in the schema, as text. */
const SCHEMA = `
  SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' ||
    coalesce(column_default, '') AS line FROM information_schema.columns WHERE table_schema = 'public'
  UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM
  pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT 'policy ' || tablename || ' ' || policyname || ' ' || roles::text || ' ' || cmd || ' ' ||
  coalesce(qual, '') || ' ' || coalesce(with_check, '') FROM pg_policies WHERE schemaname = 'public'
  UNION ALL SELECT 'security ' || relname || ' ' || relrowsecurity || ' ' || relforcerowsecurity FROM pg_class WHERE
  relnamespace = 'public'::regnamespace AND relkind = 'r'
  UNION ALL SELECT 'grant ' || table_name || ' ' || grantee || ' ' || privilege_type FROM
  information_schema.table_privileges WHERE table_schema = 'public' AND grantee LIKE 'alphaswarm%'
  UNION ALL SELECT 'column grant ' || table_name || '.' || column_name || ' ' || grantee || ' ' || privilege_type FROM
  information_schema.column_privileges WHERE table_schema = 'public' AND grantee LIKE 'alphaswarm%'
  UNION ALL SELECT 'function ' || p.oid::regprocedure || ' ' || md5(prosrc || coalesce(pg_get_function_sqlbody(p.oid),
  '')) || ' ' || coalesce(proacl::text, '') FROM pg_proc p
    WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND
      d.deptype = 'e')
  ORDER BY 1`;

describe('migrations', () => {
  let database: TestDatabase;
  let source: DataSource;
  let runner: QueryRunner;

  beforeAll(async () => {
    database = await TestDatabase.create();
    source = await ownerDataSource(database.urls.owner).initialize();
    runner = source.createQueryRunner();
  });
  afterAll(async () => {
    await runner.release();
    await source.destroy();
    await database.drop();
  });

  const schema = async () => ((await runner.query(SCHEMA)) as { line: string }[]).map(({ line }) => line);

  it('can each be undone and done again, to the same schema, down to an empty database', async () => {
    for (const Migration of [...MIGRATIONS].reverse()) {
      const migration = new Migration();
      const before = await schema();
      await migration.down(runner);
      await migration.up(runner);
      expect({ name: Migration.name, schema: await schema() }).toEqual({ name: Migration.name, schema: before });
      await migration.down(runner);
    }
    expect((await schema()).filter((line) => !/ migrations[ .]|public\.migrations/.test(line))).toEqual([]);
  }, 120_000);
});

describe('tenant tables', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await TestDatabase.create();
  });
  afterAll(() => database.drop());

  it('have forced row-level security with a policy that checks what is written', async () => {
    const { rows } = await database.owner.query<{ table: string; forced: boolean; checked: boolean }>(`
      SELECT c.relname AS table, c.relrowsecurity AND c.relforcerowsecurity AS forced,
        EXISTS (SELECT FROM pg_policies p WHERE p.schemaname = 'public' AND p.tablename = c.relname AND p.with_check IS
        NOT NULL) AS checked
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname IN ('org_id', 'chain_id') AND NOT
        a.attisdropped
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1`);
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.filter(({ forced, checked }) => !forced || !checked)).toEqual([]);
  });
});
