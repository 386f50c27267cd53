import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Bars of a request are read in parts; uncompressed, a part is found without unpacking all before it. */
export class BacktestsInputStorage1790000006001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE backtest_inputs ALTER COLUMN bars SET STORAGE EXTERNAL');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE backtest_inputs ALTER COLUMN bars SET STORAGE EXTENDED');
  }
}
