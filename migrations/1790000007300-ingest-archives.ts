import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Uploads may be zip archives. */
export class IngestArchives1790000007300 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await this.#allow(queryRunner, "'none', 'gzip', 'zstd', 'zip'");
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("DELETE FROM ingest_uploads WHERE compression = 'zip'");
    await this.#allow(queryRunner, "'none', 'gzip', 'zstd'");
  }

  async #allow(queryRunner: QueryRunner, compressions: string): Promise<void> {
    await queryRunner.query('ALTER TABLE ingest_uploads DROP CONSTRAINT ingest_uploads_compression_check');
    await queryRunner.query(
      `ALTER TABLE ingest_uploads ADD CONSTRAINT ingest_uploads_compression_check CHECK (compression IN (${compressions}))`,
    );
  }
}
