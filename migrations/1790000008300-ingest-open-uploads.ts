import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Uploads whose bytes were on their way when their process died expire too (data.md 6.11). */
export class IngestOpenUploads1790000008300 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX ingest_uploads_expiry');
    await queryRunner.query(
      "CREATE INDEX ingest_uploads_expiry ON ingest_uploads (expires_at) WHERE state IN ('open', 'complete')",
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX ingest_uploads_expiry');
    await queryRunner.query(
      "CREATE INDEX ingest_uploads_expiry ON ingest_uploads (expires_at) WHERE state = 'complete'",
    );
  }
}
