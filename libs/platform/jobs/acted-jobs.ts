import { Injectable, Logger } from '@nestjs/common';
import { WorkloadRuntime } from '#platform/audit';
import { JobsConfig } from '#platform/config';
import { Progress } from '#platform/progress';
import type { Job, JobOutcome } from './job.ts';
import { JobRun } from './job-run.ts';
import { JobSettlement } from './job-settlement.ts';
import { JobsRepository } from './jobs.repository.ts';
import { QueueRepository } from './queue.repository.ts';

const AUDIT_LEASE_SECONDS = 300;

/** Ends jobs that acted and lost their process, with the outcome they stored (platform.md 10.4). */
@Injectable()
export class ActedJobs {
  readonly #logger = new Logger('jobs');

  constructor(
    private readonly config: JobsConfig,
    private readonly queue: QueueRepository,
    private readonly jobs: JobsRepository,
    private readonly progress: Progress,
    private readonly settlement: JobSettlement,
    private readonly workloads: WorkloadRuntime,
  ) {}

  /** One that cannot be settled is taken again when the lease it was taken with has lapsed. */
  async settleLapsed(holder: string): Promise<void> {
    for (const { job, outcome } of await this.queue.takeActed(holder, this.config.leaseMs))
      try {
        await this.#settle(job, outcome);
      } catch (error) {
        this.#logger.error({ msg: 'job that acted not settled', job_id: job.id, name: job.name, err: error });
      }
  }

  async #settle(job: Job, outcome: JobOutcome): Promise<void> {
    this.#logger.warn({ msg: 'job of a lost process acted; settled as stored', job_id: job.id, name: job.name });
    const run = new JobRun(job, this.progress, this.jobs);
    await this.progress.fence(job.id, job.orgId, job.fencing);
    const workload = await this.workloads.begin(job.context, {
      action: job.name,
      targetKind: 'job',
      targetId: job.id,
      payload: job.args,
      leaseSeconds: AUDIT_LEASE_SECONDS,
    });
    await this.settlement.settle(run, outcome, workload);
  }
}
