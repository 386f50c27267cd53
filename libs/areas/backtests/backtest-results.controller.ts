import { Controller, Get, Headers, Param, Query, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '#platform/auth';
import { Context, type RequestContext } from '#platform/context';
import { Format, PageQuery, type Page, Produces, Refuses, Reply, Sends, streamed } from '#platform/http';
import { BacktestResultsService } from './backtest-results.service.ts';
import { BACKTEST } from './backtest.resource.ts';
import { TimelineQuery } from './dto/backtest.requests.ts';
import type { ArtifactKind } from './engine/encode-artifacts.ts';
import { decimalProfile } from './present-row.ts';

const NDJSON = 'application/x-ndjson';
const ROWS = { json: 'application/json', ndjson: NDJSON } as const;
type RowFormat = keyof typeof ROWS;
/** The same lines: plain text is for clients that know no NDJSON. */
const EVENTS = { ndjson: NDJSON, text: 'text/plain' } as const;
const EVENT_LINES = {
  schema: { type: 'string' as const },
  example: '{"seq":1,"t":"2024-01-02T21:00:00.000Z","type":"CLOCK"}\n',
};

/** Rows as a JSON page, or all of them as an NDJSON stream. */
const RowsOf =
  (summary: string): MethodDecorator =>
  (target, property, descriptor) => {
    ApiOperation({ summary })(target, property, descriptor);
    Refuses('run_not_completed', 'artifact_gone')(target, property, descriptor);
    Produces(ROWS)(target, property, descriptor);
    ApiOkResponse({
      description: `One page, or every row as ${NDJSON}.`,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            required: ['data', 'next_cursor'],
            example: { data: [], next_cursor: null },
            properties: {
              data: { type: 'array', items: { type: 'object', additionalProperties: true } },
              next_cursor: { type: ['string', 'null'] },
            },
          },
        },
        [NDJSON]: { schema: { type: 'string', example: '' } },
      },
    })(target, property, descriptor);
  };

type Rows = Promise<Page<Record<string, unknown>> | StreamableFile>;

@ApiTags('backtests')
@Controller('backtests/:id')
export class BacktestResultsController {
  constructor(private readonly results: BacktestResultsService) {}

  @Get('equity')
  @Requires('backtest:view', { resource: BACKTEST })
  @RowsOf('Equity, cash, exposure, positions and drawdown after every slice, oldest first')
  equity(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Query() query: PageQuery,
    @Format() format: RowFormat,
    @Headers() headers: Record<string, string>,
  ): Rows {
    return this.#rows(ctx, id, 'equity', query, format, headers);
  }

  @Get('comparison')
  @Requires('backtest:view', { resource: BACKTEST })
  @RowsOf('Buy and hold of the universe in equal parts, and the benchmark, as known after every slice, oldest first')
  comparison(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Query() query: PageQuery,
    @Format() format: RowFormat,
    @Headers() headers: Record<string, string>,
  ): Rows {
    return this.#rows(ctx, id, 'comparison', query, format, headers);
  }

  @Get('orders')
  @Requires('backtest:view', { resource: BACKTEST })
  @RowsOf('Orders, newest first')
  orders(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Query() query: PageQuery,
    @Format() format: RowFormat,
    @Headers() headers: Record<string, string>,
  ): Rows {
    return this.#rows(ctx, id, 'orders', query, format, headers);
  }

  @Get('fills')
  @Requires('backtest:view', { resource: BACKTEST })
  @RowsOf('Fills, newest first')
  fills(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Query() query: PageQuery,
    @Format() format: RowFormat,
    @Headers() headers: Record<string, string>,
  ): Rows {
    return this.#rows(ctx, id, 'fills', query, format, headers);
  }

  @Get('signals')
  @Requires('backtest:view', { resource: BACKTEST })
  @RowsOf('Signals, newest first')
  signals(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Query() query: PageQuery,
    @Format() format: RowFormat,
    @Headers() headers: Record<string, string>,
  ): Rows {
    return this.#rows(ctx, id, 'signals', query, format, headers);
  }

  @Get('round-trips')
  @Requires('backtest:view', { resource: BACKTEST })
  @RowsOf('Round trips, newest first')
  roundTrips(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Query() query: PageQuery,
    @Format() format: RowFormat,
    @Headers() headers: Record<string, string>,
  ): Rows {
    return this.#rows(ctx, id, 'round_trips', query, format, headers);
  }

  @Get('events')
  @Requires('backtest:view', { resource: BACKTEST })
  @Refuses('run_not_completed', 'event_log_partial', 'artifact_gone')
  @Sends('X-Event-Log-Hash')
  @ApiOperation({ summary: 'The event log: one canonical JSON line per event, as chained by X-Event-Log-Hash' })
  @Produces(EVENTS)
  @ApiOkResponse({ description: 'Every line.', content: { [NDJSON]: EVENT_LINES, [EVENTS.text]: EVENT_LINES } })
  async events(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Format() format: keyof typeof EVENTS,
    @Reply() reply: Reply,
  ): Promise<StreamableFile> {
    const { hash, stream } = await this.results.events(ctx, id);
    if (hash) reply.header('X-Event-Log-Hash', hash);
    return streamed(stream, EVENTS[format]);
  }

  @Get('timeline')
  @Requires('backtest:view', { resource: BACKTEST })
  @Refuses('run_not_completed', 'artifact_gone')
  @ApiOperation({ summary: 'Bars, signals, orders and fills of one symbol: its newest bars and what happened in them' })
  @ApiOkResponse({
    schema: {
      type: 'object',
      additionalProperties: true,
      example: { vt_symbol: 'SPX.CBOE', interval: '1d', bars: [], signals: [], orders: [], fills: [] },
    },
  })
  timeline(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Query() query: TimelineQuery,
    @Headers() headers: Record<string, string>,
  ): Promise<Record<string, unknown>> {
    return this.results.timeline(ctx, id, query, decimalProfile(headers));
  }

  async #rows(
    ctx: RequestContext,
    id: string,
    kind: ArtifactKind,
    query: PageQuery,
    format: RowFormat,
    headers: Record<string, string>,
  ): Rows {
    const profile = decimalProfile(headers);
    if (format === 'json') return this.results.page(ctx, id, kind, query, profile);
    return streamed(await this.results.stream(ctx, id, kind, profile), NDJSON);
  }
}
