import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The organization that a token of Auth0 names by its `org_id` (platform.md 3.4). */
export class AuthOrganizationByAuth01790000010300 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('GRANT CREATE ON SCHEMA public TO alphaswarm_lookup');
    await queryRunner.query(`
      CREATE FUNCTION organization_by_auth0(wanted text) RETURNS TABLE (id uuid, slug text, name text, status text)
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
        SELECT o.id, o.slug, o.name, o.status FROM organizations o WHERE o.auth0_org_id = wanted
      $$`);
    await queryRunner.query('ALTER FUNCTION organization_by_auth0(text) OWNER TO alphaswarm_lookup');
    await queryRunner.query('REVOKE ALL ON FUNCTION organization_by_auth0(text) FROM PUBLIC');
    await queryRunner.query('GRANT EXECUTE ON FUNCTION organization_by_auth0(text) TO alphaswarm_app');
    await queryRunner.query('REVOKE CREATE ON SCHEMA public FROM alphaswarm_lookup');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP FUNCTION organization_by_auth0(text)');
  }
}
