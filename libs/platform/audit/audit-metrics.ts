import { Injectable } from '@nestjs/common';
import { type Gauge, type Histogram, metrics } from '@opentelemetry/api';
import type { EntryKind } from './audit-entry.ts';

/**
 * Instruments of platform.md 12.2. Created with the container, after telemetry has started; without an endpoint they do
 * nothing.
 */
@Injectable()
export class AuditMetrics {
  readonly #writeDuration: Histogram;
  readonly #chainLag: Gauge;

  constructor() {
    const meter = metrics.getMeter('alphaswarm');
    this.#writeDuration = meter.createHistogram('alphaswarm.audit.write.duration', { unit: 's' });
    this.#chainLag = meter.createGauge('alphaswarm.audit.chain.lag', { unit: 's' });
  }

  written(kind: EntryKind, milliseconds: number): void {
    this.#writeDuration.record(milliseconds / 1_000, { kind });
  }

  /** Age of the oldest entry when it was sealed. */
  sealed(lagMilliseconds: number): void {
    this.#chainLag.record(Math.max(0, lagMilliseconds) / 1_000);
  }
}
