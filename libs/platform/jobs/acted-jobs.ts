import { Injectable, Logger } from '@nestjs/common';
import { WorkloadRuntime } from '#platform/audit';
import { JobsConfig } from '#platform/config';
import { Progress } from '#platform/progress';
import type { Job, JobOutcome } from './job.ts';
import { JobMetrics } from './job-metrics.ts';
import { JobRun } from './job-run.ts';
import { JobSettlement } from './job-settlement.ts';
import { JobsRepository } from './jobs.repository.ts';
import { QueueRepository } from './queue.repository.ts';

const AUDIT_LEASE_SECONDS = 300;
const LONGEST_PAUSE_MS = 3_600_000;

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
    private readonly metrics: JobMetrics,
  ) {}

  /**
   * One that cannot be settled is taken again when the lease it was taken with has lapsed, which is twice as long each
   * time up to an hour: never with another outcome, for nobody knows a better one.
   */
  async settleLapsed(holder: string): Promise<void> {
    for (const { job, outcome, tries, nextTry } of await this.queue.takeActed(
      holder,
      this.config.leaseMs,
      LONGEST_PAUSE_MS,
    ))
      try {
        await this.#settle(job, outcome);
      } catch (error) {
        const { id, name } = job;
        this.#logger.error({
          msg: 'job that acted not settled',
          job_id: id,
          name,
          tries,
          next_try: nextTry,
          err: error,
        });
        this.metrics.unsettled(job);
      }
  }

  async #settle(job: Job, outcome: JobOutcome): Promise<void> {
    this.#logger.warn({ msg: 'job of a lost process acted; settled as stored', job_id: job.id, name: job.name });
    const run = new JobRun(job, this.progress, this.jobs);
    await this.progress.fence(job.id, job.orgId, job.fencing);
    // Not before the area has taken the outcome: one that never does leaves one entry of its attempt, not one a try.
    await this.settlement.settle(run, outcome, () =>
      this.workloads.begin(job.context, {
        action: job.name,
        targetKind: 'job',
        targetId: job.id,
        payload: job.args,
        leaseSeconds: AUDIT_LEASE_SECONDS,
      }),
    );
  }
}
