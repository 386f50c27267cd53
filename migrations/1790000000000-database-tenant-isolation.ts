import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * `isolate_tenant(table)`: forced row-level security on `org_id`, and the application role's grants. Every tenant table
 * calls it in the migration that creates it (platform.md 5.6).
 */
export class DatabaseTenantIsolation1790000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE EXTENSION IF NOT EXISTS citext');
    await queryRunner.query('GRANT USAGE ON SCHEMA public TO alphaswarm_app, alphaswarm_sealer, alphaswarm_lookup');
    await queryRunner.query(`
      CREATE FUNCTION current_org() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
      -- A pooled connection answers '' after a transaction that had set the value.
      RETURN NULLIF(current_setting('app.org_id', true), '')::uuid`);
    await queryRunner.query(`
      CREATE PROCEDURE isolate_tenant(target regclass, privileges text DEFAULT 'SELECT, INSERT, UPDATE, DELETE') LANGUAGE plpgsql AS $$
      BEGIN
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
        EXECUTE format('CREATE POLICY tenant ON %s TO alphaswarm_app USING (org_id = current_org()) WITH CHECK (org_id = current_org())', target);
        EXECUTE format('CREATE POLICY platform ON %s TO alphaswarm_app USING (org_id IS NULL AND current_setting(''app.platform'', true) = ''on'') WITH CHECK (org_id IS NULL AND current_setting(''app.platform'', true) = ''on'')', target);
        EXECUTE format('CREATE POLICY platform_read ON %s FOR SELECT TO alphaswarm_app USING (current_setting(''app.platform_read'', true) = ''on'')', target);
        EXECUTE format('GRANT %s ON %s TO alphaswarm_app', privileges, target);
      END $$`);
    await queryRunner.query(`
      CREATE FUNCTION rfc3339(moment timestamptz) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
      -- json_build_object would write +00:00; every time on the wire ends in Z.
      RETURN to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);
    await queryRunner.query(`
      CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION '% rows are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
      END $$`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP FUNCTION refuse_change()');
    await queryRunner.query('DROP FUNCTION rfc3339(timestamptz)');
    await queryRunner.query('DROP PROCEDURE isolate_tenant(regclass, text)');
    await queryRunner.query('DROP FUNCTION current_org()');
    await queryRunner.query('REVOKE USAGE ON SCHEMA public FROM alphaswarm_app, alphaswarm_sealer, alphaswarm_lookup');
    await queryRunner.query('DROP EXTENSION IF EXISTS citext');
  }
}
