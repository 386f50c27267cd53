import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '#kernel';
import { JobsConfig } from '#platform/config';
import { TenantTransaction } from '#platform/database';
import { ActedJobs } from './acted-jobs.ts';
import { type Chore, Chores } from './chores.ts';
import type { Job } from './job.ts';
import { LeaderLeaseRepository } from './leader-lease.repository.ts';
import { ProcessorRegistry } from './processor-registry.ts';
import { QueueRepository } from './queue.repository.ts';

const LEASE = 'jobs';
const RENEW_MS = 5_000;
const LEASE_MS = 15_000;

/** The work of one process among all: lapsed leases back into the queue, and the chores (platform.md 10.4, 10.5). */
@Injectable()
export class JobLeader {
  readonly #logger = new Logger('jobs');
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #looked = Number.NEGATIVE_INFINITY;
  readonly #begun = new Map<Chore, number>();
  readonly #underWay = new Map<Chore, Promise<unknown>>();

  constructor(
    private readonly config: JobsConfig,
    private readonly clock: Clock,
    private readonly leases: LeaderLeaseRepository,
    private readonly queue: QueueRepository,
    private readonly chores: Chores,
    private readonly processors: ProcessorRegistry,
    private readonly tx: TenantTransaction,
    private readonly acted: ActedJobs,
  ) {}

  start(holder: string): void {
    const interval = Math.min(RENEW_MS, this.config.leaderMs);
    this.#timer = setInterval(() => {
      this.#turn = this.#turn
        .then(() => this.#lead(holder))
        .catch((error: unknown) => this.#logger.warn({ msg: 'leader turn failed', err: error }));
    }, interval);
  }

  async stop(holder: string): Promise<void> {
    clearInterval(this.#timer);
    await this.#turn;
    await Promise.all(this.#underWay.values());
    await this.leases.leave(LEASE, holder);
  }

  /** Tells areas that their runs wait again; a run that is not told is corrected by its next start. */
  async announceRequeued(jobs: readonly Job[]): Promise<void> {
    for (const job of jobs) {
      this.#logger.warn({ msg: 'job of a lost process queued again', job_id: job.id, name: job.name, lost: job.lost });
      const hook = this.processors.find(job.name)?.runner;
      await this.tx.run(job.context, async () =>
        hook?.onRequeued?.({ id: job.id, runId: job.runId, context: job.context }),
      );
    }
  }

  async #lead(holder: string): Promise<void> {
    if (!(await this.leases.hold(LEASE, holder, LEASE_MS))) return;
    const now = this.clock.now();
    if (now - this.#looked >= this.config.leaderMs) {
      this.#looked = now;
      await this.announceRequeued(await this.queue.requeueLapsed(this.config.leaseMs));
      await this.acted.settleLapsed(holder);
    }
    for (const chore of this.chores.all())
      if (now - (this.#begun.get(chore) ?? Number.NEGATIVE_INFINITY) >= chore.everyMs) this.#begin(chore, now);
  }

  /**
   * Beside the turns: a slow one keeps neither the lease nor another chore waiting, and one that fails comes again at
   * its next time.
   */
  #begin(chore: Chore, now: number): void {
    if (this.#underWay.has(chore)) return;
    this.#begun.set(chore, now);
    const done = chore
      .run()
      .catch((error: unknown) => this.#logger.warn({ msg: 'chore failed', chore: chore.name, err: error }))
      .finally(() => this.#underWay.delete(chore));
    this.#underWay.set(chore, done);
  }
}
