import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Clock, DomainError, NotFoundError, parseDate, ValidationError } from '#kernel';
import { Requires } from '#platform/auth';
import { Context, inWorkspace, type RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { ApiPage, CursorCodec, type Page, PageQuery, Reply, Sends } from '#platform/http';
import { type Calendar, calendarFor } from '#quant/calendars';
import { BarsService } from './bars.service.ts';
import { CalendarsRepository } from './calendars.repository.ts';
import { SessionsQuery } from './dto/bars.requests.ts';
import { CalendarSessionsView, CalendarView, InstrumentView, ListInstruments } from './dto/reference.views.ts';
import { type InstrumentRow, InstrumentsRepository } from './instruments.repository.ts';
import { presentTime } from './present-time.ts';

const MAX_YEARS = 20;

/** Reference data that every tenant shares: calendars and instruments. */
@ApiTags('data')
@Controller('data')
export class ReferenceController {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
    private readonly calendarRows: CalendarsRepository,
    private readonly instrumentRows: InstrumentsRepository,
    private readonly bars: BarsService,
    private readonly cursors: CursorCodec,
  ) {}

  @Get('calendars')
  @Requires('data:read')
  @ApiOperation({ summary: 'List exchange calendars' })
  @ApiPage(CalendarView)
  async calendars(@Context() ctx: RequestContext, @Query() query: PageQuery): Promise<Page<CalendarView>> {
    const page = this.cursors.page(ctx, 'data/calendars', query);
    const rows = await this.tx.run(ctx, () =>
      this.calendarRows.newest(page.after === null ? null : String(page.after[0]), page.limit + 1),
    );
    return page.map(
      rows,
      ({ exchange }) => [exchange],
      (row) => ({ ...row, sessions_per_year: calendarFor(row.exchange).sessionsPerYear }),
    );
  }

  @Get('calendars/:exchange/sessions')
  @Requires('data:read')
  @ApiOperation({ summary: 'Sessions of an exchange, opens and closes in UTC' })
  @ApiOkResponse({ type: CalendarSessionsView })
  sessions(@Param('exchange') exchange: string, @Query() query: SessionsQuery): CalendarSessionsView {
    const calendar = knownCalendar(exchange.toUpperCase());
    const today = new Date(this.clock.now()).toISOString().slice(0, 4);
    const { start = `${today}-01-01`, end = `${start.slice(0, 4)}-12-31` } = query;
    checkDates(start, end);
    return {
      exchange: calendar.exchange,
      version: calendar.version,
      timezone: calendar.timezone,
      sessions: calendar
        .sessions(start, end)
        .map(({ date, open, close, early }) => ({ date, open: presentTime(open), close: presentTime(close), early })),
    };
  }

  @Get('instruments')
  @Requires('data:read')
  @ApiOperation({ summary: 'List instruments by symbol' })
  @ApiPage(InstrumentView)
  async instruments(@Context() ctx: RequestContext, @Query() query: ListInstruments): Promise<Page<InstrumentView>> {
    const page = this.cursors.page(ctx, 'data/instruments', query);
    const filter = {
      exchange: query.exchange?.toUpperCase() ?? null,
      assetClass: query.asset_class ?? null,
      prefix: query.q?.toUpperCase() ?? null,
    };
    const rows = await this.tx.run(ctx, () =>
      this.instrumentRows.page(filter, page.after === null ? null : String(page.after[0]), page.limit + 1),
    );
    return page.map(rows, ({ vt_symbol }) => [vt_symbol], instrumentView);
  }

  @Get('instruments/:vt_symbol')
  @Requires('data:read')
  @ApiOperation({ summary: 'Show an instrument' })
  @Sends('ETag')
  @ApiOkResponse({ type: InstrumentView })
  async instrument(
    @Context() ctx: RequestContext,
    @Param('vt_symbol') symbol: string,
    @Reply() reply: Reply,
  ): Promise<InstrumentView> {
    const row = await this.bars.instrument(inWorkspace(ctx), symbol);
    reply.etag(row.row_version);
    return instrumentView(row);
  }
}

function knownCalendar(exchange: string): Calendar {
  try {
    return calendarFor(exchange);
  } catch {
    throw new NotFoundError();
  }
}

function checkDates(start: string, end: string): void {
  const from = parseDate(start);
  const to = parseDate(end);
  const noDates = [...(Number.isNaN(from) ? ['start'] : []), ...(Number.isNaN(to) ? ['end'] : [])];
  if (noDates.length > 0)
    throw new ValidationError(
      noDates.map((name) => ({ pointer: `query:${name}`, code: 'bad_time', message: 'must be a date' })),
    );
  const refuse = (pointer: string, message: string): never => {
    throw new DomainError(422, 'bad_range', {
      detail: 'The dates are not accepted.',
      errors: [{ pointer: `query:${pointer}`, code: 'bad_range', message }],
    });
  };
  if (from > to) refuse('start', 'must not be later than end');
  const limit = new Date(from);
  limit.setUTCFullYear(limit.getUTCFullYear() + MAX_YEARS);
  if (to > limit.getTime()) refuse('end', `must lie within ${MAX_YEARS} years of start`);
}

function instrumentView({
  tick_size,
  multiplier,
  lot_size,
  created_at,
  updated_at,
  ...row
}: InstrumentRow): InstrumentView {
  const number = (text: string | null): number | null => (text === null ? null : Number(text));
  return {
    ...row,
    tick_size: number(tick_size),
    multiplier: Number(multiplier),
    lot_size: number(lot_size),
    created_at: created_at.toISOString(),
    updated_at: updated_at.toISOString(),
  };
}
