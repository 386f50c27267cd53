import { Injectable } from '@nestjs/common';
import { TenantTransaction } from '#platform/database';
import type { AnyInterval } from '#quant/market-data';

export interface DatasetRow {
  id: string;
  name: string;
  provider: string;
  domain: string;
  layer: string;
  frequency: string | null;
  iceberg_identifier: string;
  description: string | null;
  tags: string[];
  owner_kind: string;
  owner_id: string;
  row_version: number;
  updated_at: Date;
  latest_version: number | null;
  latest_snapshot_id: string | null;
  latest_row_count: string | null;
  coverage_start: Date | null;
  coverage_end: Date | null;
  newest_symbol: string | null;
  newest_interval: AnyInterval | null;
  newest_delisted_at: string | null;
}

export interface DatasetVersionRow {
  id: string;
  version: number;
  snapshot_id: string;
  parent_snapshot_id: string | null;
  operation: string;
  status: string;
  dataset_hash: string;
  start_time: Date | null;
  end_time: Date | null;
  row_count: string;
  symbol_count: number;
  file_count: number;
  bytes: string;
  schema_id: number;
  run_id: string | null;
  created_at: Date;
}

export interface DatasetFilter {
  q: string | null;
  layer: string | null;
  domain: string | null;
  provider: string | null;
  namespace: string | null;
  tag: string | null;
  owner: string | null;
  updatedSince: Date | null;
}

const DATASET = `SELECT d.id, d.name, d.provider, d.domain, d.layer, d.frequency, d.iceberg_identifier, d.description,
  d.tags, d.owner_kind, d.owner_id, d.row_version, d.updated_at,
    v.version AS latest_version, v.snapshot_id AS latest_snapshot_id, v.row_count AS latest_row_count, v.start_time AS
    coverage_start, v.end_time AS coverage_end,
    newest.entity_id AS newest_symbol, newest.interval AS newest_interval, LEAST(i.delisted_at,
    delisting.last_day)::text AS newest_delisted_at
  FROM dataset_catalogs d JOIN lake_tables t ON t.table_uuid = d.table_uuid
  LEFT JOIN dataset_versions v ON v.catalog_id = d.id AND v.snapshot_id = t.current_snapshot_id
  LEFT JOIN LATERAL (SELECT entity_id, interval FROM data_links WHERE catalog_id = d.id AND coverage_end = v.end_time
  AND interval IS NOT NULL LIMIT 1) newest ON true
  LEFT JOIN instruments i ON i.vt_symbol = newest.entity_id
  LEFT JOIN LATERAL (SELECT min(said.ex_date) - 1 AS last_day FROM (
    SELECT DISTINCT ON (ex_date) ex_date, ratio FROM corporate_actions WHERE instrument_id = i.id AND kind = 'delisting'
      ORDER BY ex_date, known_at DESC
  ) said WHERE said.ratio IS DISTINCT FROM 1) delisting ON true
  WHERE d.workspace_id = $1 AND d.archived_at IS NULL`;
const VERSION = `SELECT id, version, snapshot_id, parent_snapshot_id, operation, status, dataset_hash, start_time,
  end_time, row_count, symbol_count, file_count, bytes, schema_id, run_id, created_at
  FROM dataset_versions WHERE workspace_id = $1 AND catalog_id = $2`;

/** The catalogue of a workspace and the versions of its datasets. */
@Injectable()
export class DatasetsRepository {
  constructor(private readonly tx: TenantTransaction) {}

  async page(workspaceId: string, filter: DatasetFilter, after: string | null, limit: number): Promise<DatasetRow[]> {
    return this.tx.manager.query<DatasetRow[]>(
      `${DATASET} AND ($2::text IS NULL OR strpos(lower(d.name || ' ' || d.iceberg_identifier || ' ' ||
        coalesce(d.description, '')), lower($2)) > 0) AND ($3::text IS NULL OR d.layer = $3)
         AND ($4::text IS NULL OR d.domain = $4) AND ($5::text IS NULL OR d.provider = $5) AND ($6::text IS NULL OR
         starts_with(d.iceberg_identifier, $6 || '.'))
         AND ($7::text IS NULL OR $7 = ANY (d.tags)) AND ($8::text IS NULL OR d.owner_id::text = $8) AND
         ($9::timestamptz IS NULL OR d.updated_at >= $9)
         AND ($10::text IS NULL OR d.iceberg_identifier > $10) ORDER BY d.iceberg_identifier LIMIT $11`,
      [
        workspaceId,
        filter.q,
        filter.layer,
        filter.domain,
        filter.provider,
        filter.namespace,
        filter.tag,
        filter.owner,
        filter.updatedSince,
        after,
        limit,
      ],
    );
  }

  async find(workspaceId: string, id: string): Promise<DatasetRow | null> {
    return (await this.tx.manager.query<DatasetRow[]>(`${DATASET} AND d.id = $2`, [workspaceId, id]))[0] ?? null;
  }

  async versions(workspaceId: string, id: string, before: number | null, limit: number): Promise<DatasetVersionRow[]> {
    return this.tx.manager.query<DatasetVersionRow[]>(
      `${VERSION} AND ($3::int IS NULL OR version < $3) ORDER BY version DESC LIMIT $4`,
      [workspaceId, id, before, limit],
    );
  }

  async version(workspaceId: string, id: string, version: number): Promise<DatasetVersionRow | null> {
    return (
      (
        await this.tx.manager.query<DatasetVersionRow[]>(`${VERSION} AND version = $3`, [workspaceId, id, version])
      )[0] ?? null
    );
  }
}
