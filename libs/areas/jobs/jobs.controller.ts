import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '#platform/auth';
import { Context, type RequestContext } from '#platform/context';
import { ApiPage, Audited, CursorCodec, type Page, Refuses, Reply, Sends } from '#platform/http';
import { ListJobs } from './dto/job.requests.ts';
import { JobView, QueueList } from './dto/job.views.ts';
import { JOB } from './job.resource.ts';
import { JobsService } from './jobs.service.ts';

@ApiTags('jobs')
@Controller('jobs')
export class JobsController {
  constructor(
    private readonly jobs: JobsService,
    private readonly cursors: CursorCodec,
  ) {}

  @Get()
  @Requires('job:read')
  @ApiOperation({ summary: 'List jobs, newest first' })
  @ApiPage(JobView)
  async list(@Context() ctx: RequestContext, @Query() query: ListJobs): Promise<Page<JobView>> {
    const page = this.cursors.page(ctx, 'jobs', query);
    const after = page.after && { at: String(page.after[0]), id: String(page.after[1]) };
    const filter = { status: query.status, queue: query.queue, name: query.name, runId: query.run_id };
    const rows = await this.jobs.list(ctx, filter, page.limit + 1, after);
    return page.of(rows, (row) => [row.created_at, row.id]);
  }

  @Get('queues')
  @Requires('job:read')
  @ApiOperation({ summary: 'Queues, what waits in them and who drains them' })
  @ApiOkResponse({ type: QueueList })
  async queues(@Context() ctx: RequestContext): Promise<QueueList> {
    return { data: await this.jobs.queues(ctx) };
  }

  @Get(':id')
  @Requires('job:read', { resource: JOB, own: true })
  @ApiOperation({ summary: 'Show a job' })
  @ApiOkResponse({ type: JobView })
  detail(@Context() ctx: RequestContext, @Param('id') id: string): Promise<JobView> {
    return this.jobs.detail(ctx, id);
  }

  @Post(':id/cancel')
  @HttpCode(202)
  @Requires('job:cancel', { resource: JOB, own: true })
  @Audited('job.cancel')
  @ApiOperation({ summary: 'Cancel a waiting job, or ask a running one to stop' })
  @ApiAcceptedResponse({ type: JobView })
  @ApiOkResponse({ type: JobView, description: 'The job had ended already.' })
  async cancel(@Context() ctx: RequestContext, @Param('id') id: string, @Reply() reply: Reply): Promise<JobView> {
    const { job, ended } = await this.jobs.cancel(ctx, id);
    if (ended) reply.status(200);
    return job;
  }

  @Post(':id/retry')
  @HttpCode(202)
  @Requires('job:cancel', { resource: JOB, own: true })
  @Audited('job.retry')
  @Refuses('not_retryable')
  @Sends('Location')
  @ApiOperation({ summary: 'Queue a failed or dead job again, as a new one' })
  @ApiAcceptedResponse({ type: JobView })
  async retry(@Context() ctx: RequestContext, @Param('id') id: string, @Reply() reply: Reply): Promise<JobView> {
    const job = await this.jobs.retry(ctx, id);
    reply.location(`/jobs/${job.id}`);
    return job;
  }
}
