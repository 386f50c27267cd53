import { Injectable } from '@nestjs/common';
import { type Answer, valueOf } from '#kernel';
import type { InlineColumns } from '#platform/http';
import { type Organization, type ThreadOptions, Threads } from '#platform/threads';
import type { ReplayResult, RunIdentity } from '#quant';
import type { EngineMessage, EngineTask, FinishedRun, PackedInput, PreparedBars, RunRequest } from './engine-thread.ts';

// The sources run as .ts under Jest and as .js from dist.
const ENGINE_THREAD = new URL(`./engine-thread${import.meta.url.slice(-3)}`, import.meta.url);

/** A run that goes on so long after its abort is stuck in one slice, and loses its thread. */
const PATIENCE_MS = 3_000;

/** The CPU work of backtests, in worker threads, so that the event loop only waits. */
@Injectable()
export class EngineThreads {
  constructor(private readonly threads: Threads) {}

  /**
   * Checks the bars of a request against its recipe and packs them, one series per symbol. Throws 422 `bad_bar`,
   * `no_data`, `double_adjustment` and the like.
   */
  prepare(request: RunRequest, columns: InlineColumns, repair: 'drop' | 'clamp' | null): Promise<PreparedBars> {
    return this.#perform({ kind: 'prepare', request, columns, repair }, { lane: 'interactive' });
  }

  /** The hashes of a run without running it. */
  identify(input: PackedInput): Promise<RunIdentity> {
    return this.#perform({ kind: 'identify', input }, { lane: 'interactive' });
  }

  /**
   * Runs the engine when the organization's turn has come; `tell` hears its stages in order. An abort ends it at once
   * while it waits, else within 256 slices with `cancelled`, or takes its thread away.
   */
  async run(
    organization: Organization,
    input: PackedInput,
    signal: AbortSignal,
    tell: (message: EngineMessage) => void,
  ): Promise<FinishedRun> {
    const cancel = new Int32Array(new SharedArrayBuffer(4));
    const stuck = new AbortController();
    let patience: NodeJS.Timeout | undefined;
    const abort = (): void => {
      Atomics.store(cancel, 0, 1);
      patience = setTimeout(() => stuck.abort(), PATIENCE_MS);
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await this.#perform(
        { kind: 'run', input, cancel },
        { organization, onMessage: tell, signal: stuck.signal, whileWaiting: signal },
      );
    } finally {
      clearTimeout(patience);
      signal.removeEventListener('abort', abort);
    }
  }

  /** An abort takes its thread away. */
  replay(organization: Organization, eventLog: Uint8Array, signal: AbortSignal): Promise<ReplayResult> {
    return this.#perform({ kind: 'replay', eventLog }, { organization, signal });
  }

  async #perform<T>(task: EngineTask, options: ThreadOptions<EngineMessage>): Promise<T> {
    return valueOf(await this.threads.run<Answer<T>, EngineMessage>(ENGINE_THREAD, task, options));
  }
}
