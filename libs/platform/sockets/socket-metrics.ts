import { Injectable } from '@nestjs/common';
import { type Counter, type UpDownCounter, metrics } from '@opentelemetry/api';

/** Instruments of platform.md 12.2. `endpoint` is the route's template. */
@Injectable()
export class SocketMetrics {
  readonly #connections: UpDownCounter;
  readonly #frames: Counter;
  readonly #coalesced: Counter;
  readonly #gaps: Counter;
  readonly #closes: Counter;

  constructor() {
    const meter = metrics.getMeter('alphaswarm');
    this.#connections = meter.createUpDownCounter('alphaswarm.ws.connections');
    this.#frames = meter.createCounter('alphaswarm.ws.frames');
    this.#coalesced = meter.createCounter('alphaswarm.ws.coalesced');
    this.#gaps = meter.createCounter('alphaswarm.ws.gaps');
    this.#closes = meter.createCounter('alphaswarm.ws.closes');
  }

  opened(endpoint: string): void {
    this.#connections.add(1, { endpoint });
  }

  closed(endpoint: string, code: number): void {
    this.#connections.add(-1, { endpoint });
    this.#closes.add(1, { endpoint, code });
  }

  frames(endpoint: string, count: number): void {
    this.#frames.add(count, { endpoint });
  }

  coalesced(endpoint: string, count: number): void {
    this.#coalesced.add(count, { endpoint });
  }

  gap(endpoint: string): void {
    this.#gaps.add(1, { endpoint });
  }
}
