import { Body, Controller, Get, HttpCode, Param, Post, Query, type StreamableFile } from '@nestjs/common';
import { Readable } from 'node:stream';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires, resource } from '#platform/auth';
import { Context, inWorkspace, type RequestContext, type WorkspaceContext } from '#platform/context';
import {
  ApiPage,
  Audited,
  CursorCodec,
  Format,
  type Page,
  Produces,
  Refuses,
  Reply,
  Sends,
  streamed,
} from '#platform/http';
import { QueuedTask } from '#platform/jobs';
import { CheckIngestPipe } from './check-ingest.pipe.ts';
import { IngestBarsBody, ListIngestRuns, QuarantineQuery, StartIngestBody } from './dto/ingest.requests.ts';
import { IngestRunView, QuarantineRowView } from './dto/ingest.views.ts';
import type { IngestRunRow } from './ingest-run.ts';
import { IngestRunsService } from './ingest-runs.service.ts';
import { csvText, Quarantine } from './quarantine.ts';

const RUN = resource('ingest_run', 'ingest_runs');
const QUARANTINE_TYPES = { json: 'application/json', ndjson: 'application/x-ndjson', csv: 'text/csv' } as const;
const ROWS_PER_READ = 5_000;

/** Routes of data.md 4.2. */
@ApiTags('ingest')
@Controller('ingest')
export class IngestRunsController {
  constructor(
    private readonly runs: IngestRunsService,
    private readonly quarantined: Quarantine,
    private readonly cursors: CursorCodec,
  ) {}

  @Post('runs')
  @HttpCode(202)
  @Requires('ingest:run')
  @Audited('ingest.run', { starts: true })
  @Refuses('unknown_dataset', 'upload_expired', 'not_implemented')
  @ApiOperation({ summary: 'Bring a file or synthetic bars into a table' })
  @Sends('Location')
  @ApiAcceptedResponse({ type: QueuedTask })
  async start(
    @Context() ctx: RequestContext,
    @Body(CheckIngestPipe) body: StartIngestBody,
    @Reply() reply: Reply,
  ): Promise<QueuedTask> {
    return located(await this.runs.start(inWorkspace(ctx), body.prepared), reply);
  }

  @Post('bars')
  @HttpCode(202)
  @Requires('ingest:run')
  @Audited('ingest.run', { starts: true })
  @Refuses('upload_expired', 'not_implemented')
  @ApiOperation({ summary: 'Bring bars of symbols and a range into their table' })
  @Sends('Location')
  @ApiAcceptedResponse({ type: QueuedTask })
  async bars(@Context() ctx: RequestContext, @Body() body: IngestBarsBody, @Reply() reply: Reply): Promise<QueuedTask> {
    return located(await this.runs.startBars(inWorkspace(ctx), body), reply);
  }

  @Get('runs')
  @Requires('ingest:read')
  @ApiOperation({ summary: 'List ingestion runs, newest first' })
  @ApiPage(IngestRunView)
  async list(@Context() ctx: RequestContext, @Query() query: ListIngestRuns): Promise<Page<IngestRunView>> {
    const page = this.cursors.page(ctx, 'ingest/runs', query);
    const { status = null, trigger = null, dataset: table = null, pipeline = null } = query;
    const filter = {
      status,
      trigger,
      table,
      pipeline,
      since: query.since === undefined ? null : new Date(query.since),
    };
    const rows = await this.runs.list(
      inWorkspace(ctx),
      filter,
      page.after && { at: String(page.after[0]), id: String(page.after[1]) },
      page.limit + 1,
    );
    return page.map(rows, (row) => [row.created_at.toISOString(), row.id], runView);
  }

  @Get('runs/:id')
  @Requires('ingest:read', { resource: RUN })
  @ApiOperation({ summary: 'Show an ingestion run' })
  @ApiOkResponse({ type: IngestRunView })
  async show(@Context() ctx: RequestContext, @Param('id') id: string): Promise<IngestRunView> {
    return runView(await this.runs.show(inWorkspace(ctx), id));
  }

