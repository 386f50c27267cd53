import { MessageChannel } from 'node:worker_threads';
import { Injectable } from '@nestjs/common';
import { type Answer, valueOf } from '#kernel';
import { type Organization, type ThreadOptions, Threads } from '#platform/threads';
import type { HeadFacts } from './reading/head.ts';
import type { IngestTask } from './reading/ingest-thread.ts';
import type { SymbolHistory } from './reading/inspect-bars.ts';
import type { FileOfBars } from './reading/open-bars.ts';
import type { Preview, PreviewTask } from './reading/preview-bars.ts';
import type { BarFile, ReadOutcome, ReadProgress } from './reading/read-bars.ts';
import type { ReplacedRows } from './reading/replaced-rows.ts';
import type { SyntheticBars } from './reading/synthesise-bars.ts';
import type { RunWarning } from './reading/tally.ts';

// The sources run as .ts under Jest and as .js from dist.
const INGEST_THREAD = new URL(`./reading/ingest-thread${import.meta.url.slice(-3)}`, import.meta.url);

/** Reading and checking of files, in worker threads, so that the event loop only waits. */
@Injectable()
export class IngestThreads {
  constructor(private readonly threads: Threads) {}

  read(
    organization: Organization,
    spill: string,
    bars: BarFile,
    signal: AbortSignal,
    tell: (progress: ReadProgress) => void,
  ): Promise<ReadOutcome> {
    return this.#cancellable(organization, (rest) => ({ kind: 'read', spill, bars, ...rest }), signal, tell);
  }

  synthesise(
    organization: Organization,
    spill: string,
    bars: SyntheticBars,
    signal: AbortSignal,
    tell: (progress: ReadProgress) => void,
  ): Promise<ReadOutcome> {
    return this.#cancellable(organization, (rest) => ({ kind: 'synthesise', spill, bars, ...rest }), signal, tell);
  }

  inspect(
    organization: Organization,
    spill: string,
    accepted: string[],
    histories: SymbolHistory[],
    signal: AbortSignal,
  ): Promise<RunWarning[]> {
    return this.#perform({ kind: 'inspect', spill, accepted, histories }, { organization, whileWaiting: signal });
  }

  replaced(organization: Organization, spill: string, accepted: string[], signal: AbortSignal): Promise<ReplacedRows> {
    return this.#perform({ kind: 'replaced', spill, accepted }, { organization, whileWaiting: signal });
  }

  /** Somebody waits for it. */
  head(spill: string, file: FileOfBars): Promise<HeadFacts> {
    return this.#perform({ kind: 'head', spill, file }, { lane: 'interactive' });
  }

  /** Somebody waits for it. */
  preview(spill: string, file: PreviewTask): Promise<Preview> {
    return this.#perform({ kind: 'preview', spill, file }, { lane: 'interactive' });
  }

  /**
   * A thread must not be ended inside the query engine, so an abort is a flag that it looks at between batches; a task
   * that still waits is ended at once.
   */
  async #cancellable(
    organization: Organization,
    make: (rest: { port: MessageChannel['port2']; cancel: Int32Array }) => IngestTask,
    signal: AbortSignal,
    tell: (progress: ReadProgress) => void,
  ): Promise<ReadOutcome> {
    const { port1, port2 } = new MessageChannel();
    const cancel = new Int32Array(new SharedArrayBuffer(4));
    const abort = (): void => {
      Atomics.store(cancel, 0, 1);
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    port1.on('message', tell);
    try {
      return await this.#perform(make({ port: port2, cancel }), {
        organization,
        transferList: [port2],
        whileWaiting: signal,
      });
    } finally {
      signal.removeEventListener('abort', abort);
      port1.close();
    }
  }

  async #perform<T>(task: IngestTask, options: ThreadOptions<never>): Promise<T> {
    return valueOf(await this.threads.run<Answer<T>, never>(INGEST_THREAD, task, options));
  }
}
