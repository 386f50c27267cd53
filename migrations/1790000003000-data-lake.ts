import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Datasets, their versions, and which files make up a snapshot (data.md 3.1, 6.3, 14 T1, L2, L3). */
export class DataLake1790000003000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE lake_tables (
        table_uuid uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        workspace_id uuid NOT NULL,
        catalog_name varchar(64) NOT NULL,
        namespace varchar(63) NOT NULL,
        name varchar(63) NOT NULL,
        location varchar(1024) NOT NULL,
        layer text NOT NULL CHECK (layer IN ('bronze', 'silver', 'gold')),
        schemas jsonb NOT NULL,
        current_schema_id int NOT NULL,
        partition_spec jsonb NOT NULL,
        sort_order jsonb NOT NULL,
        current_snapshot_id bigint,
        created_at timestamptz(3) NOT NULL,
        UNIQUE (catalog_name, namespace, name)
      )`);
    await queryRunner.query(`
      CREATE TABLE lake_snapshots (
        table_uuid uuid NOT NULL REFERENCES lake_tables (table_uuid) ON DELETE CASCADE,
        snapshot_id bigint NOT NULL,
        org_id uuid NOT NULL,
        parent_snapshot_id bigint,
        operation text NOT NULL CHECK (operation IN ('append', 'overwrite', 'delete', 'replace')),
        schema_id int NOT NULL,
        commit_id uuid NOT NULL UNIQUE,
        manifests uuid[] NOT NULL,
        summary jsonb NOT NULL DEFAULT '{}',
        committed_at timestamptz(3) NOT NULL,
        PRIMARY KEY (table_uuid, snapshot_id)
      )`);
    await queryRunner.query(`
      CREATE TABLE lake_files (
        manifest_id uuid NOT NULL,
        position int NOT NULL,
        table_uuid uuid NOT NULL REFERENCES lake_tables (table_uuid) ON DELETE CASCADE,
        org_id uuid NOT NULL,
        path varchar(1024) NOT NULL,
        partition jsonb NOT NULL,
        record_count bigint NOT NULL,
        file_size_bytes bigint NOT NULL,
        bounds jsonb NOT NULL,
        PRIMARY KEY (manifest_id, position)
      )`);
    await queryRunner.query(`
      CREATE TABLE lake_commits (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        workspace_id uuid NOT NULL,
        table_uuid uuid NOT NULL REFERENCES lake_tables (table_uuid) ON DELETE CASCADE,
        branch varchar(120) NOT NULL DEFAULT 'main',
        commit_key varchar(200) NOT NULL,
        payload_sha256 char(64) NOT NULL,
        state text NOT NULL DEFAULT 'prepared' CHECK (state IN ('prepared', 'files_written', 'committed', 'aborted')),
        base_snapshot_id bigint,
        snapshot_id bigint,
        version int,
        rows bigint NOT NULL DEFAULT 0,
        duplicates bigint NOT NULL DEFAULT 0,
        conflicts bigint NOT NULL DEFAULT 0,
        conflict_first_line bigint,
        files int NOT NULL DEFAULT 0,
        bytes bigint NOT NULL DEFAULT 0,
        attempts int NOT NULL DEFAULT 0,
        lease_owner uuid,
        lease_until timestamptz,
        run_id uuid,
        error jsonb,
        created_at timestamptz(3) NOT NULL,
        committed_at timestamptz(3),
        UNIQUE (table_uuid, branch, commit_key)
      )`);
    await queryRunner.query(
      "CREATE INDEX lake_commits_open ON lake_commits (created_at) WHERE state IN ('prepared', 'files_written')",
    );
    await queryRunner.query(`
      CREATE TABLE dataset_catalogs (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        workspace_id uuid NOT NULL,
        project_id uuid,
        owner_kind text NOT NULL DEFAULT 'workspace' CHECK (owner_kind IN ('user', 'team', 'project', 'workspace', 'organization')),
        owner_id uuid NOT NULL,
        created_by text NOT NULL,
        name varchar(160) NOT NULL,
        provider varchar(80) NOT NULL,
        domain varchar(120) NOT NULL,
        layer text NOT NULL CHECK (layer IN ('bronze', 'silver', 'gold')),
        frequency varchar(32),
        iceberg_identifier varchar(240) NOT NULL,
        table_uuid uuid NOT NULL REFERENCES lake_tables (table_uuid),
        load_mode text NOT NULL DEFAULT 'managed' CHECK (load_mode IN ('managed', 'registered')),
        source_uri varchar(1024),
        description text,
        tags text[] NOT NULL DEFAULT '{}',
        column_docs jsonb NOT NULL DEFAULT '{}',
        pii_columns text[] NOT NULL DEFAULT '{}',
        source_priority text[] NOT NULL DEFAULT '{}',
        shared boolean NOT NULL DEFAULT false,
        row_version int NOT NULL DEFAULT 1,
        archived_at timestamptz(3),
        created_at timestamptz(3) NOT NULL,
        updated_at timestamptz(3) NOT NULL
      )`);
    await queryRunner.query(
      'CREATE UNIQUE INDEX dataset_catalogs_identifier ON dataset_catalogs (workspace_id, iceberg_identifier) WHERE archived_at IS NULL',
    );
    await queryRunner.query(
      'CREATE UNIQUE INDEX dataset_catalogs_name ON dataset_catalogs (workspace_id, name, provider) WHERE archived_at IS NULL',
    );
    await queryRunner.query('CREATE INDEX dataset_catalogs_table ON dataset_catalogs (table_uuid)');
    await queryRunner.query(`
      CREATE TABLE dataset_versions (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        workspace_id uuid NOT NULL,
        catalog_id uuid NOT NULL REFERENCES dataset_catalogs (id) ON DELETE CASCADE,
        version int NOT NULL CHECK (version >= 1),
        snapshot_id bigint NOT NULL,
        parent_snapshot_id bigint,
        operation text NOT NULL CHECK (operation IN ('append', 'overwrite', 'delete', 'replace')),
        status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'rolled_back', 'expired')),
        start_time timestamptz,
        end_time timestamptz,
        row_count bigint NOT NULL,
        symbol_count int NOT NULL,
        file_count int NOT NULL,
        bytes bigint NOT NULL,
        row_hash_sum char(32) NOT NULL,
        dataset_hash char(64) NOT NULL,
        schema_id int NOT NULL,
        run_id uuid,
        commit_id uuid NOT NULL REFERENCES lake_commits (id),
        code_version varchar(64),
        created_by text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        UNIQUE (catalog_id, version),
        UNIQUE (catalog_id, snapshot_id)
      )`);
    await queryRunner.query(`
      CREATE TABLE data_links (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        workspace_id uuid NOT NULL,
        dataset_version_id uuid NOT NULL REFERENCES dataset_versions (id) ON DELETE CASCADE,
        catalog_id uuid NOT NULL REFERENCES dataset_catalogs (id) ON DELETE CASCADE,
        version int NOT NULL,
        entity_kind varchar(32) NOT NULL,
        entity_id varchar(64) NOT NULL,
        instrument_id uuid,
        interval varchar(8),
        coverage_start timestamptz,
        coverage_end timestamptz,
        row_count bigint NOT NULL
      )`);
    await queryRunner.query('CREATE INDEX data_links_instrument ON data_links (instrument_id, entity_kind)');
    await queryRunner.query(
      'CREATE INDEX data_links_newest ON data_links (catalog_id, entity_id, interval, version DESC)',
    );
    await queryRunner.query('CREATE INDEX data_links_version ON data_links (dataset_version_id)');
    for (const table of ['lake_tables', 'lake_commits', 'dataset_catalogs', 'dataset_versions'])
      await queryRunner.query(`CALL isolate_tenant('${table}', 'SELECT, INSERT, UPDATE')`);
    for (const table of ['lake_snapshots', 'lake_files', 'data_links'])
      await queryRunner.query(`CALL isolate_tenant('${table}', 'SELECT, INSERT')`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'DROP TABLE data_links, dataset_versions, dataset_catalogs, lake_commits, lake_files, lake_snapshots, lake_tables',
    );
  }
}
