import { Injectable } from '@nestjs/common';

/** Whether the process is on its way out (platform.md 13). */
@Injectable()
export class ServiceState {
  #stopping = false;

  get stopping(): boolean {
    return this.#stopping;
  }

  stop(): void {
    this.#stopping = true;
  }
}
