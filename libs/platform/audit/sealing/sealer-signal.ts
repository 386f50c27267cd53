import { Injectable } from '@nestjs/common';

/**
 * Tells the sealer of this process that entries were committed. Without a listener it is silent: the sealer also looks
 * by itself.
 */
@Injectable()
export class SealerSignal {
  #listener: (() => void) | undefined;

  listen(listener: () => void): void {
    this.#listener = listener;
  }

  readonly committed = (): void => this.#listener?.();
}
