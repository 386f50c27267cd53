import { Controller, Get, Param, Query, type StreamableFile } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { newId } from '#kernel';
import { Requires } from '#platform/auth';
import { Context, type RequestContext } from '#platform/context';
import { Format, Produces, Refuses, Reply, Sends, streamed } from '#platform/http';
import { dateOfDay } from '#quant/market-data';
import { type BarFormat, barStream, MEDIA_TYPES } from './bar-formats.ts';
import { BarParquet } from './bar-parquet.ts';
import { BarPages } from './bar-pages.ts';
import { BarStatsService } from './bar-stats.service.ts';
import { BarsQuery, BarStatsQuery } from './dto/bars.requests.ts';
import { BarStatsView, BarsView } from './dto/bars.views.ts';
import { presentTime } from './present-time.ts';

const NDJSON_EXAMPLE =
  '{"timestamp":"2024-01-02T00:00:00Z","session_date":"2024-01-02","open":100,"high":102,"low":99,"close":101,"volume":null,"vwap":null,"trade_count":null,"source_id":"upload","revision":0}\n';
const CSV_EXAMPLE =
  'timestamp,session_date,open,high,low,close,volume,vwap,trade_count,source_id,revision\n2024-01-02T00:00:00Z,2024-01-02,100,102,99,101,,,,upload,0\n';

/** Routes of data.md 4.1. */
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
  @Produces(MEDIA_TYPES)
  @Sends('X-Query-Id', 'X-Snapshot-Id', 'X-Schema-Id', 'X-Next-Cursor', 'X-Off-Session-Bars')
  @ApiExtraModels(BarsView)
  @ApiOkResponse({
    description: 'One page in the format that was asked for.',
    content: {
      [MEDIA_TYPES.json]: { schema: { $ref: getSchemaPath(BarsView) } },
      [MEDIA_TYPES.ndjson]: { schema: { type: 'string' }, example: NDJSON_EXAMPLE },
      [MEDIA_TYPES.csv]: { schema: { type: 'string' }, example: CSV_EXAMPLE },
      [MEDIA_TYPES.arrow]: { schema: { type: 'string', format: 'binary' } },
      [MEDIA_TYPES.parquet]: { schema: { type: 'string', format: 'binary' } },
    },
  })
  async bars(
    @Context() ctx: RequestContext,
    @Param('vt_symbol') symbol: string,
    @Query() query: BarsQuery,
    @Format() format: BarFormat,
    @Reply() reply: Reply,
  ): Promise<StreamableFile> {
    const page = await this.pages.page(ctx, symbol, query, format);
    const { instrument, selection, pinned, adjustment, offSession, asKnownAt, nextCursor } = page;
    reply.header('X-Query-Id', newId());
    if (pinned) reply.header('X-Snapshot-Id', pinned.snapshotId).header('X-Schema-Id', String(pinned.schema.schemaId));
    if (format !== 'json' && nextCursor) reply.header('X-Next-Cursor', nextCursor);
    if (format !== 'json' && offSession > 0) reply.header('X-Off-Session-Bars', String(offSession));
    if (format === 'parquet') return streamed(await this.parquet.stream(page), MEDIA_TYPES.parquet);
    const head = {
      vt_symbol: instrument.vt_symbol,
      interval: selection.target,
      normalization: query.normalization,
      snapshot_id: pinned?.snapshotId ?? null,
      adjustment_basis: { actions: adjustment.actions, as_of: presentTime(asKnownAt) },
      warnings: [
        ...(offSession > 0 ? [{ code: 'off_session', count: offSession }] : []),
        ...adjustment.warnings.map(({ code, exDay }) => ({ code, ex_date: dateOfDay(exDay) })),
      ],
      next_cursor: nextCursor,
    };
    return streamed(
      barStream(page, format, { head, trailer: query.trailer }),
      format === 'json' ? 'application/json; charset=utf-8' : MEDIA_TYPES[format],
    );
  }

  @Get('stats')
  @Requires('data:read')
  @Refuses('unknown_symbol', 'no_snapshot', 'snapshot_expired', 'not_implemented')
  @ApiOperation({ summary: 'How complete and regular the bars of a symbol are' })
  @ApiOkResponse({ type: BarStatsView })
  stats(
    @Context() ctx: RequestContext,
    @Param('vt_symbol') symbol: string,
    @Query() query: BarStatsQuery,
  ): Promise<BarStatsView> {
    return this.statistics.stats(ctx, symbol, query);
  }
}
