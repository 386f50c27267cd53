import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '#kernel';

const BLOCKED_NS = 5e9;
const BLOCKED_FOR_MS = 30_000;

/** Whether the event loop turns: not when it was held up for over 5 s again and again during 30 s. */
@Injectable()
export class EventLoop implements OnApplicationShutdown {
  readonly #histogram = monitorEventLoopDelay({ resolution: 100 });
  #blockedSince: number | null = null;

  constructor(private readonly clock: Clock) {
    this.#histogram.enable();
  }

  get turns(): boolean {
    const blocked = this.#histogram.max > BLOCKED_NS;
    this.#histogram.reset();
    const now = this.clock.now();
    this.#blockedSince = blocked ? (this.#blockedSince ?? now) : null;
    return this.#blockedSince === null || now - this.#blockedSince < BLOCKED_FOR_MS;
  }

  onApplicationShutdown(): void {
    this.#histogram.disable();
  }
}
