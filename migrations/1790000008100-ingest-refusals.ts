import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a run refused, with column and values. */
export class IngestRefusals1790000008100 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("ALTER TABLE ingest_runs ADD COLUMN refusals jsonb NOT NULL DEFAULT '[]'");
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE ingest_runs DROP COLUMN refusals');
  }
}
