import { Controller, Get, Header, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { DomainError } from '#kernel';
import { Public, Requires } from '#platform/auth';
import { HttpConfig } from '#platform/config';
import { Context, type RequestContext } from '#platform/context';
import { Audited, Produces, Refuses, type RoutedRequest, Uncompressed } from '#platform/http';
import { BACKTEST } from './backtest.resource.ts';
import { SignedReportQuery } from './dto/backtest.requests.ts';
import { ReportLink } from './dto/backtest.views.ts';
import { PLOT_KINDS, type PlotFigure, type PlotKind } from './report/index.ts';
import { ReportService } from './report.service.ts';

/** The page has no script and loads nothing: the policy says so to the browser too. */
const REPORT_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; " +
  "form-action 'none'";
const HTML = 'text/html; charset=utf-8';

@ApiTags('backtests')
@Controller('backtests/:id')
export class ReportsController {
  constructor(
    private readonly reports: ReportService,
    private readonly http: HttpConfig,
  ) {}

  @Get('report')
  @Requires('backtest:view', { resource: BACKTEST })
  @Header('Content-Type', HTML)
  @Header('Content-Security-Policy', REPORT_POLICY)
  @Refuses('run_not_completed', 'artifact_gone')
  @ApiOperation({ summary: 'The tear sheet: one self-contained HTML page' })
  @Produces({ html: 'text/html' })
  @ApiOkResponse({ content: { 'text/html': { schema: { type: 'string' }, example: '<!doctype html>' } } })
  report(@Context() ctx: RequestContext, @Param('id') id: string): Promise<string> {
    return this.reports.tearSheet(ctx, id);
  }

  @Post('report/link')
  @Uncompressed()
  @HttpCode(200)
  @Requires('backtest:view', { resource: BACKTEST })
  @Audited('backtest.report_link')
  @Refuses('run_not_completed')
  @ApiOperation({ summary: 'A signed address of this one report for a browser: read-only, 15 minutes' })
  @ApiOkResponse({ type: ReportLink })
  async link(@Context() ctx: RequestContext, @Param('id') id: string, @Req() request: Request): Promise<ReportLink> {
    const { path, expiresAt } = await this.reports.link(ctx, id);
    return {
      url: `${this.http.publicUrl ?? `${request.protocol}://${request.get('host')}`}${path}`,
      expires_at: expiresAt.toISOString(),
    };
  }

  @Get('report/view')
  @Public()
  @Uncompressed()
  @Header('Content-Type', HTML)
  @Header('Content-Security-Policy', REPORT_POLICY)
  @Refuses('run_not_completed', 'artifact_gone')
  @ApiOperation({ summary: 'The tear sheet behind a signed address' })
  @Produces({ html: 'text/html' })
  @ApiOkResponse({ content: { 'text/html': { schema: { type: 'string' }, example: '<!doctype html>' } } })
  view(@Param('id') id: string, @Query() query: SignedReportQuery, @Req() request: RoutedRequest): Promise<string> {
    return this.reports.signedTearSheet(id, query, request.requestId);
  }

  @Get('plot/:kind')
  @Requires('backtest:view', { resource: BACKTEST })
  @Refuses('unknown_plot', 'run_not_completed', 'artifact_gone')
  @ApiOperation({ summary: 'Figure of equity, drawdown or returns as Plotly JSON' })
  @ApiOkResponse({
    schema: {
      type: 'object',
      properties: {
        data: { type: 'array', items: { type: 'object', additionalProperties: true } },
        layout: { type: 'object', additionalProperties: true },
      },
      example: { data: [], layout: {} },
    },
  })
  plot(@Context() ctx: RequestContext, @Param('id') id: string, @Param('kind') kind: string): Promise<PlotFigure> {
    const known = PLOT_KINDS.find((candidate) => candidate === kind);
    if (!known)
      throw new DomainError(400, 'unknown_plot', {
        detail: `There is no plot of that name. Known: ${PLOT_KINDS.join(', ')}.`,
      });
    return this.reports.plot(ctx, id, known satisfies PlotKind);
  }
}
