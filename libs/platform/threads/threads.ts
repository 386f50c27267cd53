import { MessageChannel, type Transferable, receiveMessageOnPort } from 'node:worker_threads';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Piscina } from 'piscina';
import { JobsConfig } from '#platform/config';

export interface ThreadOptions<M> {
  /** Ends a task that still waits; one that runs loses its thread. Rejects with an AbortError. */
  signal?: AbortSignal;
  /** Moved, not copied; unusable here afterwards. */
  transferList?: readonly Transferable[];
  /** Hears what the task posts on its `port`: the payload must be an object, and gets this one member. */
  onMessage?: (message: M) => void;
}

/** The one pool for CPU work, so that the event loop never blocks. Threads start with the first task that needs them. */
@Injectable()
export class Threads implements OnApplicationShutdown {
  readonly #size: number;
  #pool: Piscina | undefined;

  constructor(config: JobsConfig) {
    this.#size = config.threads;
  }

  /** Runs the default export of `worker` with `payload` in a thread and answers with what it returns. */
  async run<T, M = unknown>(worker: URL, payload: unknown, options: ThreadOptions<M> = {}): Promise<T> {
    const { signal, transferList = [], onMessage } = options;
    if (!onMessage) return this.#perform<T>(worker, payload, transferList, signal);
    const { port1, port2 } = new MessageChannel();
    port1.on('message', onMessage);
    try {
      return await this.#perform<T>(worker, { ...(payload as object), port: port2 }, [...transferList, port2], signal);
    } finally {
      // What the task posted last may still be on its way behind its answer.
      for (let rest = receiveMessageOnPort(port1); rest; rest = receiveMessageOnPort(port1)) onMessage(rest.message as M);
      port1.close();
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#pool?.destroy();
  }

  #perform<T>(worker: URL, payload: unknown, transferList: readonly Transferable[], signal: AbortSignal | undefined): Promise<T> {
    return this.#open().run(payload, { filename: worker.href, transferList: [...transferList], signal }) as Promise<T>;
  }

  #open(): Piscina {
    // From the sources (Jest, node --conditions=source) a thread resolves #kernel and #quant to .ts files too, which Node strips of their types.
    const source = import.meta.url.endsWith('.ts');
    this.#pool ??= new Piscina({
      minThreads: 1, maxThreads: this.#size, idleTimeout: 60_000, ...(source ? { execArgv: ['--conditions=source', '--no-warnings'] } : {}),
    });
    return this.#pool;
  }
}
