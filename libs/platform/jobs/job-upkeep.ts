import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '#kernel';
import { JobsConfig } from '#platform/config';
import { JobExecutor } from './job-executor.ts';
import { QueueRepository } from './queue.repository.ts';
import { ServiceIdentity } from './service-identity.ts';

const CANCEL_LOOK_MS = 1_000;

/** Renews the leases of what this process runs, and hears the cancels that others accepted. */
@Injectable()
export class JobUpkeep {
  readonly #logger = new Logger('jobs');
  #timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly config: JobsConfig,
    private readonly clock: Clock,
    private readonly queue: QueueRepository,
    private readonly executor: JobExecutor,
    private readonly identity: ServiceIdentity,
  ) {}

  /** `announce` tells what this process takes, with every heartbeat. */
  start(holder: string, announce: () => Promise<void>): void {
    this.#every(this.config.heartbeatMs, () => this.#heartbeat(holder, announce));
    this.#every(CANCEL_LOOK_MS, () => this.#lookForCancels());
  }

  stop(): void {
    this.#timers.forEach(clearInterval);
  }

  async #heartbeat(holder: string, announce: () => Promise<void>): Promise<void> {
    await this.identity.hold();
    await announce();
    const running = this.executor.running.filter(({ settling }) => !settling);
    if (running.length === 0) return;
    const leaseEnds = this.clock.now() + this.config.leaseMs;
    const kept = await this.queue.heartbeat(holder, running, this.config.leaseMs);
    for (const job of running) if (kept.has(job.id)) job.leaseEnds = leaseEnds;
    for (const job of running) {
      if (kept.has(job.id))
        job
          .publish('heartbeat', 'The task goes on.')
          .catch((error: unknown) => this.#logger.warn({ msg: 'heartbeat not told', err: error }));
      else job.abort('lease_lost');
    }
    await this.executor.extendAudit();
  }

  async #lookForCancels(): Promise<void> {
    const { running } = this.executor;
    if (running.length === 0) return;
    for (const id of await this.queue.cancelRequested(running.map((job) => job.id)))
      this.executor.abort(id, 'cancelled');
  }

  #every(intervalMs: number, work: () => Promise<void>): void {
    let busy = false;
    this.#timers.push(
      setInterval(() => {
        if (busy) return;
        busy = true;
        work()
          .catch((error: unknown) => this.#logger.warn({ msg: 'queue upkeep failed; it is tried again', err: error }))
          .finally(() => {
            busy = false;
          });
      }, intervalMs),
    );
  }
}
