import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Clock, NotFoundError, parseVtSymbol } from '#kernel';
import { Requires, resource } from '#platform/auth';
import { Context, inWorkspace, type RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { ApiPage, CursorCodec, type Page, PageQuery, Reply, Sends } from '#platform/http';
import { type DatasetRow, DatasetsRepository, type DatasetVersionRow } from './datasets.repository.ts';
import { DatasetVersionView, DatasetView, ListDatasets } from './dto/reference.views.ts';
import { freshness } from './freshness.ts';
import { presentTime } from './present-time.ts';

const DATASET = resource('dataset', 'dataset_catalogs');
const VERSION_NUMBER = /^[1-9]\d{0,8}$/;

/** Routes of data.md 4.1. */
@ApiTags('data')
@Controller('data/catalog')
export class CatalogController {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly datasets: DatasetsRepository,
    private readonly cursors: CursorCodec,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Requires('data:read')
  @ApiOperation({ summary: 'List the datasets of the workspace' })
  @ApiPage(DatasetView)
  async list(@Context() ctx: RequestContext, @Query() query: ListDatasets): Promise<Page<DatasetView>> {
    const page = this.cursors.page(ctx, 'data/catalog', query);
    const {
      q = null,
      layer = null,
      domain = null,
      provider = null,
      namespace = null,
      tag = null,
      owner = null,
      updated_since: since,
    } = query;
    const filter = {
      q,
      layer,
      domain,
      provider,
      namespace,
      tag,
      owner,
      updatedSince: since === undefined ? null : new Date(since),
    };
    const rows = await this.tx.run(ctx, () =>
      this.datasets.page(
        inWorkspace(ctx).workspaceId,
        filter,
        page.after === null ? null : String(page.after[0]),
        page.limit + 1,
      ),
    );
    return page.map(
      rows,
      ({ iceberg_identifier }) => [iceberg_identifier],
      (row) => datasetView(row, this.clock.now()),
    );
  }

  @Get(':id')
  @Requires('data:read', { resource: DATASET })
  @ApiOperation({ summary: 'Show a dataset' })
  @Sends('ETag')
  @ApiOkResponse({ type: DatasetView })
  async show(@Context() ctx: RequestContext, @Param('id') id: string, @Reply() reply: Reply): Promise<DatasetView> {
    const row = await this.tx.run(ctx, () => this.datasets.find(inWorkspace(ctx).workspaceId, id));
    if (!row) throw new NotFoundError();
    reply.etag(row.row_version);
    return datasetView(row, this.clock.now());
  }

  @Get(':id/versions')
  @Requires('data:read', { resource: DATASET })
  @ApiOperation({ summary: 'List the versions of a dataset, newest first' })
  @ApiPage(DatasetVersionView)
  async versions(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Query() query: PageQuery,
  ): Promise<Page<DatasetVersionView>> {
    const page = this.cursors.page(ctx, `data/catalog/${id}/versions`, query);
    const rows = await this.tx.run(ctx, () =>
      this.datasets.versions(
        inWorkspace(ctx).workspaceId,
        id,
        page.after === null ? null : Number(page.after[0]),
        page.limit + 1,
      ),
    );
    return page.map(rows, ({ version }) => [version], versionView);
  }

  @Get(':id/versions/:version')
  @Requires('data:read', { resource: DATASET })
  @ApiOperation({ summary: 'Show one version of a dataset' })
  @ApiOkResponse({ type: DatasetVersionView })
  async version(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Param('version') version: string,
  ): Promise<DatasetVersionView> {
    const row = VERSION_NUMBER.test(version)
      ? await this.tx.run(ctx, () => this.datasets.version(inWorkspace(ctx).workspaceId, id, Number(version)))
      : null;
    if (!row) throw new NotFoundError();
    return versionView(row);
  }
}

function instant(date: Date | null): string | null {
  return date && presentTime(date.getTime());
}

function datasetView(
  {
    owner_kind,
    owner_id,
    latest_row_count,
    coverage_start,
    coverage_end,
    updated_at,
    newest_symbol,
    newest_interval,
    newest_delisted_at,
    ...row
  }: DatasetRow,
  now: number,
): DatasetView {
  const newest = newest_symbol !== null && newest_interval !== null && coverage_end !== null;
  return {
    ...row,
    latest_row_count: latest_row_count === null ? null : Number(latest_row_count),
    coverage_start: instant(coverage_start),
    coverage_end: instant(coverage_end),
    freshness: newest
      ? freshness(
          parseVtSymbol(newest_symbol).exchange,
          newest_interval,
          coverage_end.getTime(),
          newest_delisted_at,
          now,
        )
      : null,
    owner: { kind: owner_kind, id: owner_id },
    updated_at: updated_at.toISOString(),
  };
}

function versionView({
  start_time,
  end_time,
  row_count,
  bytes,
  created_at,
  ...row
}: DatasetVersionRow): DatasetVersionView {
  return {
    ...row,
    start_time: instant(start_time),
    end_time: instant(end_time),
    row_count: Number(row_count),
    bytes: Number(bytes),
    created_at: created_at.toISOString(),
  };
}
