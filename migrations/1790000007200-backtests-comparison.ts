import type { MigrationInterface, QueryRunner } from 'typeorm';

const KINDS = ['equity', 'orders', 'fills', 'signals', 'round_trips', 'event_log', 'tearsheet', 'bias_report'];

/** The engine writes what a run is compared with as an artifact of its own. */
export class BacktestsComparison1790000007200 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await this.#allow(queryRunner, [...KINDS, 'comparison']);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    // Row-level security is forced on the owner too, who would find no row to delete.
    await queryRunner.query('ALTER TABLE backtest_artifacts NO FORCE ROW LEVEL SECURITY');
    await queryRunner.query("DELETE FROM backtest_artifacts WHERE kind = 'comparison'");
    await queryRunner.query('ALTER TABLE backtest_artifacts FORCE ROW LEVEL SECURITY');
    await this.#allow(queryRunner, KINDS);
  }

  async #allow(queryRunner: QueryRunner, kinds: readonly string[]): Promise<void> {
    const names = kinds.map((kind) => `'${kind}'`).join(', ');
    await queryRunner.query('ALTER TABLE backtest_artifacts DROP CONSTRAINT backtest_artifacts_kind_check');
    await queryRunner.query(
      `ALTER TABLE backtest_artifacts ADD CONSTRAINT backtest_artifacts_kind_check CHECK (kind IN (${names}))`,
    );
  }
}
