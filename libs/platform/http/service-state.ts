import { Injectable } from '@nestjs/common';

/** Whether the process is on its way out (platform.md 13). */
@Injectable()
export class ServiceState {
  #stopping = false;
  #failed = false;
  #stopAllowanceMs = 0;

  get stopping(): boolean {
    return this.#stopping;
  }

  /** On its way out after an exception that nobody caught: nothing is waited for any more. */
  get failed(): boolean {
    return this.#failed;
  }

  /** What running jobs that are let finish may add to the time of the shutdown. */
  get stopAllowanceMs(): number {
    return this.#stopAllowanceMs;
  }

  /** The longest allowance of those asked for counts. */
  allowForStop(ms: number): void {
    this.#stopAllowanceMs = Math.max(this.#stopAllowanceMs, ms);
  }

  stop(): void {
    this.#stopping = true;
  }

  fail(): void {
    this.#stopping = true;
    this.#failed = true;
  }
}
