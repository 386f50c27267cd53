import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Lists go by workspace, newest first. Row-level security asks for one of several things, so an index that leads with
 * the organization is never taken for them.
 */
const INDEXES = [
  ['strategies_newest', 'strategies'],
  ['backtest_runs_newest', 'backtest_runs'],
] as const;

export class StrategiesNewestOfWorkspace1790000006700 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await this.#index(queryRunner, 'workspace_id');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await this.#index(queryRunner, 'org_id, workspace_id');
  }

  async #index(queryRunner: QueryRunner, leading: string): Promise<void> {
    for (const [index, table] of INDEXES) {
      await queryRunner.query(`DROP INDEX ${index}`);
      await queryRunner.query(`CREATE INDEX ${index} ON ${table} (${leading}, created_at DESC, id DESC)`);
    }
  }
}
