import { Controller, Get, Param, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { newId } from '#kernel';
import { Requires } from '#platform/auth';
import { Context, type RequestContext } from '#platform/context';
import { Format, Produces, Refuses, streamed } from '#platform/http';
import { dateOfDay } from '#quant/market-data';
import { type BarFormat, barStream, MEDIA_TYPES } from './bar-formats.ts';
import { BarParquet } from './bar-parquet.ts';
import { BarPages } from './bar-pages.ts';
import { BarStatsService } from './bar-stats.service.ts';
import { BarsQuery, BarStatsQuery } from './dto/bars.requests.ts';
import { BarStatsView, BarsView } from './dto/bars.views.ts';
import { presentTime } from './present-time.ts';

@ApiTags('data')
@Controller('data/:vt_symbol')
export class BarsController {
  constructor(
    private readonly pages: BarPages,
    private readonly statistics: BarStatsService,
    private readonly parquet: BarParquet,
  ) {}

  @Get('bars')
  @Requires('data:read')
  @Refuses('unknown_symbol', 'no_snapshot', 'snapshot_expired', 'not_implemented')
  @ApiOperation({ summary: 'Bars of a symbol as JSON, NDJSON, CSV, Parquet or an Arrow IPC stream' })
  @ApiOkResponse({ type: BarsView })
  @Produces(MEDIA_TYPES)
  async bars(
    @Context() ctx: RequestContext, @Param('vt_symbol') symbol: string, @Query() query: BarsQuery, @Format() format: BarFormat,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const page = await this.pages.page(ctx, symbol, query, format);
    const { instrument, selection, pinned, adjustment, asKnownAt, nextCursor } = page;
    response.setHeader('X-Query-Id', newId());
    if (pinned) response.setHeader('X-Snapshot-Id', pinned.snapshotId).setHeader('X-Schema-Id', String(pinned.schema.schemaId));
    if (format !== 'json' && nextCursor) response.setHeader('X-Next-Cursor', nextCursor);
    if (format === 'parquet') return streamed(await this.parquet.stream(page), MEDIA_TYPES.parquet);
    const head = {
      vt_symbol: instrument.vt_symbol, interval: selection.target, normalization: query.normalization, snapshot_id: pinned?.snapshotId ?? null,
      adjustment_basis: { actions: adjustment.actions, as_of: presentTime(asKnownAt) }, warnings: adjustment.warnings.map(({ code, exDay }) => ({ code, ex_date: dateOfDay(exDay) })), next_cursor: nextCursor,
    };
    return streamed(barStream(page, format, { head, trailer: query.trailer }), format === 'json' ? 'application/json; charset=utf-8' : MEDIA_TYPES[format]);
  }

  @Get('stats')
  @Requires('data:read')
  @Refuses('unknown_symbol', 'no_snapshot', 'snapshot_expired', 'not_implemented')
  @ApiOperation({ summary: 'How complete and regular the bars of a symbol are' })
  @ApiOkResponse({ type: BarStatsView })
  stats(@Context() ctx: RequestContext, @Param('vt_symbol') symbol: string, @Query() query: BarStatsQuery): Promise<BarStatsView> {
    return this.statistics.stats(ctx, symbol, query);
  }
}
