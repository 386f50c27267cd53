import { setTimeout as sleep } from 'node:timers/promises';

/** Does something at once, and again so many milliseconds after each time it ended. */
export class Looks {
  #ended = new AbortController();
  #running: Promise<void> = Promise.resolve();

  /** `look` must not reject. */
  start(everyMs: number, look: () => Promise<void>): void {
    const { signal } = (this.#ended = new AbortController());
    this.#running = (async () => {
      do await look();
      while (await sleep(everyMs, true, { signal, ref: false }).catch(() => false));
    })();
  }

  /** Resolves when the look that is under way has ended. */
  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }
}
