import { Injectable } from '@nestjs/common';
import { NotFoundError } from '#kernel';
import { type RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { Jobs } from '#platform/jobs';
import type { JobView, QueueView } from './dto/job.views.ts';
import { type JobFilter, JobViewsRepository, type ListPosition } from './job-views.repository.ts';

@Injectable()
export class JobsService {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly jobs: Jobs,
    private readonly views: JobViewsRepository,
  ) {}

  detail(ctx: RequestContext, id: string): Promise<JobView> {
    return this.tx.run(ctx, async () => {
      const view = await this.views.detail(id);
      if (!view) throw new NotFoundError();
      return view;
    });
  }

  list(ctx: RequestContext, filter: JobFilter, limit: number, after: ListPosition | null): Promise<JobView[]> {
    return this.tx.run(ctx, () => this.views.list(ctx, filter, limit, after));
  }

  queues(ctx: RequestContext): Promise<QueueView[]> {
    return this.tx.run(ctx, () => this.views.queues());
  }

  /** The job after the request to stop, and whether it had ended before. */
  cancel(ctx: RequestContext, id: string): Promise<{ job: JobView; ended: boolean }> {
    return this.tx.run(ctx, async () => {
      const { ended } = await this.jobs.cancel(ctx, id);
      return { job: await this.detail(ctx, id), ended };
    });
  }

  /** The new job. */
  retry(ctx: RequestContext, id: string): Promise<JobView> {
    return this.tx.run(ctx, async () => {
      const task = await this.jobs.retry(ctx, id);
      return this.detail(ctx, task.task_id);
    });
  }
}
