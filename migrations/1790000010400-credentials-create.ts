import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Secrets that customers bring, and their versions: sealed, each in its place (platform.md 15.2, 15.3). */
export class CredentialsCreate1790000010400 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE credentials (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        workspace_id uuid,
        owner_user_id uuid,
        kind text NOT NULL CHECK (kind IN ('broker', 'llm', 'data_vendor', 'cloud', 'generic')),
        service varchar(64) NOT NULL CHECK (service ~ '^[a-z0-9][a-z0-9_-]*$'),
        purpose varchar(64) NOT NULL CHECK (purpose ~ '^[a-z0-9][a-z0-9_-]*$'),
        label varchar(120) NOT NULL CHECK (label <> ''),
        version int NOT NULL DEFAULT 1 CHECK (version >= 1),
        fingerprint bytea NOT NULL,
        last4 varchar(4),
        status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'revoked')),
        last_used_at timestamptz(3),
        expires_at timestamptz(3),
        created_by text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        UNIQUE (id, org_id)
      )`);
    await queryRunner.query(`
      CREATE UNIQUE INDEX credentials_key ON credentials (org_id, workspace_id, owner_user_id, service, purpose, label)
      NULLS NOT DISTINCT WHERE status <> 'revoked'`);
    await queryRunner.query(`
      CREATE TABLE credential_versions (
        credential_id uuid NOT NULL,
        version int NOT NULL CHECK (version >= 1),
        org_id uuid NOT NULL,
        ciphertext bytea NOT NULL,
        dek_wrapped bytea NOT NULL,
        kek_id varchar(16) NOT NULL,
        valid_until timestamptz(3),
        created_at timestamptz(3) NOT NULL,
        PRIMARY KEY (credential_id, version),
        FOREIGN KEY (credential_id, org_id) REFERENCES credentials (id, org_id)
      )`);
    await queryRunner.query('CREATE INDEX credential_versions_kek ON credential_versions (kek_id)');
    await queryRunner.query("CALL isolate_tenant('credentials', 'SELECT, INSERT, UPDATE')");
    await queryRunner.query("CALL isolate_tenant('credential_versions')");
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE credential_versions, credentials');
  }
}
