import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How a job ends whose effect has left the process: stored before or with the effect, and never queued again. */
export class JobsActed1790000008400 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE jobs ADD COLUMN acted jsonb');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE jobs DROP COLUMN acted');
  }
}
