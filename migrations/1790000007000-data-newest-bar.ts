import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whose bar is the newest of a dataset, without a walk over all its links. */
export class DataNewestBar1790000007000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE INDEX data_links_newest_bar ON data_links (catalog_id, coverage_end)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX data_links_newest_bar');
  }
}
