import { Injectable } from '@nestjs/common';
import { TenantTransaction } from '#platform/database';

export interface CoverageRow {
  vt_symbol: string;
  interval: string;
  iceberg_identifier: string;
  version: number;
  row_count: string;
  coverage_start: Date;
  coverage_end: Date;
}

/** What each symbol covers, from the links that every commit writes: no file is read. */
@Injectable()
export class CoverageRepository {
  constructor(private readonly tx: TenantTransaction) {}

  /** By symbol and interval. */
  async list(
    workspaceId: string,
    filter: { vtSymbol: string | null; after: { vtSymbol: string; interval: string; dataset: string } | null },
    limit: number,
  ): Promise<CoverageRow[]> {
    const { vtSymbol, after } = filter;
    return this.tx.manager.query<CoverageRow[]>(
      `SELECT * FROM (
         SELECT DISTINCT ON (l.entity_id, l.interval, d.iceberg_identifier) l.entity_id AS vt_symbol, l.interval,
           d.iceberg_identifier, l.version, l.row_count, l.coverage_start, l.coverage_end
         FROM data_links l JOIN dataset_catalogs d ON d.id = l.catalog_id JOIN dataset_versions v ON v.id =
           l.dataset_version_id
         WHERE l.workspace_id = $1 AND l.entity_kind = 'instrument' AND d.archived_at IS NULL AND v.status = 'active'
           AND ($2::text IS NULL OR l.entity_id = $2)
         ORDER BY l.entity_id, l.interval, d.iceberg_identifier, l.version DESC
       ) newest WHERE $3::text IS NULL OR (vt_symbol, interval, iceberg_identifier) > ($3, $4, $5) ORDER BY vt_symbol,
       interval, iceberg_identifier LIMIT $6`,
      [workspaceId, vtSymbol, after?.vtSymbol ?? null, after?.interval ?? null, after?.dataset ?? null, limit],
    );
  }
}
