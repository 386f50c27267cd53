import { availableParallelism } from 'node:os';
import type { EnvReader, IntegerBounds } from './env-reader.ts';
import { QUEUES } from './queue-names.ts';

type SlotsOfQueues = ReadonlyMap<string, number>;

/** Background jobs (platform.md 10) and the threads of their CPU work. Times in milliseconds. */
export class JobsConfig {
  /** Whether this process executes jobs, or only queues them for `apps/worker`. */
  readonly execute: boolean;
  /** Queues this process drains. Empty: those of all its processors. */
  readonly queues: readonly string[];
  /** Jobs at once in this process. */
  readonly slots: number;
  readonly #queueSlots: SlotsOfQueues;
  readonly #orgSlots: SlotsOfQueues;
  /** Waiting jobs of one organization; the next one is 429. */
  readonly maxQueued: number;
  /** A running job without a heartbeat this long is taken from its process. */
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** How often the leader looks for lapsed leases. */
  readonly leaderMs: number;
  /** Between a cancel or a timeout and the loss of the lease. */
  readonly graceMs: number;
  /** How long running jobs may go on when the process stops; then they return to the queue. */
  readonly shutdownMs: number;
  /** Threads for the CPU work of jobs. One organization holds at most all but one of them. */
  readonly threads: number;

  constructor(env: EnvReader) {
    this.execute = env.boolean('ALPHASWARM_JOBS_EXECUTE', true);
    this.queues = env.list('ALPHASWARM_JOB_QUEUES');
    this.slots = env.integer('ALPHASWARM_JOB_SLOTS', 12, { min: 1, max: 256 });
    const queueSlots = env.integer('ALPHASWARM_JOB_QUEUE_SLOTS', 8, { min: 1, max: 256 });
    this.#queueSlots = slotsOfQueues(env, 'ALPHASWARM_JOB_QUEUE_SLOTS_', queueSlots, { min: 0, max: 256 });
    const orgSlots = env.integer('ALPHASWARM_JOB_ORG_SLOTS', 8, { min: 1, max: 10_000 });
    this.#orgSlots = slotsOfQueues(env, 'ALPHASWARM_JOB_ORG_SLOTS_', orgSlots, { min: 1, max: 10_000 });
    this.maxQueued = env.integer('ALPHASWARM_JOB_MAX_QUEUED', 10_000, { min: 1 });
    this.leaseMs = env.integer('ALPHASWARM_JOB_LEASE_MS', 60_000, { min: 500 });
    this.heartbeatMs = env.integer('ALPHASWARM_JOB_HEARTBEAT_MS', 15_000, { min: 100 });
    this.leaderMs = env.integer('ALPHASWARM_JOB_LEADER_MS', 15_000, { min: 100 });
    this.graceMs = env.integer('ALPHASWARM_JOB_GRACE_MS', 30_000, { min: 0 });
    this.shutdownMs = env.integer('ALPHASWARM_JOB_SHUTDOWN_MS', 10_000, { min: 0 });
    this.threads = env.integer('ALPHASWARM_BACKTEST_WORKERS', Math.max(2, availableParallelism() - 1), {
      min: 1,
      max: 256,
    });
    if (this.heartbeatMs * 2 > this.leaseMs)
      env.refuse('ALPHASWARM_JOB_LEASE_MS is at least twice ALPHASWARM_JOB_HEARTBEAT_MS');
  }

  /** Jobs of the queue at once in this process, so that no queue takes every slot. 0: it takes none of them. */
  queueSlots(queue: string): number {
    return this.#queueSlots.get(queue) ?? 0;
  }

  /** Jobs of one organization in the queue at once, over all processes (trading.md 9: 8 backtests). */
  orgSlots(queue: string): number {
    return this.#orgSlots.get(queue) ?? 1;
  }
}

function slotsOfQueues(env: EnvReader, prefix: string, fallback: number, bounds: IntegerBounds): SlotsOfQueues {
  const variables = new Map(QUEUES.map((queue) => [`${prefix}${queue.toUpperCase()}`, queue]));
  for (const name of env.names(prefix))
    if (!variables.has(name)) env.refuse(`${name} names no queue; it is one of ${[...variables.keys()].join(', ')}`);
  return new Map([...variables].map(([name, queue]) => [queue, env.integer(name, fallback, bounds)]));
}
