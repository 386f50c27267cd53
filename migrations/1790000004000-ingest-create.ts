import type { MigrationInterface, QueryRunner } from 'typeorm';

const SOURCES: readonly [name: string, display: string, kind: string, auth: string][] = [
  ['upload', 'Uploaded file', 'upload', 'none'],
  ['api', 'Append over HTTP', 'sdk', 'none'],
  ['local', 'Local directory', 'local', 'none'],
  ['synthetic', 'Synthetic bars', 'synthetic', 'none'],
  ['http', 'HTTP file', 'http', 'none'],
  ['s3', 'S3 prefix', 's3', 'identity'],
  ['fred', 'FRED', 'http', 'api_key'],
  ['sec_edgar', 'SEC EDGAR', 'http', 'none'],
  ['gdelt', 'GDELT', 'http', 'none'],
  ['yfinance', 'Yahoo Finance', 'worker', 'none'],
  ['polygon', 'Polygon', 'http', 'api_key'],
  ['alpha_vantage', 'Alpha Vantage', 'http', 'api_key'],
  ['ibkr', 'Interactive Brokers', 'worker', 'service_account'],
  ['alpaca', 'Alpaca', 'http', 'api_key'],
  ['ccxt', 'CCXT', 'worker', 'none'],
];

/** Sources, uploads, runs and what they refused (data.md 3.3). */
export class IngestCreate1790000004000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE data_sources (
        id uuid PRIMARY KEY DEFAULT uuidv7(),
        name varchar(64) NOT NULL UNIQUE,
        display_name varchar(120) NOT NULL,
        kind text NOT NULL CHECK (kind IN ('upload', 'local', 'http', 's3', 'synthetic', 'sdk', 'database', 'worker')),
        vendor varchar(120),
        auth_type text NOT NULL CHECK (auth_type IN ('none', 'api_key', 'oauth2', 'identity', 'service_account')),
        base_url varchar(1024),
        capabilities jsonb NOT NULL DEFAULT '{}',
        rate_limits jsonb NOT NULL DEFAULT '{}',
        credentials_ref varchar(120),
        enabled boolean NOT NULL DEFAULT true,
        health_status varchar(32),
        last_probe_at timestamptz(3),
        version int NOT NULL DEFAULT 1
      )`);
    for (const source of SOURCES)
      await queryRunner.query(
        'INSERT INTO data_sources (name, display_name, kind, auth_type) VALUES ($1, $2, $3, $4)',
        [...source],
      );
    await queryRunner.query('GRANT SELECT ON data_sources TO alphaswarm_app');
    await queryRunner.query(`
      CREATE TABLE ingest_uploads (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        workspace_id uuid NOT NULL,
        project_id uuid,
        created_by text NOT NULL,
        filename varchar(255),
        format text NOT NULL,
        compression text NOT NULL CHECK (compression IN ('none', 'gzip', 'zstd')),
        media_type varchar(120) NOT NULL,
        size_bytes bigint NOT NULL,
        sha256 char(64) NOT NULL,
        storage_key varchar(200) NOT NULL,
        state text NOT NULL CHECK (state IN ('open', 'complete', 'scanned', 'rejected', 'expired')),
        created_at timestamptz(3) NOT NULL,
        expires_at timestamptz(3) NOT NULL
      )`);
    await queryRunner.query(
      "CREATE INDEX ingest_uploads_expiry ON ingest_uploads (expires_at) WHERE state = 'complete'",
    );
    await queryRunner.query(`
      CREATE TABLE ingest_runs (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        workspace_id uuid NOT NULL,
        project_id uuid,
        created_by text NOT NULL,
        task_id uuid UNIQUE,
        pipeline_id uuid,
        pipeline_version int,
        trigger text NOT NULL CHECK (trigger IN ('manual', 'schedule', 'backfill', 'api', 'worker', 'retry', 'replay')),
        status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'validating', 'committing', 'verifying', 'succeeded', 'partially_succeeded', 'failed', 'cancelled')),
        request jsonb NOT NULL,
        source jsonb NOT NULL,
        target jsonb NOT NULL,
        commit_root uuid NOT NULL,
        rows_read bigint NOT NULL DEFAULT 0,
        rows_written bigint NOT NULL DEFAULT 0,
        rows_duplicate bigint NOT NULL DEFAULT 0,
        rows_quarantined bigint NOT NULL DEFAULT 0,
        bytes_read bigint NOT NULL DEFAULT 0,
        truncated boolean NOT NULL DEFAULT false,
        reasons jsonb NOT NULL DEFAULT '{}',
        warnings jsonb NOT NULL DEFAULT '[]',
        commits jsonb NOT NULL DEFAULT '[]',
        ol_run_id uuid NOT NULL,
        attempt int NOT NULL DEFAULT 1,
        retry_of uuid,
        error jsonb,
        created_at timestamptz(3) NOT NULL,
        started_at timestamptz(3),
        finished_at timestamptz(3)
      )`);
    await queryRunner.query('CREATE INDEX ingest_runs_newest ON ingest_runs (workspace_id, created_at DESC, id DESC)');
    await queryRunner.query(`
      CREATE TABLE quarantine_batches (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        workspace_id uuid NOT NULL,
        run_id uuid NOT NULL UNIQUE REFERENCES ingest_runs (id),
        target varchar(240) NOT NULL,
        rows bigint NOT NULL,
        reasons jsonb NOT NULL,
        status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'replayed', 'discarded')),
        created_at timestamptz(3) NOT NULL
      )`);
    for (const table of ['ingest_uploads', 'ingest_runs', 'quarantine_batches'])
      await queryRunner.query(`CALL isolate_tenant('${table}', 'SELECT, INSERT, UPDATE')`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE quarantine_batches, ingest_runs, ingest_uploads, data_sources');
  }
}
