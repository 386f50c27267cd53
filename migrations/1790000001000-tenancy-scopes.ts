import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Organizations and what they contain (platform.md 6). Every one of them has a row in the registry `scopes`, kept by
 * triggers, so that memberships and configuration can point at any kind of scope with a real foreign key.
 */
export class TenancyScopes1790000001000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const slug = "varchar(80) NOT NULL CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,78}[a-z0-9]$')";
    const times =
      'created_at timestamptz(3) NOT NULL DEFAULT now(), updated_at timestamptz(3) NOT NULL DEFAULT now(), version int NOT NULL DEFAULT 1 CHECK (version >= 1)';
    await queryRunner.query(`
      CREATE TABLE organizations (
        id uuid PRIMARY KEY,
        slug ${slug} UNIQUE,
        name varchar(240) NOT NULL CHECK (name <> ''),
        billing_email varchar(320),
        status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'deleted')),
        auth0_org_id varchar(240) UNIQUE,
        cell_id varchar(64),
        meta jsonb NOT NULL DEFAULT '{}',
        ${times}
      )`);
    await queryRunner.query(`
      CREATE TABLE scopes (
        id uuid PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('org', 'team', 'workspace', 'project', 'lab')),
        org_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
        parent_id uuid REFERENCES scopes (id) ON DELETE CASCADE,
        UNIQUE (id, kind, org_id)
      )`);
    await queryRunner.query('CREATE INDEX scopes_org ON scopes (org_id, kind)');
    await queryRunner.query('CREATE INDEX scopes_parent ON scopes (parent_id)');
    await queryRunner.query(`
      CREATE TABLE teams (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
        slug ${slug},
        name varchar(240) NOT NULL CHECK (name <> ''),
        description varchar(4000),
        archived boolean NOT NULL DEFAULT false,
        meta jsonb NOT NULL DEFAULT '{}',
        ${times},
        UNIQUE (org_id, slug)
      )`);
    await queryRunner.query(`
      CREATE TABLE workspaces (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
        slug ${slug},
        name varchar(240) NOT NULL CHECK (name <> ''),
        description varchar(4000),
        visibility text NOT NULL DEFAULT 'team' CHECK (visibility IN ('private', 'team', 'org')),
        archived boolean NOT NULL DEFAULT false,
        settings jsonb NOT NULL DEFAULT '{}',
        meta jsonb NOT NULL DEFAULT '{}',
        ${times},
        UNIQUE (org_id, slug),
        UNIQUE (id, org_id)
      )`);
    await queryRunner.query('CREATE INDEX workspaces_by_name ON workspaces (org_id, name, id)');
    const artefact = (table: string, columns: string): string => `
      CREATE TABLE ${table} (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        workspace_id uuid NOT NULL,
        slug ${slug},
        name varchar(240) NOT NULL CHECK (name <> ''),
        description varchar(4000),
        archived boolean NOT NULL DEFAULT false,
        settings jsonb NOT NULL DEFAULT '{}',
        ${columns}
        ${times},
        UNIQUE (workspace_id, slug),
        FOREIGN KEY (workspace_id, org_id) REFERENCES workspaces (id, org_id) ON DELETE CASCADE
      )`;
    await queryRunner.query(artefact('projects', ''));
    await queryRunner.query(artefact('labs', 'kernel_image varchar(512), last_active_at timestamptz(3),'));

    await queryRunner.query(`
      CREATE FUNCTION register_scope() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
      DECLARE
        kind text := TG_ARGV[0];
        row_data jsonb;
      BEGIN
        IF TG_OP = 'DELETE' THEN
          DELETE FROM scopes WHERE id = OLD.id;
          RETURN NULL;
        END IF;
        row_data := to_jsonb(NEW);
        INSERT INTO scopes (id, kind, org_id, parent_id) VALUES (
          NEW.id, kind, COALESCE((row_data ->> 'org_id')::uuid, NEW.id),
          CASE WHEN kind = 'org' THEN NULL ELSE COALESCE((row_data ->> 'workspace_id')::uuid, (row_data ->> 'org_id')::uuid) END);
        RETURN NULL;
      END $$`);
    for (const [table, kind] of SCOPED) {
      await queryRunner.query(
        `CREATE TRIGGER registers_its_scope AFTER INSERT OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION register_scope('${kind}')`,
      );
    }

    for (const table of ['teams', 'workspaces', 'projects', 'labs'])
      await queryRunner.query(`CALL isolate_tenant('${table}')`);
    await queryRunner.query("CALL isolate_tenant('scopes', 'SELECT')");
    await queryRunner.query('ALTER TABLE organizations ENABLE ROW LEVEL SECURITY');
    await queryRunner.query('ALTER TABLE organizations FORCE ROW LEVEL SECURITY');
    await queryRunner.query(
      'CREATE POLICY tenant ON organizations TO alphaswarm_app USING (id = current_org()) WITH CHECK (id = current_org())',
    );
    await queryRunner.query(
      "CREATE POLICY platform ON organizations TO alphaswarm_app USING (current_setting('app.platform', true) = 'on') WITH CHECK (current_setting('app.platform', true) = 'on')",
    );
    await queryRunner.query(
      "CREATE POLICY platform_read ON organizations FOR SELECT TO alphaswarm_app USING (current_setting('app.platform_read', true) = 'on')",
    );
    await queryRunner.query('GRANT SELECT, INSERT, UPDATE, DELETE ON organizations TO alphaswarm_app');
    await queryRunner.query(
      'GRANT SELECT ON organizations, scopes, teams, workspaces, projects, labs TO alphaswarm_lookup',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ['labs', 'projects', 'workspaces', 'teams', 'scopes', 'organizations'])
      await queryRunner.query(`DROP TABLE ${table} CASCADE`);
    await queryRunner.query('DROP FUNCTION register_scope()');
  }
}

const SCOPED = [
  ['organizations', 'org'],
  ['teams', 'team'],
  ['workspaces', 'workspace'],
  ['projects', 'project'],
  ['labs', 'lab'],
] as const;