  @Post('runs/:id/cancel')
  @HttpCode(202)
  @Requires('ingest:run', { resource: RUN })
  @Audited('ingest.cancel')
  @Refuses('conflict')
  @ApiOperation({ summary: 'Ask an ingestion run to stop' })
  @Sends('Location')
  @ApiAcceptedResponse({ type: QueuedTask })
  async cancel(@Context() ctx: RequestContext, @Param('id') id: string, @Reply() reply: Reply): Promise<QueuedTask> {
    return located(await this.runs.cancel(inWorkspace(ctx), id), reply);
  }

  @Post('runs/:id/retry')
  @HttpCode(202)
  @Requires('ingest:run', { resource: RUN })
  @Audited('ingest.retry', { starts: true })
  @Refuses('not_retryable')
  @ApiOperation({ summary: 'Run a failed or cancelled ingestion again' })
  @Sends('Location')
  @ApiAcceptedResponse({ type: QueuedTask })
  async retry(@Context() ctx: RequestContext, @Param('id') id: string, @Reply() reply: Reply): Promise<QueuedTask> {
    return located(await this.runs.retry(inWorkspace(ctx), id), reply);
  }

  @Get('runs/:id/quarantine')
  @Requires('ingest:read', { resource: RUN })
  @ApiOperation({ summary: 'Rows that a run refused, in the order of the file' })
  @ApiPage(QuarantineRowView, { 'application/x-ndjson': '', 'text/csv': 'line,raw,codes,message\n' })
  @Produces(QUARANTINE_TYPES)
  async quarantine(
    @Context() ctx: RequestContext,
    @Param('id') id: string,
    @Query() query: QuarantineQuery,
    @Format() format: keyof typeof QUARANTINE_TYPES,
  ): Promise<Page<QuarantineRowView> | StreamableFile> {
    const workspace = inWorkspace(ctx);
    await this.runs.show(workspace, id);
    if (format !== 'json') return streamed(Readable.from(this.#text(workspace, id, format)), QUARANTINE_TYPES[format]);
    const { format: _, ...list } = query;
    const page = this.cursors.page(ctx, `ingest/runs/${id}/quarantine`, list);
    const rows = await this.quarantined.rows(
      workspace,
      id,
      page.after === null ? null : Number(page.after[0]),
      page.limit + 1,
    );
    return page.map(
      rows,
      ({ position }) => [position],
      ({ position: _, ...row }) => row,
    );
  }

  async *#text(ctx: WorkspaceContext, id: string, format: 'ndjson' | 'csv'): AsyncGenerator<string> {
    if (format === 'csv') yield 'line,raw,codes,message\n';
    for (let after: number | null = null; ;) {
      const rows = await this.quarantined.rows(ctx, id, after, ROWS_PER_READ);
      yield rows
        .map(({ position: _, ...row }) =>
          format === 'ndjson'
            ? JSON.stringify(row)
            : [
                typeof row.line === 'string' ? csvText(row.line) : row.line,
                csvText(row.raw),
                csvText(row.codes.join(' ')),
                csvText(row.message),
              ].join(','),
        )
        .map((line) => `${line}\n`)
        .join('');
      if (rows.length < ROWS_PER_READ) return;
      after = rows[rows.length - 1]!.position;
    }
  }
}

function located(task: QueuedTask, reply: Reply): QueuedTask {
  reply.location(`/jobs/${task.task_id}`);
  return task;
}

function runView(row: IngestRunRow): IngestRunView {
  const {
    id,
    task_id,
    pipeline_id,
    trigger,
    status,
    source,
    target,
    truncated,
    reasons,
    refusals,
    warnings,
    commits,
    attempt,
    retry_of,
    error,
  } = row;
  return {
    id,
    task_id,
    pipeline_id,
    trigger,
    status,
    source,
    target,
    rows_read: Number(row.rows_read),
    rows_written: Number(row.rows_written),
    rows_duplicate: Number(row.rows_duplicate),
    rows_quarantined: Number(row.rows_quarantined),
    bytes_read: Number(row.bytes_read),
    truncated,
    reasons,
    refusals,
    warnings,
    commits,
    lineage_run_id: row.ol_run_id,
    attempt,
    retry_of,
    error,
    created_at: row.created_at.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    finished_at: row.finished_at?.toISOString() ?? null,
  };
}
