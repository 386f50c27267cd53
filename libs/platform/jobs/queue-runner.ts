import { EventEmitter } from 'node:events';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { Logger as QueueLogger, type Runner, type TaskList, type WorkerEvents, run } from 'graphile-worker';
import { JobsConfig } from '#platform/config';
import { DatabaseServer, OwnerPool } from '#platform/database';
import { ServiceState } from '#platform/http';
import { JobExecutor } from './job-executor.ts';
import { JobLeader } from './job-leader.ts';
import { JobUpkeep } from './job-upkeep.ts';
import { ProcessorRegistry } from './processor-registry.ts';
import { QueueRepository } from './queue.repository.ts';
import { migrateQueue } from './queue-schema.ts';
import { ServiceIdentity } from './service-identity.ts';

/**
 * How often an idle slot looks for jobs that nobody announced: retries that fall due, shares that another process
 * freed.
 */
const POLL_MS = 2_000;
const RESTART_MS = 1_000;

/**
 * Drains the queue in this process: Graphile Worker delivers, JobExecutor executes, JobUpkeep looks after leases and
 * cancels.
 */
@Injectable()
export class QueueRunner implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger('jobs');
  readonly #queueLogger = new QueueLogger(() => (level, message) => this.#logger.debug({ msg: message, level }));
  #holder: string | undefined;
  #queues: string[] = [];
  readonly #finishTimes = new Set<number>();
  readonly #busy = new Map<string, number>();
  #crowded: Promise<string[]> | undefined;
  #runner: Runner | undefined;
  #stopping = false;

  constructor(
    private readonly config: JobsConfig,
    private readonly owner: OwnerPool,
    private readonly server: DatabaseServer,
    private readonly queue: QueueRepository,
    private readonly processors: ProcessorRegistry,
    private readonly executor: JobExecutor,
    private readonly leader: JobLeader,
    private readonly identity: ServiceIdentity,
    private readonly service: ServiceState,
    private readonly upkeep: JobUpkeep,
  ) {}

  /** The queue's schema comes before anything is queued. */
  async onModuleInit(): Promise<void> {
    // A connection that breaks while it is checked out has no other listener; whoever uses it sees its query fail.
    this.owner.on('connect', (client) =>
      client.on('error', (error) => this.#logger.debug({ msg: 'connection lost', err: error })),
    );
    if (this.server.migrates) await migrateQueue(this.server.directOwnerUrl);
  }

  async onApplicationBootstrap(): Promise<void> {
    const mine = this.processors
      .all()
      .filter(({ options: { queue } }) => this.config.queues.length === 0 || this.config.queues.includes(queue))
      .filter(({ options: { queue } }) => this.config.queueSlots(queue) > 0);
    if (!this.config.execute || mine.length === 0) return;
    const holder = await this.identity.acquire();
    this.#holder = holder;
    this.#queues = [...new Set(mine.map(({ options }) => options.queue))];
    await this.leader.announceRequeued(await this.queue.requeueHeldBy(holder));
    for (const { options } of mine) if (options.onShutdown === 'finish') this.#finishTimes.add(options.finishMs);
    this.service.allowForStop(Math.max(0, ...this.#finishTimes));
    await this.#announce(holder);
    const tasks = Object.fromEntries(
      mine.map(({ options }) => [options.name, (payload: unknown) => this.#take(payload, options.queue, holder)]),
    );
    await this.#start(tasks, holder);
    this.leader.start(holder);
    this.upkeep.start(holder, () => this.#announce(holder));
  }

  /**
   * Takes no more jobs and lets the running ones end within the time of their processors. Until then leases are renewed
   * and cancels heard as ever.
   */
  async beforeApplicationShutdown(): Promise<void> {
    const holder = this.#holder;
    if (holder === undefined || this.#stopping) return;
    this.#stopping = true;
    const { failed } = this.service;
    const times = failed ? [Number.POSITIVE_INFINITY] : [this.config.shutdownMs, ...this.#finishTimes];
    const ends = times.map((ms) => setTimeout(() => this.executor.shutDown(ms), failed ? 0 : ms));
    await this.#runner?.stop();
    ends.forEach(clearTimeout);
    this.upkeep.stop();
    await this.leader.stop(holder);
    await this.queue.withdrawConsumer(holder);
    this.identity.release();
  }

  async #start(taskList: TaskList, holder: string): Promise<void> {
    const events = new EventEmitter() as WorkerEvents;
    // Items are locked in the pool's name: with a name that outlives the process its next life can free them at once.
    events.on('pool:create', ({ workerPool }) => {
      workerPool.id = holder;
    });
    const runner = await run({
      pgPool: this.owner,
      taskList,
      concurrency: this.config.slots,
      pollInterval: POLL_MS,
      noHandleSignals: true,
      logger: this.#queueLogger,
      events,
      forbiddenFlags: () => this.#forbiddenFlags(),
    });
    this.#runner = runner;
    runner.promise.catch((error: unknown) => {
      this.#logger.error({ msg: 'the queue stopped delivering; it is started again', err: error });
      if (!this.#stopping) setTimeout(() => this.#restart(taskList, holder), RESTART_MS);
    });
  }

  #restart(taskList: TaskList, holder: string): void {
    if (this.#stopping) return;
    this.#start(taskList, holder).catch((error: unknown) => {
      this.#logger.error({ msg: 'the queue does not start', err: error });
      setTimeout(() => this.#restart(taskList, holder), RESTART_MS);
    });
  }

  async #take(payload: unknown, queue: string, holder: string): Promise<void> {
    const { job_id: id } = payload as { job_id: string };
    if (this.#full(queue)) return this.queue.putBack(id);
    // Counted before anything is awaited, so that items taken in the same moment do not share a slot.
    this.#busy.set(queue, this.#busyIn(queue) + 1);
    try {
      await this.executor.execute(id, queue, holder);
    } finally {
      this.#busy.set(queue, this.#busyIn(queue) - 1);
    }
  }

  #busyIn(queue: string): number {
    return this.#busy.get(queue) ?? 0;
  }

  #full(queue: string): boolean {
    return this.#busyIn(queue) >= this.config.queueSlots(queue);
  }

  async #forbiddenFlags(): Promise<string[]> {
    const full = this.#queues.filter((queue) => this.#full(queue)).map((queue) => `queue:${queue}`);
    // Idle slots ask together, so they share the answer; the claim decides anew.
    this.#crowded ??= this.queue.crowdedFlags(this.#perQueue((queue) => this.config.orgSlots(queue))).finally(() => {
      this.#crowded = undefined;
    });
    return [...full, ...(await this.#crowded)];
  }

  async #announce(holder: string): Promise<void> {
    const slots = this.#perQueue((queue) => Math.min(this.config.slots, this.config.queueSlots(queue)));
    await this.queue.announceConsumer(holder, slots);
  }

  #perQueue(slots: (queue: string) => number): ReadonlyMap<string, number> {
    return new Map(this.#queues.map((queue) => [queue, slots(queue)]));
  }
}
