import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock, newId } from '#kernel';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { CommitConflict, LakeCatalogue, type SnapshotCommit } from './lake-catalogue.ts';
import { firstSchema, type LakeSchema, type Layer } from './lake-schema.ts';
import {
  catalogNameOf,
  type DataFile,
  type LakeTable,
  type Snapshot,
  type TableDefinition,
  type TableName,
} from './lake-table.ts';
import type { PartitionField } from './partition-spec.ts';

interface TableRow {
  table_uuid: string;
  catalog_name: string;
  namespace: string;
  name: string;
  location: string;
  layer: Layer;
  schemas: LakeSchema[];
  current_schema_id: number;
  partition_spec: PartitionField[];
  sort_order: string[];
  current_snapshot_id: string | null;
}

interface FileRow {
  path: string;
  partition: Record<string, number>;
  record_count: string;
  file_size_bytes: string;
  bounds: DataFile['bounds'];
}

const CACHED_FILES = 200_000;

/** Snapshots and file lists in PostgreSQL: a commit is part of the transaction that records its version. */
@Injectable()
export class PostgresLakeCatalogue extends LakeCatalogue {
  // A snapshot never changes, so its file list may be kept; the tenant check is the table row, read every time.
  readonly #files = new LRUCache<string, readonly DataFile[]>({
    max: 1_000,
    maxSize: CACHED_FILES,
    sizeCalculation: (files) => files.length + 1,
  });

  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
  ) {
    super();
  }

  async load(workspaceId: string, { namespace, table }: TableName): Promise<LakeTable | null> {
    const rows = await this.tx.manager.query<TableRow[]>(
      'SELECT * FROM lake_tables WHERE catalog_name = $1 AND namespace = $2 AND name = $3',
      [catalogNameOf(workspaceId), namespace, table],
    );
    return rows[0] ? toTable(rows[0]) : null;
  }

  async create(ctx: WorkspaceContext, definition: TableDefinition): Promise<LakeTable> {
    const { namespace, table, layer, columns, identifier, partition, sort } = definition;
    const catalogName = catalogNameOf(ctx.workspaceId);
    await this.tx.manager.query(
      `INSERT INTO lake_tables (table_uuid, org_id, workspace_id, catalog_name, namespace, name, location, layer,
        schemas, current_schema_id, partition_spec, sort_order, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12) ON CONFLICT (catalog_name, namespace, name) DO
         NOTHING`,
      [
        newId(this.clock),
        ctx.orgId,
        ctx.workspaceId,
        catalogName,
        namespace,
        table,
        `${catalogName}/${namespace}/${table}`,
        layer,
        JSON.stringify([firstSchema(columns, identifier)]),
        JSON.stringify(partition),
        JSON.stringify(sort),
        new Date(this.clock.now()),
      ],
    );
    const created = await this.load(ctx.workspaceId, definition);
    if (!created) throw new Error(`lake table ${namespace}.${table} is not visible after its creation`);
    return created;
  }

  async snapshot(table: LakeTable, snapshotId: string): Promise<Snapshot | null> {
    const rows = await this.tx.manager.query<
      { snapshot_id: string; parent_snapshot_id: string | null; schema_id: number; committed_at: Date }[]
    >(
      `SELECT snapshot_id, parent_snapshot_id, schema_id, committed_at FROM lake_snapshots WHERE table_uuid = $1
      AND snapshot_id = $2`,
      [table.uuid, snapshotId],
    );
    const row = rows[0];
    return row
      ? {
          snapshotId: row.snapshot_id,
          parentSnapshotId: row.parent_snapshot_id,
          schemaId: row.schema_id,
          committedAt: row.committed_at.getTime(),
        }
      : null;
  }

  async files(table: LakeTable, snapshotId: string): Promise<readonly DataFile[]> {
    const key = `${table.uuid}/${snapshotId}`;
    const cached = this.#files.get(key);
    if (cached) return cached;
    const rows = await this.tx.manager.query<FileRow[]>(
      `SELECT f.path, f.partition, f.record_count, f.file_size_bytes, f.bounds
       FROM lake_snapshots s JOIN lake_files f ON f.manifest_id = ANY (s.manifests)
       WHERE s.table_uuid = $1 AND s.snapshot_id = $2 ORDER BY f.path`,
      [table.uuid, snapshotId],
    );
    const files = rows.map((row) => ({
      path: row.path,
      partition: row.partition,
      rows: Number(row.record_count),
      bytes: Number(row.file_size_bytes),
      bounds: row.bounds,
    }));
    this.#files.set(key, files);
    return files;
  }

  async commit(ctx: WorkspaceContext, table: LakeTable, commit: SnapshotCommit): Promise<void> {
    const { manager } = this.tx;
    const moved = await manager.query<[unknown[], number]>(
      `UPDATE lake_tables SET current_snapshot_id = $3 WHERE table_uuid = $1 AND current_snapshot_id IS NOT
      DISTINCT FROM $2`,
      [table.uuid, table.currentSnapshotId, commit.snapshotId],
    );
    if (moved[1] !== 1)
      throw new CommitConflict(
        `the current snapshot of ${table.namespace}.${table.table} is no longer ${table.currentSnapshotId}`,
      );
    await manager.query(
      `INSERT INTO lake_snapshots (table_uuid, snapshot_id, org_id, parent_snapshot_id, operation, schema_id, commit_id,
        manifests, summary, committed_at)
       SELECT $1::uuid, $2, $3, $4::bigint, $5, $6, $7::uuid,
         coalesce((SELECT manifests FROM lake_snapshots WHERE table_uuid = $1::uuid AND snapshot_id = $4::bigint), '{}')
         || $7::uuid, $8, $9`,
      [
        table.uuid,
        commit.snapshotId,
        ctx.orgId,
        table.currentSnapshotId,
        commit.operation,
        table.schema.schemaId,
        commit.commitId,
        JSON.stringify({ ...commit.summary, 'alphaswarm.commit-id': commit.commitId }),
        new Date(commit.committedAt),
      ],
    );
    await manager.query(
      `INSERT INTO lake_files (manifest_id, position, table_uuid, org_id, path, partition, record_count,
        file_size_bytes, bounds)
       SELECT $1, f.position, $2, $3, f.path, f.partition, f.rows, f.bytes, f.bounds
       FROM jsonb_to_recordset($4) AS f(position int, path text, partition jsonb, rows bigint, bytes bigint, bounds
         jsonb)`,
      [
        commit.commitId,
        table.uuid,
        ctx.orgId,
        JSON.stringify(commit.files.map((file, position) => ({ position, ...file }))),
      ],
    );
  }
}

function toTable(row: TableRow): LakeTable {
  const schema = row.schemas.find(({ schemaId }) => schemaId === row.current_schema_id);
  if (!schema) throw new Error(`lake table ${row.namespace}.${row.name} lacks its schema ${row.current_schema_id}`);
  return {
    uuid: row.table_uuid,
    catalogName: row.catalog_name,
    namespace: row.namespace,
    table: row.name,
    location: row.location,
    layer: row.layer,
    schema,
    schemas: row.schemas,
    partition: row.partition_spec,
    sort: row.sort_order,
    currentSnapshotId: row.current_snapshot_id,
  };
}
