import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Users, their identities, machines, and the grants that tie them to scopes (platform.md 6). */
export class TenancyMembers1790000001001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const times =
      'created_at timestamptz(3) NOT NULL DEFAULT now(), updated_at timestamptz(3) NOT NULL DEFAULT now(), version int NOT NULL DEFAULT 1 CHECK (version >= 1)';
    await queryRunner.query(`
      CREATE TABLE users (
        id uuid PRIMARY KEY,
        email citext NOT NULL CHECK (length(email) <= 320),
        display_name varchar(240) NOT NULL,
        status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'pending', 'suspended', 'deleted')),
        avatar_url varchar(1024) CHECK (avatar_url LIKE 'https://%'),
        last_login_at timestamptz(3),
        meta jsonb NOT NULL DEFAULT '{}',
        ${times}
      )`);
    await queryRunner.query("CREATE UNIQUE INDEX users_email ON users (email) WHERE status <> 'deleted'");
    await queryRunner.query(`
      CREATE TABLE user_identities (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        provider text NOT NULL CHECK (provider IN ('entra', 'auth0', 'local')),
        issuer varchar(512) NOT NULL,
        tenant varchar(64),
        subject varchar(240) NOT NULL,
        email_at_link varchar(320),
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        UNIQUE (provider, issuer, subject)
      )`);
    await queryRunner.query('CREATE INDEX user_identities_user ON user_identities (user_id)');
    await queryRunner.query(`
      CREATE TABLE service_principals (
        id uuid PRIMARY KEY,
        org_id uuid REFERENCES organizations (id) ON DELETE CASCADE,
        provider text NOT NULL CHECK (provider IN ('entra', 'auth0', 'local')),
        issuer varchar(512) NOT NULL,
        client_id varchar(240) NOT NULL,
        name varchar(240) NOT NULL,
        kind text NOT NULL CHECK (kind IN ('worker', 'bot', 'cp', 'admin', 'ci', 'other')),
        allowed_permissions text[] NOT NULL DEFAULT '{}',
        status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
        last_seen_at timestamptz(3),
        expires_at timestamptz(3),
        ${times},
        UNIQUE (issuer, client_id)
      )`);
    await queryRunner.query(`
      CREATE TABLE memberships (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        subject_kind text NOT NULL CHECK (subject_kind IN ('user', 'team', 'service_principal')),
        subject_id uuid NOT NULL,
        scope_kind text NOT NULL,
        scope_id uuid NOT NULL,
        role text NOT NULL CHECK (role IN ('viewer', 'editor', 'admin', 'owner')),
        live_control boolean NOT NULL DEFAULT false,
        granted_by varchar(120) NOT NULL,
        granted_at timestamptz(3) NOT NULL DEFAULT now(),
        expires_at timestamptz(3) CHECK (expires_at > granted_at),
        source text NOT NULL DEFAULT 'manual' CHECK (source IN ('manual', 'entra', 'auth0', 'scim')),
        meta jsonb NOT NULL DEFAULT '{}',
        ${times},
        UNIQUE (subject_kind, subject_id, scope_id),
        FOREIGN KEY (scope_id, scope_kind, org_id) REFERENCES scopes (id, kind, org_id) ON DELETE CASCADE
      )`);
    await queryRunner.query('CREATE INDEX memberships_scope ON memberships (scope_id)');
    await queryRunner.query('CREATE INDEX memberships_expiry ON memberships (expires_at) WHERE expires_at IS NOT NULL');

    await queryRunner.query("CALL isolate_tenant('memberships')");
    await queryRunner.query("CALL isolate_tenant('service_principals')");
    for (const table of ['users', 'user_identities']) {
      await queryRunner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
      await queryRunner.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
      await queryRunner.query(
        `CREATE POLICY platform ON ${table} TO alphaswarm_app USING (current_setting('app.platform', true) = 'on') WITH CHECK (current_setting('app.platform', true) = 'on')`,
      );
      await queryRunner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO alphaswarm_app`);
    }
    // A person belongs to no single organization: whoever shares one with the caller's is visible.
    await queryRunner.query(`
      CREATE POLICY shares_an_organization ON users FOR SELECT TO alphaswarm_app USING (EXISTS (
        SELECT 1 FROM memberships m WHERE m.subject_kind = 'user' AND m.subject_id = users.id AND m.org_id = current_org()))`);
    await queryRunner.query(
      'GRANT SELECT ON users, user_identities, service_principals, memberships TO alphaswarm_lookup',
    );

    await queryRunner.query(`
      CREATE FUNCTION owner_remains(org uuid) RETURNS boolean LANGUAGE plpgsql AS $$
      BEGIN
        -- The second of two owners who remove each other waits here and then sees the first removal.
        PERFORM 1 FROM organizations WHERE id = org FOR UPDATE;
        RETURN EXISTS (
          SELECT 1 FROM memberships m JOIN users u ON u.id = m.subject_id
          WHERE m.scope_id = org AND m.subject_kind = 'user' AND m.role = 'owner' AND m.expires_at IS NULL AND u.status = 'active');
      END $$`);
    await queryRunner.query(
      `COMMENT ON FUNCTION owner_remains(uuid) IS 'Call after every change of members, inside its transaction; false means 409 last_owner (platform.md 5.4).'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP FUNCTION owner_remains(uuid)');
    for (const table of ['memberships', 'service_principals', 'user_identities', 'users'])
      await queryRunner.query(`DROP TABLE ${table} CASCADE`);
  }
}
