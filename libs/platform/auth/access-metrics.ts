import { Injectable } from '@nestjs/common';
import { type Counter, metrics } from '@opentelemetry/api';
import type { Decision } from './decide.ts';

/** Instruments of platform.md 12.2. Labels name no person and no token. */
@Injectable()
export class AccessMetrics {
  readonly #verifications: Counter;
  readonly #rejections: Counter;
  readonly #decisions: Counter;
  readonly #stepUps: Counter;
  readonly #keyRefreshes: Counter;

  constructor() {
    const meter = metrics.getMeter('alphaswarm');
    this.#verifications = meter.createCounter('alphaswarm.auth.verifications', {
      description: 'Access tokens looked at',
    });
    this.#rejections = meter.createCounter('alphaswarm.auth.rejections', { description: 'Refused access tokens' });
    this.#decisions = meter.createCounter('alphaswarm.authz.decisions', { description: 'Permissions asked for' });
    this.#stepUps = meter.createCounter('alphaswarm.auth.stepup', { description: 'Strong authentication asked for' });
    this.#keyRefreshes = meter.createCounter('alphaswarm.auth.jwks.refresh', { description: 'Key sets asked for' });
  }

  verified(provider: string): void {
    this.#verifications.add(1, { provider, result: 'accepted' });
  }

  rejected(provider: string, reason: string): void {
    this.#verifications.add(1, { provider, result: 'rejected' });
    this.#rejections.add(1, { provider, reason });
  }

  decided(permission: string, result: Decision): void {
    this.#decisions.add(1, { permission, result });
  }

  steppedUp(action: string, result: 'satisfied' | 'challenged' | 'impossible'): void {
    this.#stepUps.add(1, { action, result });
  }

  keysRefreshed(provider: string, result: 'loaded' | 'failed'): void {
    this.#keyRefreshes.add(1, { provider, result });
  }
}
