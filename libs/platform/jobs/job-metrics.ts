import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import {
  type BatchObservableResult,
  type Counter,
  type Histogram,
  type ObservableGauge,
  metrics,
} from '@opentelemetry/api';
import { Clock } from '#kernel';
import type { Job } from './job.ts';
import { QueueRepository } from './queue.repository.ts';

/**
 * Instruments of platform.md 12.2, by queue and name. The database is asked for the depth only when somebody exports
 * it.
 */
@Injectable()
export class JobMetrics implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #duration: Histogram;
  readonly #outcomes: Counter;
  readonly #retries: Counter;
  readonly #unsettled: Counter;
  readonly #depth: ObservableGauge;
  readonly #oldest: ObservableGauge;

  constructor(
    private readonly queue: QueueRepository,
    private readonly clock: Clock,
  ) {
    const meter = metrics.getMeter('alphaswarm');
    this.#duration = meter.createHistogram('alphaswarm.jobs.duration', { unit: 's' });
    this.#outcomes = meter.createCounter('alphaswarm.jobs.outcomes');
    this.#retries = meter.createCounter('alphaswarm.jobs.retries');
    this.#unsettled = meter.createCounter('alphaswarm.jobs.unsettled', {
      description: 'Tries to settle a job that acted which failed',
    });
    this.#depth = meter.createObservableGauge('alphaswarm.jobs.depth');
    this.#oldest = meter.createObservableGauge('alphaswarm.jobs.oldest_age', { unit: 's' });
  }

  onApplicationBootstrap(): void {
    metrics.getMeter('alphaswarm').addBatchObservableCallback(this.#observe, [this.#depth, this.#oldest]);
  }

  onApplicationShutdown(): void {
    metrics.getMeter('alphaswarm').removeBatchObservableCallback(this.#observe, [this.#depth, this.#oldest]);
  }

  ended({ queue, name, startedAt }: Job, result: string): void {
    this.#outcomes.add(1, { queue, name, result });
    if (startedAt !== null)
      this.#duration.record(Math.max(0, this.clock.now() - startedAt) / 1_000, { queue, name, result });
  }

  retried({ queue, name }: Job): void {
    this.#retries.add(1, { queue, name });
  }

  unsettled({ queue, name }: Job): void {
    this.#unsettled.add(1, { queue, name });
  }

  readonly #observe = async (result: BatchObservableResult): Promise<void> => {
    for (const { queue, depth, oldestAgeSeconds } of await this.queue.waiting()) {
      result.observe(this.#depth, depth, { queue });
      result.observe(this.#oldest, oldestAgeSeconds, { queue });
    }
  };
}
