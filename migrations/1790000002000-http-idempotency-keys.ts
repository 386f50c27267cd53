import type { MigrationInterface, QueryRunner } from 'typeorm';

/** `idempotency_keys`: one row per (active organization or the nil UUID, principal, key); platform.md 8.0. */
export class HttpIdempotencyKeys1790000002000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE idempotency_keys (
        org_id uuid NOT NULL DEFAULT COALESCE(current_org(), '00000000-0000-0000-0000-000000000000'),
        principal text NOT NULL,
        key text NOT NULL CHECK (length(key) BETWEEN 1 AND 128),
        claim_id uuid NOT NULL UNIQUE,
        fingerprint char(64) NOT NULL,
        claimed_at timestamptz NOT NULL DEFAULT now(),
        status smallint CHECK (status BETWEEN 200 AND 299),
        body text,
        location text,
        etag text,
        content_type text,
        PRIMARY KEY (org_id, principal, key)
      )`);
    await queryRunner.query('CREATE INDEX idempotency_keys_claimed_at ON idempotency_keys (claimed_at)');
    await queryRunner.query('ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY');
    await queryRunner.query('ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY');
    // Not isolate_tenant(): a caller without an organization has keys too, under the nil UUID.
    await queryRunner.query(`
      CREATE POLICY tenant ON idempotency_keys TO alphaswarm_app
        USING (org_id = COALESCE(current_org(), '00000000-0000-0000-0000-000000000000'))
        WITH CHECK (org_id = COALESCE(current_org(), '00000000-0000-0000-0000-000000000000'))`);
    await queryRunner.query('GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO alphaswarm_app');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE idempotency_keys');
  }
}
