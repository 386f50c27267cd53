import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Strategies, their immutable versions and their tests (trading.md 3.1). */
export class StrategiesCreate1790000005000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE strategies (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        workspace_id uuid NOT NULL,
        project_id uuid,
        owner_user_id uuid,
        name varchar(120) NOT NULL,
        status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'versioned', 'backtested', 'paper', 'live', 'archived')),
        version int NOT NULL CHECK (version >= 1),
        config_yaml text NOT NULL,
        created_by text NOT NULL,
        tags text[] NOT NULL DEFAULT '{}',
        meta jsonb NOT NULL DEFAULT '{}',
        archived_at timestamptz(3),
        created_at timestamptz(3) NOT NULL
      )`);
    await queryRunner.query(
      'CREATE INDEX strategies_newest ON strategies (org_id, workspace_id, created_at DESC, id DESC)',
    );
    await queryRunner.query(`
      CREATE TABLE strategy_versions (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        workspace_id uuid NOT NULL,
        project_id uuid,
        owner_user_id uuid,
        strategy_id uuid NOT NULL REFERENCES strategies (id),
        version int NOT NULL CHECK (version >= 1),
        config_yaml text NOT NULL,
        normalised jsonb NOT NULL,
        spec_hash char(64) NOT NULL,
        author text NOT NULL,
        notes text,
        dataset_hash char(64),
        created_at timestamptz(3) NOT NULL,
        UNIQUE (strategy_id, version),
        UNIQUE (strategy_id, spec_hash)
      )`);
    await queryRunner.query('CREATE INDEX strategy_versions_hash ON strategy_versions (org_id, spec_hash)');
    await queryRunner.query(`
      CREATE TRIGGER strategy_versions_are_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON strategy_versions
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`);
    await queryRunner.query(`
      CREATE TABLE strategy_tests (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        workspace_id uuid NOT NULL,
        project_id uuid,
        owner_user_id uuid,
        strategy_id uuid NOT NULL REFERENCES strategies (id),
        version_id uuid NOT NULL REFERENCES strategy_versions (id),
        backtest_id uuid NOT NULL UNIQUE,
        status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
        engine varchar(64) NOT NULL,
        "start" date,
        "end" date,
        sharpe double precision,
        sortino double precision,
        max_drawdown double precision,
        total_return double precision,
        final_equity numeric(28, 8),
        notes text,
        created_at timestamptz(3) NOT NULL,
        completed_at timestamptz(3)
      )`);
    await queryRunner.query(
      'CREATE INDEX strategy_tests_newest ON strategy_tests (strategy_id, created_at DESC, id DESC)',
    );
    await queryRunner.query("CALL isolate_tenant('strategies', 'SELECT, INSERT, UPDATE')");
    await queryRunner.query("CALL isolate_tenant('strategy_versions', 'SELECT, INSERT')");
    await queryRunner.query("CALL isolate_tenant('strategy_tests', 'SELECT, INSERT, UPDATE')");
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE strategy_tests, strategy_versions, strategies');
  }
}
