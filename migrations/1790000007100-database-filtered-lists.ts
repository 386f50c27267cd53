import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Lists by a status or strategy that few rows have, the newest test of a strategy, and finding a run again: each read
 * its whole table.
 */
const ADDED = [
  'backtest_runs_by_status ON backtest_runs (workspace_id, status, created_at DESC, id DESC)',
  'backtest_runs_by_strategy ON backtest_runs (strategy_id, created_at DESC, id DESC) WHERE strategy_id IS NOT NULL',
  "strategy_tests_last ON strategy_tests (strategy_id, completed_at DESC, id DESC) WHERE status = 'completed'",
  'jobs_by_status ON jobs (org_id, status, created_at DESC, id DESC)',
  'jobs_retry ON jobs (retry_of) WHERE retry_of IS NOT NULL',
  'ingest_runs_by_status ON ingest_runs (workspace_id, status, created_at DESC, id DESC)',
];
/**
 * Row-level security asks for one of several things, so an index that leads with the organization is taken only where
 * the query names it, and nothing asks these.
 */
const UNUSED = [
  'backtest_runs_spec ON backtest_runs (org_id, spec_hash)',
  'strategy_versions_hash ON strategy_versions (org_id, spec_hash)',
  "lake_commits_open ON lake_commits (created_at) WHERE state IN ('prepared', 'files_written')",
];

export class DatabaseFilteredLists1790000007100 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const index of ADDED) await queryRunner.query(`CREATE INDEX ${index}`);
    for (const index of UNUSED) await queryRunner.query(`DROP INDEX ${nameOf(index)}`);
    await this.#findByHash(queryRunner, 'workspace_id');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const index of ADDED) await queryRunner.query(`DROP INDEX ${nameOf(index)}`);
    for (const index of UNUSED) await queryRunner.query(`CREATE INDEX ${index}`);
    await this.#findByHash(queryRunner, 'org_id');
  }

  async #findByHash(queryRunner: QueryRunner, leading: string): Promise<void> {
    await queryRunner.query('DROP INDEX backtest_runs_hash');
    await queryRunner.query(`CREATE INDEX backtest_runs_hash ON backtest_runs (${leading}, run_hash)`);
  }
}

function nameOf(index: string): string {
  return index.slice(0, index.indexOf(' '));
}
