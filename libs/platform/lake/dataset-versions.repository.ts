import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock, newId } from '#kernel';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { LakeTable, TableDefinition } from './lake-table.ts';

/** Rows that one commit adds for one symbol and interval. Instants in ms UTC. */
export interface EntityCoverage {
  readonly entityId: string;
  readonly interval: string | null;
  readonly start: number | null;
  readonly end: number | null;
  /** Keys that were not stored before. */
  readonly newKeys: number;
}

export interface VersionAddition {
  readonly commitId: string;
  readonly snapshotId: string;
  readonly operation: 'append' | 'overwrite' | 'delete' | 'replace';
  readonly runId: string | null;
  readonly rows: number;
  readonly files: number;
  readonly bytes: number;
  /** Sum mod 2^128 of the row hashes of the added rows. */
  readonly rowHashSum: bigint;
  readonly coverage: readonly EntityCoverage[];
  readonly committedAt: number;
}

const TWO_128 = 1n << 128n;

/** Datasets of the catalogue and their version per commit. */
@Injectable()
export class DatasetVersionsRepository {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
  ) {}

  /** The dataset of a table, made on first use. */
  async ensureDataset(
    ctx: WorkspaceContext,
    table: LakeTable,
    definition: Pick<TableDefinition, 'domain'>,
  ): Promise<string> {
    const identifier = `${table.namespace}.${table.table}`;
    const now = new Date(this.clock.now());
    await this.tx.manager.query(
      `INSERT INTO dataset_catalogs (id, org_id, workspace_id, owner_id, created_by, name, provider, domain, layer,
        iceberg_identifier, table_uuid, created_at, updated_at)
       VALUES ($1, $2, $3, $3, $4, $5, 'alphaswarm', $6, $7, $8, $9, $10, $10) ON CONFLICT DO NOTHING`,
      [
        newId(this.clock),
        ctx.orgId,
        ctx.workspaceId,
        ctx.principal.actor,
        table.table,
        definition.domain,
        table.layer,
        identifier,
        table.uuid,
        now,
      ],
    );
    const rows = await this.tx.manager.query<{ id: string }[]>(
      'SELECT id FROM dataset_catalogs WHERE workspace_id = $1 AND iceberg_identifier = $2 AND archived_at IS NULL',
      [ctx.workspaceId, identifier],
    );
    if (!rows[0]) throw new Error(`dataset ${identifier} is not visible after its creation`);
    return rows[0].id;
  }

  async currentVersion(catalogId: string): Promise<number | null> {
    const rows = await this.tx.manager.query<{ version: number | null }[]>(
      `SELECT v.version FROM dataset_catalogs d JOIN lake_tables t ON t.table_uuid = d.table_uuid
       JOIN dataset_versions v ON v.catalog_id = d.id AND v.snapshot_id = t.current_snapshot_id WHERE d.id = $1`,
      [catalogId],
    );
    return rows[0]?.version ?? null;
  }

  /** Records the next version, and what each symbol now covers. Returns its number. */
  async add(ctx: WorkspaceContext, catalogId: string, table: LakeTable, addition: VersionAddition): Promise<number> {
    const { manager } = this.tx;
    const parents = await manager.query<
      {
        row_count: string;
        file_count: number;
        bytes: string;
        row_hash_sum: string;
        start_time: Date | null;
        end_time: Date | null;
      }[]
    >(
      `SELECT row_count, file_count, bytes, row_hash_sum, start_time, end_time FROM dataset_versions WHERE
      catalog_id = $1 AND snapshot_id = $2`,
      [catalogId, table.currentSnapshotId],
    );
    const parent = parents[0];
    const rowCount = Number(parent?.row_count ?? 0) + addition.rows;
    const sum = ((parent ? BigInt(`0x${parent.row_hash_sum}`) : 0n) + addition.rowHashSum) % TWO_128;
    const sumText = sum.toString(16).padStart(32, '0');
    const starts = addition.coverage.flatMap(({ start }) => (start === null ? [] : [start]));
    const ends = addition.coverage.flatMap(({ end }) => (end === null ? [] : [end]));
    const versionId = newId(this.clock);
    const added = await manager.query<{ version: number }[]>(
      `INSERT INTO dataset_versions (id, org_id, workspace_id, catalog_id, version, snapshot_id, parent_snapshot_id,
        operation, start_time, end_time, row_count, symbol_count,
         file_count, bytes, row_hash_sum, dataset_hash, schema_id, run_id, commit_id, created_by, created_at)
       VALUES ($1, $2, $3, $4, 1 + coalesce((SELECT max(version) FROM dataset_versions WHERE catalog_id = $4), 0), $5,
         $6, $7, $8, $9, $10,
         (SELECT count(DISTINCT entity_id) FROM (SELECT entity_id FROM data_links WHERE catalog_id = $4 UNION SELECT
         unnest($11::text[])) known),
         $12, $13, $14, $15, $16, $17, $18, $19, $20) RETURNING version`,
      [
        versionId,
        ctx.orgId,
        ctx.workspaceId,
        catalogId,
        addition.snapshotId,
        table.currentSnapshotId,
        addition.operation,
        instant(smallest(starts, parent?.start_time)),
        instant(greatest(ends, parent?.end_time)),
        rowCount,
        addition.coverage.map(({ entityId }) => entityId),
        (parent?.file_count ?? 0) + addition.files,
        Number(parent?.bytes ?? 0) + addition.bytes,
        sumText,
        createHash('sha256').update(`${rowCount}:${sumText}`).digest('hex'),
        table.schema.schemaId,
        addition.runId,
        addition.commitId,
        ctx.principal.actor,
        new Date(addition.committedAt),
      ],
    );
    const { version } = added[0]!;
    await this.#link(ctx, catalogId, versionId, version, addition.coverage);
    await manager.query('UPDATE dataset_catalogs SET updated_at = $2 WHERE id = $1', [
      catalogId,
      new Date(addition.committedAt),
    ]);
    return version;
  }

  async #link(
    ctx: WorkspaceContext,
    catalogId: string,
    versionId: string,
    version: number,
    coverage: readonly EntityCoverage[],
  ): Promise<void> {
    if (coverage.length === 0) return;
    await this.tx.manager.query(
      `INSERT INTO data_links (id, org_id, workspace_id, dataset_version_id, catalog_id, version, entity_kind,
        entity_id, instrument_id, interval, coverage_start, coverage_end, row_count)
       SELECT uuidv7(), $1, $2, $3, $4, $5, 'instrument', c."entityId", i.id, c.interval,
         least(to_timestamp(c.start / 1000.0), b.coverage_start), greatest(to_timestamp(c."end" / 1000.0),
         b.coverage_end), c."newKeys" + coalesce(b.row_count, 0)
       FROM jsonb_to_recordset($6) AS c("entityId" text, interval text, start double precision, "end" double precision,
         "newKeys" bigint)
       LEFT JOIN instruments i ON i.vt_symbol = c."entityId"
       LEFT JOIN LATERAL (SELECT l.coverage_start, l.coverage_end, l.row_count FROM data_links l
         WHERE l.catalog_id = $4 AND l.entity_id = c."entityId" AND l.interval IS NOT DISTINCT FROM c.interval ORDER BY
           l.version DESC LIMIT 1) b ON true`,
      [ctx.orgId, ctx.workspaceId, versionId, catalogId, version, JSON.stringify(coverage)],
    );
  }
}

function smallest(values: readonly number[], other: Date | null | undefined): number | null {
  let result = other?.getTime() ?? Infinity;
  for (const value of values) if (value < result) result = value;
  return result === Infinity ? null : result;
}

function greatest(values: readonly number[], other: Date | null | undefined): number | null {
  let result = other?.getTime() ?? -Infinity;
  for (const value of values) if (value > result) result = value;
  return result === -Infinity ? null : result;
}

function instant(value: number | null): Date | null {
  return value === null ? null : new Date(value);
}
