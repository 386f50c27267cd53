import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Tokens, subjects and tenants whose older tokens no longer count (platform.md 3.7). Hashes only, so every tenant may
 * read them.
 */
export class AuthTokenRevocations1790000001003 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE token_revocations (
        id uuid PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('token', 'subject', 'tenant')),
        key_hash bytea NOT NULL CHECK (length(key_hash) = 32),
        not_before timestamptz(3) NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        reason varchar(500),
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        UNIQUE (kind, key_hash)
      )`);
    await queryRunner.query('CREATE INDEX token_revocations_expiry ON token_revocations (expires_at)');
    await queryRunner.query('GRANT SELECT, INSERT, UPDATE, DELETE ON token_revocations TO alphaswarm_app');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE token_revocations');
  }
}
