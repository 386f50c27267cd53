import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { type Counter, metrics } from '@opentelemetry/api';

/** From the failure to the end of the process, whatever hangs. */
const LIMIT_MS = 4_500;

interface Step {
  readonly limitMs: number;
  readonly work: () => unknown;
}

/**
 * What a process does about a failure that nobody caught (docs/adr/0025-last-resort.md). A promise that failed without
 * an owner is a fault of one piece of work: it is told, and the others go on. After an exception nobody knows what
 * state is left: what was promised is given back, and the process ends.
 */
export class LastResort {
  readonly #logger = new Logger('process');
  readonly #steps: Step[] = [];
  #ending = false;

  static install(): LastResort {
    const lastResort = new LastResort();
    process.on('unhandledRejection', (reason) => lastResort.#tell(reason));
    process.on('uncaughtException', (error) => lastResort.#end(error));
    return lastResort;
  }

  /**
   * Does `work` before the process ends, and before what was named earlier: what was opened last is given back first.
   * What hangs is left behind after `limitMs`.
   */
  first(limitMs: number, work: () => unknown): this {
    this.#steps.unshift({ limitMs, work });
    return this;
  }

  #tell(reason: unknown): void {
    faults().add(1, { kind: 'unhandled_rejection' });
    this.#logger.error({ msg: 'a promise failed with nobody listening; the process goes on', err: reason });
  }

  #end(error: unknown): void {
    faults().add(1, { kind: 'uncaught_exception' });
    this.#logger.fatal({ msg: 'an exception was caught by nobody; the process ends', err: error });
    // What fails on the way out ends nothing twice.
    if (this.#ending) return;
    this.#ending = true;
    setTimeout(() => process.exit(1), LIMIT_MS);
    this.#giveBack()
      .catch((cause: unknown) => this.#logger.error({ msg: 'the process ends untidily', err: cause }))
      .finally(() => process.exit(1));
  }

  async #giveBack(): Promise<void> {
    for (const { limitMs, work } of this.#steps) {
      const done = Promise.resolve()
        .then(work)
        .catch((error: unknown) =>
          this.#logger.error({ msg: 'a step of the end failed; the next one follows', err: error }),
        );
      await Promise.race([done, sleep(limitMs)]);
    }
  }
}

let counter: Counter | undefined;

/** Made by the first failure, when the SDK has been started. */
function faults(): Counter {
  counter ??= metrics
    .getMeter('alphaswarm')
    .createCounter('alphaswarm.process.faults', { description: 'Failures that nobody caught, by kind.' });
  return counter;
}
