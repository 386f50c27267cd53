import { MessageChannel, type Transferable, receiveMessageOnPort } from 'node:worker_threads';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Piscina } from 'piscina';
import { JobsConfig } from '#platform/config';
import { FairTurns, type Organization } from './fair-turns.ts';

/**
 * `interactive` work answers somebody who waits; it has threads of its own, so that no long `batch` task stands in its
 * way.
 */
export type Lane = 'batch' | 'interactive';

interface TaskOptions<M> {
  /** Ends a task that still waits; one that runs loses its thread. Rejects with the reason or an AbortError. */
  signal?: AbortSignal;
  /** Moved, not copied; unusable here afterwards. */
  transferList?: readonly Transferable[];
  /** Hears what the task posts on its `port`: the payload must be an object, and gets this one member. */
  onMessage?: (message: M) => void;
}

interface BatchOptions {
  lane?: 'batch';
  /** The threads of the lane are shared out by organization; see FairTurns. */
  organization: Organization;
  /** Ends a task that still waits for its thread, and does nothing to one that runs. */
  whileWaiting?: AbortSignal;
}

/** Without `lane` a task is `batch`, and says whose it is. */
export type ThreadOptions<M> = TaskOptions<M> & (BatchOptions | { lane: 'interactive' });

/** The pools for CPU work, so that the event loop never blocks. Threads start with the first task that needs them. */
@Injectable()
export class Threads implements OnApplicationShutdown {
  readonly #size: number;
  readonly #pools = new Map<Lane, Piscina>();
  readonly #turns: FairTurns;

  constructor(config: JobsConfig) {
    this.#size = config.threads;
    this.#turns = new FairTurns(config.threads);
  }

  /** Runs the default export of `worker` with `payload` in a thread and answers with what it returns. */
  async run<T, M = unknown>(worker: URL, payload: unknown, options: ThreadOptions<M>): Promise<T> {
    if (options.lane === 'interactive') return this.#perform<T, M>('interactive', worker, payload, options);
    const { organization, signal, whileWaiting } = options;
    // Piscina's own queue is first in, first out: what comes to it finds a thread.
    return this.#turns.run(
      organization,
      () => this.#perform<T, M>('batch', worker, payload, options),
      [signal, whileWaiting].filter((one) => one !== undefined),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    this.#turns.close(new Error('The threads have been stopped.'));
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
  }

  async #perform<T, M>(
    lane: Lane,
    worker: URL,
    payload: unknown,
    { signal, transferList = [], onMessage }: TaskOptions<M>,
  ): Promise<T> {
    const perform = (task: unknown, transfer: readonly Transferable[]): Promise<T> =>
      this.#open(lane).run(task, { filename: worker.href, transferList: [...transfer], signal }) as Promise<T>;
    if (!onMessage) return perform(payload, transferList);
    const { port1, port2 } = new MessageChannel();
    port1.on('message', onMessage);
    try {
      return await perform({ ...(payload as object), port: port2 }, [...transferList, port2]);
    } finally {
      // What the task posted last may still be on its way behind its answer.
      for (let rest = receiveMessageOnPort(port1); rest; rest = receiveMessageOnPort(port1))
        onMessage(rest.message as M);
      port1.close();
    }
  }

  #open(lane: Lane): Piscina {
    let pool = this.#pools.get(lane);
    if (!pool) {
      // From the sources (Jest, node --conditions=source) a thread resolves #kernel and #quant to .ts files too, which
      // Node strips of their types.
      const execArgv = import.meta.url.endsWith('.ts') ? { execArgv: ['--conditions=source', '--no-warnings'] } : {};
      pool = new Piscina({
        minThreads: 0,
        maxThreads: lane === 'batch' ? this.#size : 1,
        idleTimeout: 60_000,
        ...execArgv,
      });
      this.#pools.set(lane, pool);
    }
    return pool;
  }
}
