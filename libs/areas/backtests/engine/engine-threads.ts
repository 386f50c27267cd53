import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Injectable } from '@nestjs/common';
import { DomainError } from '#kernel';
import { Threads } from '#platform/threads';
import type { Interval, ReplayResult, RunIdentity } from '#quant';
import type { EngineAnswer, EngineMessage, EngineTask, FinishedRun, PackedInput, PreparedBars, RequestColumns } from './engine-thread.ts';

// The sources run as .ts under Jest and as .js from dist.
const ENGINE_THREAD = new URL(`./engine-thread${import.meta.url.slice(-3)}`, import.meta.url);

/** The CPU work of backtests, in worker threads, so that the event loop only waits. */
@Injectable()
export class EngineThreads {
  constructor(private readonly threads: Threads) {}

  /** Checks the bars of a request and packs them, one series per symbol. Throws 422 `bad_bar` and the like. */
  prepare(columns: RequestColumns, interval: Interval, repair: boolean): Promise<PreparedBars> {
    return this.#perform({ kind: 'prepare', columns, interval, repair });
  }

  /** The hashes of a run without running it. */
  identify(input: PackedInput): Promise<RunIdentity> {
    return this.#perform({ kind: 'identify', input });
  }

  /** Runs the engine; `tell` hears its stages in order. An abort ends it within 256 slices with `cancelled`. */
  async run(input: PackedInput, signal: AbortSignal, tell: (message: EngineMessage) => void): Promise<FinishedRun> {
    const { port1, port2 } = new MessageChannel();
    const cancel = new Int32Array(new SharedArrayBuffer(4));
    const abort = (): void => { Atomics.store(cancel, 0, 1); };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    port1.on('message', tell);
    try {
      return await this.#perform({ kind: 'run', input, port: port2, cancel }, [port2]);
    } finally {
      signal.removeEventListener('abort', abort);
      port1.close();
    }
  }

  replay(eventLog: Uint8Array): Promise<ReplayResult> {
    return this.#perform({ kind: 'replay', eventLog });
  }

  async #perform<T>(task: EngineTask, transferList: MessagePort[] = []): Promise<T> {
    const answer = await this.threads.run<EngineAnswer<T>>(ENGINE_THREAD, task, { transferList });
    if (!answer.ok) throw new DomainError(answer.status, answer.code, answer.options);
    return answer.value;
  }
}
