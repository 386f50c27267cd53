import { Injectable } from '@nestjs/common';

/** Whether the process is on its way out (platform.md 13). */
@Injectable()
export class ServiceState {
  #stopping = false;
  #failed = false;

  get stopping(): boolean {
    return this.#stopping;
  }

  /** On its way out after an exception that nobody caught: nothing is waited for any more. */
  get failed(): boolean {
    return this.#failed;
  }

  stop(): void {
    this.#stopping = true;
  }

  fail(): void {
    this.#stopping = true;
    this.#failed = true;
  }
}
