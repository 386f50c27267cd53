import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '#platform/auth';
import { Context, inWorkspace, type RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { ApiPage, CursorCodec, type Page, PageQuery } from '#platform/http';
import { BarsService } from './bars.service.ts';
import { CoverageRepository } from './coverage.repository.ts';
import { CoverageView, DescribedBars } from './dto/coverage.views.ts';
import { presentTime } from './present-time.ts';

const MAX_DATASETS = 200;

@ApiTags('data')
@Controller('data')
export class CoverageController {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly coverages: CoverageRepository,
    private readonly bars: BarsService,
    private readonly cursors: CursorCodec,
  ) {}

  @Get('describe')
  @Requires('data:read')
  @ApiOperation({ summary: 'Which bars the workspace has, by symbol and interval' })
  @ApiPage(DescribedBars)
  async describe(@Context() ctx: RequestContext, @Query() query: PageQuery): Promise<Page<DescribedBars>> {
    const page = this.cursors.page(ctx, 'data/describe', query);
    const [vtSymbol, interval, dataset] = (page.after ?? []).map(String);
    const after = vtSymbol === undefined ? null : { vtSymbol, interval: interval ?? '', dataset: dataset ?? '' };
    const rows = await this.tx.run(ctx, () =>
      this.coverages.list(inWorkspace(ctx).workspaceId, { vtSymbol: null, after }, page.limit + 1),
    );
    return page.map(
      rows,
      (row) => [row.vt_symbol, row.interval, row.iceberg_identifier],
      (row) => ({
        vt_symbol: row.vt_symbol,
        interval: row.interval,
        bars: Number(row.row_count),
        first_bar: presentTime(row.coverage_start.getTime()),
        last_bar: presentTime(row.coverage_end.getTime()),
      }),
    );
  }

  @Get('securities/:vt_symbol/coverage')
  @Requires('data:read')
  @ApiOperation({ summary: 'What each dataset of the workspace holds of a symbol' })
  @ApiOkResponse({ type: CoverageView })
  async coverage(@Context() ctx: RequestContext, @Param('vt_symbol') symbol: string): Promise<CoverageView> {
    const workspace = inWorkspace(ctx);
    const { vt_symbol } = await this.bars.instrument(workspace, symbol);
    const rows = await this.tx.run(ctx, () =>
      this.coverages.list(workspace.workspaceId, { vtSymbol: vt_symbol, after: null }, MAX_DATASETS),
    );
    return {
      vt_symbol,
      datasets: rows.map((row) => ({
        iceberg_identifier: row.iceberg_identifier,
        interval: row.interval,
        row_count: Number(row.row_count),
        coverage_start: presentTime(row.coverage_start.getTime()),
        coverage_end: presentTime(row.coverage_end.getTime()),
        latest_version: row.version,
      })),
    };
  }
}
