import { extname } from 'node:path';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Piscina } from 'piscina';
import type { ParseResult, ParseTask } from './split-inline.ts';

/**
 * Threads of their own, so that no long computation delays the reading of a request. Started by the first large body.
 */
@Injectable()
export class BodyThreads implements OnApplicationShutdown {
  #pool: Piscina<ParseTask, ParseResult> | undefined;

  /** The task's bytes are moved to the thread and unusable afterwards. */
  parse(task: ParseTask): Promise<ParseResult> {
    this.#pool ??= new Piscina({
      filename: new URL(`./parse-body.worker${extname(import.meta.url)}`, import.meta.url).href,
      minThreads: 0,
      maxThreads: 2,
      idleTimeout: 60_000,
    });
    return this.#pool.run(task, { transferList: [task.bytes.buffer as ArrayBuffer] });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#pool?.destroy();
  }
}
