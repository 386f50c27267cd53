import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '#platform/auth';
import { Context, type RequestContext, inWorkspace } from '#platform/context';
import { ApiPage, Audited, CursorCodec, InlineData, type Page, Refuses, Reply, Sends } from '#platform/http';
import { QueuedTask } from '#platform/jobs';
import { BacktestViewsService } from './backtest-views.service.ts';
import { BACKTEST } from './backtest.resource.ts';
import { BacktestRuntime } from './backtest.runtime.ts';
import { ListBacktests, START_BACKTEST_EXAMPLE, StartBacktestBody } from './dto/backtest.requests.ts';
import { BacktestDetail, BacktestSummary, CancelView, EngineList } from './dto/backtest.views.ts';
import { ENGINES } from './engines.ts';
import { PrepareBacktestPipe } from './prepare-backtest.pipe.ts';
import { decimalProfile, presentMetrics } from './present-row.ts';

@ApiTags('backtests')
@Controller('backtests')
export class BacktestsController {
  constructor(
    private readonly runtime: BacktestRuntime,
    private readonly views: BacktestViewsService,
    private readonly cursors: CursorCodec,
  ) {}

  @Post()
  @HttpCode(202)
  @InlineData()
  @Requires('backtest:execute')
  @Audited('backtest.start')
  @Refuses('budget_exceeded', 'run_quota_exceeded')
  @Sends('Location')
  @ApiOperation({ summary: 'Run a recipe on the warehouse or on bars sent with it' })
  @ApiBody({ type: StartBacktestBody, examples: { inline: { value: START_BACKTEST_EXAMPLE } } })
  @ApiAcceptedResponse({ type: QueuedTask })
  @ApiOkResponse({ type: BacktestSummary, description: 'With `reuse`: the completed run of the same `run_hash`.' })
  async start(
    @Context() ctx: RequestContext,
    @Body(PrepareBacktestPipe) body: StartBacktestBody,
    @Headers() headers: Record<string, string>,
    @Reply() reply: Reply,
  ): Promise<QueuedTask | BacktestSummary> {
    const started = await this.runtime.start(inWorkspace(ctx), body.prepared, { reuse: body.reuse });
    if (started.reused === null) {
      reply.location(`/jobs/${started.task.task_id}`);
      return started.task;
    }
    reply.status(200).location(`/backtests/${started.reused}`);
    return this.views.summary(ctx, started.reused, decimalProfile(headers));
  }

  @Get()
  @Requires('backtest:view')
  @ApiOperation({ summary: 'List backtests, newest first' })
  @ApiPage(BacktestSummary)
  async list(
    @Context() ctx: RequestContext,
    @Query() query: ListBacktests,
    @Headers() headers: Record<string, string>,
  ): Promise<Page<BacktestSummary>> {
    const page = this.cursors.page(ctx, 'backtests', query);
    const after = page.after && { at: String(page.after[0]), id: String(page.after[1]) };
    const rows = await this.views.list(
      inWorkspace(ctx),
      { status: query.status, strategyId: query.strategy_id },
      page.limit + 1,
      after,
      decimalProfile(headers),
    );
    return page.of(rows, (row) => [row.created_at, row.id]);
  }

  @Get('engines')
  @Requires('backtest:view')
  @ApiOperation({ summary: 'Engines and what each can do' })
  @ApiOkResponse({ type: EngineList })
  engines(): EngineList {
    return { data: ENGINES };
  }

  @Get(':id')
  @Requires('backtest:view', { resource: BACKTEST })
  @ApiOperation({ summary: 'Show a backtest with its hashes and headline metrics' })
  @ApiOkResponse({ type: BacktestDetail })
  async detail(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Headers() headers: Record<string, string>,
  ): Promise<BacktestDetail> {
    const profile = decimalProfile(headers);
    const detail = await this.views.detail(ctx, id, profile);
    return {
      ...detail,
      metrics: detail.metrics && (presentMetrics(detail.metrics, profile) as BacktestDetail['metrics']),
    };
  }

  @Get(':id/metrics')
  @Requires('backtest:view', { resource: BACKTEST })
  @Refuses('run_not_completed')
  @ApiOperation({ summary: 'All metrics of a completed run; undefined ones are null' })
  @ApiOkResponse({
    schema: {
      type: 'object',
      additionalProperties: { type: ['number', 'null'] },
      example: { sharpe: 2.0396745219, total_return: 0.0182673501 },
    },
  })
  async metrics(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Headers() headers: Record<string, string>,
  ): Promise<Record<string, unknown>> {
    return presentMetrics(await this.views.metrics(ctx, id), decimalProfile(headers));
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @Requires('backtest:execute', { resource: BACKTEST })
  @Audited('backtest.cancel')
  @ApiOperation({ summary: 'Ask a run to stop; a finished one stays as it is' })
  @ApiAcceptedResponse({ type: CancelView })
  @ApiOkResponse({ type: CancelView, description: 'The run had ended already.' })
  async cancel(@Context() ctx: RequestContext, @Param('id') id: string, @Reply() reply: Reply): Promise<CancelView> {
    const { stopping, taskId, status } = await this.runtime.cancel(ctx, id);
    if (!stopping) reply.status(200);
    return { run_id: id, task_id: taskId, status };
  }

  @Post(':id/replay')
  @HttpCode(202)
  @Requires('backtest:execute', { resource: BACKTEST })
  @Audited('backtest.replay')
  @Refuses('run_not_completed', 'event_log_partial')
  @Sends('Location')
  @ApiOperation({ summary: 'Fold the event log again and compare it with what the run stored' })
  @ApiAcceptedResponse({ type: QueuedTask })
  async replay(@Context() ctx: RequestContext, @Param('id') id: string, @Reply() reply: Reply): Promise<QueuedTask> {
    const task = await this.runtime.replay(inWorkspace(ctx), id);
    reply.location(`/jobs/${task.task_id}`);
    return task;
  }
}
