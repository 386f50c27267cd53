import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How often the leader has tried to settle a job that acted: the pause before the next try grows with it. */
export class JobsSettleTries1790000008600 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE jobs ADD COLUMN settle_tries integer NOT NULL DEFAULT 0');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE jobs DROP COLUMN settle_tries');
  }
}
