import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Backtest runs, the bars a caller sent with them, and their artifacts (trading.md 3.2). */
export class BacktestsCreate1790000006000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE backtest_runs (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        workspace_id uuid NOT NULL,
        project_id uuid,
        owner_user_id uuid,
        strategy_id uuid REFERENCES strategies (id),
        strategy_version_id uuid REFERENCES strategy_versions (id),
        bot_version_id uuid,
        parent_kind text NOT NULL CHECK (parent_kind IN ('adhoc', 'test', 'bot', 'wfo', 'sweep', 'replay', 'bias')),
        parent_id uuid,
        task_id uuid NOT NULL,
        run_name varchar(120),
        status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'waiting_interrupt', 'completed', 'failed', 'cancelled')),
        engine varchar(64) NOT NULL,
        engine_version varchar(64),
        config jsonb NOT NULL,
        spec_hash char(64) NOT NULL,
        data_source text NOT NULL CHECK (data_source IN ('warehouse', 'inline')),
        dataset_hash char(64),
        context_hash char(64),
        run_hash char(64),
        seed bigint NOT NULL,
        "start" timestamptz(3),
        "end" timestamptz(3),
        first_decision timestamptz(3),
        "interval" text NOT NULL,
        currency varchar(10) NOT NULL,
        initial_cash numeric(28, 8) NOT NULL,
        final_equity numeric(28, 8),
        sharpe double precision,
        sortino double precision,
        calmar double precision,
        max_drawdown double precision,
        total_return double precision,
        volatility_ann double precision,
        turnover double precision,
        n_bars int,
        n_orders int,
        n_fills int,
        metrics jsonb,
        warnings jsonb NOT NULL DEFAULT '[]',
        event_log_hash char(64),
        replay jsonb,
        mlflow_run_id text,
        model_deployment_id uuid,
        error_code text,
        error text,
        created_at timestamptz(3) NOT NULL,
        started_at timestamptz(3),
        completed_at timestamptz(3)
      )`);
    await queryRunner.query(
      'CREATE INDEX backtest_runs_newest ON backtest_runs (org_id, workspace_id, created_at DESC, id DESC)',
    );
    await queryRunner.query('CREATE INDEX backtest_runs_hash ON backtest_runs (org_id, run_hash)');
    await queryRunner.query('CREATE INDEX backtest_runs_spec ON backtest_runs (org_id, spec_hash)');
    await queryRunner.query("CREATE INDEX backtest_runs_waiting ON backtest_runs (org_id) WHERE status = 'queued'");
    await queryRunner.query(`
      CREATE TABLE backtest_inputs (
        backtest_id uuid PRIMARY KEY REFERENCES backtest_runs (id) ON DELETE CASCADE,
        org_id uuid NOT NULL,
        bars bytea NOT NULL,
        actions jsonb NOT NULL DEFAULT '[]',
        instruments jsonb NOT NULL DEFAULT '{}'
      )`);
    await queryRunner.query(`
      CREATE TABLE backtest_artifacts (
        backtest_id uuid NOT NULL REFERENCES backtest_runs (id) ON DELETE CASCADE,
        org_id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('equity', 'orders', 'fills', 'signals', 'round_trips', 'event_log', 'tearsheet', 'bias_report')),
        rows int NOT NULL,
        bytes bigint NOT NULL,
        sha256 char(64) NOT NULL,
        inline jsonb,
        uri text,
        created_at timestamptz(3) NOT NULL,
        PRIMARY KEY (backtest_id, kind),
        CHECK ((inline IS NULL) <> (uri IS NULL))
      )`);
    for (const table of ['backtest_runs', 'backtest_inputs', 'backtest_artifacts']) {
      await queryRunner.query(`CALL isolate_tenant('${table}')`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE backtest_artifacts, backtest_inputs, backtest_runs');
  }
}
