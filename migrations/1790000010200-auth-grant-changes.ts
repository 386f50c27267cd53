import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What changes what somebody may do, by table: when, and as whose change it is told. */
const TRIGGERS: readonly (readonly [table: string, when: string, function_: string])[] = [
  ['memberships', 'INSERT OR UPDATE OR DELETE', 'tell_membership_change'],
  ['teams', 'UPDATE OF archived OR DELETE', 'tell_scope_change'],
  ['workspaces', 'INSERT OR UPDATE OF archived, visibility, name OR DELETE', 'tell_scope_change'],
  ['projects', 'UPDATE OF archived, workspace_id OR DELETE', 'tell_scope_change'],
  ['labs', 'UPDATE OF archived, workspace_id OR DELETE', 'tell_scope_change'],
  ['organizations', 'UPDATE OF status, slug, name OR DELETE', 'tell_organization_change'],
  ['users', 'UPDATE OF status, meta, email, display_name', 'tell_user_change'],
  ['service_principals', 'UPDATE OF status, expires_at, allowed_permissions OR DELETE', 'tell_principal_change'],
];

/**
 * Every change of grants, told to all processes when it commits (platform.md 3.6). The rows are for those whom the
 * notification did not reach; a chore removes them.
 */
export class AuthGrantChanges1790000010200 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE grant_changes (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        org_id uuid NOT NULL,
        subject_id uuid,
        changed_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
      )`);
    await queryRunner.query('CREATE INDEX grant_changes_time ON grant_changes (changed_at)');
    await queryRunner.query("CALL isolate_tenant('grant_changes', 'SELECT')");
    await queryRunner.query(`
      CREATE FUNCTION tell_grant_change(org uuid, subject uuid) RETURNS void
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
      DECLARE change bigint;
      BEGIN
        INSERT INTO grant_changes (org_id, subject_id) VALUES (org, subject) RETURNING id INTO change;
        PERFORM pg_notify('alphaswarm_grants', concat_ws(' ', change, org, subject));
      END $$`);
    await queryRunner.query('REVOKE EXECUTE ON FUNCTION tell_grant_change(uuid, uuid) FROM PUBLIC');
    await this.#teller(
      queryRunner,
      'tell_membership_change',
      `IF TG_OP <> 'INSERT' THEN
         PERFORM tell_grant_change(OLD.org_id, CASE WHEN OLD.subject_kind <> 'team' THEN OLD.subject_id END);
       END IF;
       IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.subject_id <> OLD.subject_id) THEN
         PERFORM tell_grant_change(NEW.org_id, CASE WHEN NEW.subject_kind <> 'team' THEN NEW.subject_id END);
       END IF;`,
    );
    await this.#teller(
      queryRunner,
      'tell_scope_change',
      'PERFORM tell_grant_change(COALESCE(NEW.org_id, OLD.org_id), NULL);',
    );
    await this.#teller(
      queryRunner,
      'tell_organization_change',
      'PERFORM tell_grant_change(COALESCE(NEW.id, OLD.id), NULL);',
    );
    await this.#teller(
      queryRunner,
      'tell_user_change',
      'PERFORM tell_grant_change(org_id, NEW.id) FROM (SELECT DISTINCT org_id FROM memberships WHERE subject_id = NEW.id) AS his;',
    );
    await this.#teller(
      queryRunner,
      'tell_principal_change',
      `IF COALESCE(NEW.org_id, OLD.org_id) IS NOT NULL THEN
         PERFORM tell_grant_change(COALESCE(NEW.org_id, OLD.org_id), COALESCE(NEW.id, OLD.id));
       END IF;`,
    );
    for (const [table, when, name] of TRIGGERS)
      await queryRunner.query(
        `CREATE TRIGGER tells_grant_change AFTER ${when} ON ${table} FOR EACH ROW EXECUTE FUNCTION ${name}()`,
      );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const [table] of TRIGGERS) await queryRunner.query(`DROP TRIGGER tells_grant_change ON ${table}`);
    for (const name of new Set(TRIGGERS.map(([, , function_]) => function_)))
      await queryRunner.query(`DROP FUNCTION ${name}()`);
    await queryRunner.query('DROP FUNCTION tell_grant_change(uuid, uuid)');
    await queryRunner.query('DROP TABLE grant_changes');
  }

  async #teller(queryRunner: QueryRunner, name: string, body: string): Promise<void> {
    await queryRunner.query(`
      CREATE FUNCTION ${name}() RETURNS trigger
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
      BEGIN
        ${body}
        RETURN NULL;
      END $$`);
  }
}
