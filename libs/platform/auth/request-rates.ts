import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { type Bucket, RatesConfig } from '#platform/config';
import type { TokenFacts } from '#platform/context';
import { type RateCharge, type RateDecision, RateLimits, rateLimited } from '#platform/rates';

/** Charges the buckets of an authenticated request and tells the emptiest in its response headers (platform.md 8.0). */
@Injectable()
export class RequestRates {
  constructor(
    private readonly limits: RateLimits,
    private readonly config: RatesConfig,
  ) {}

  open(response: Response, token: TokenFacts): OpenRates {
    const capacity = (bucket: Bucket): number => this.config.buckets[bucket].capacity;
    return new OpenRates(this.limits, capacity, response, rateKeyOf(token));
  }
}

/** Whose bucket the holder of a token is charged to, on every kind of route. */
export function rateKeyOf({ issuer, subject }: TokenFacts): string {
  return `${issuer} ${subject}`;
}

/** The charges of one request. Each throws 429 `rate_limited` when its bucket is empty. */
export class OpenRates {
  readonly #limits: RateLimits;
  readonly #capacity: (bucket: Bucket) => number;
  readonly #response: Response;
  readonly #principal: string;
  #fullness = Number.POSITIVE_INFINITY;

  constructor(limits: RateLimits, capacity: (bucket: Bucket) => number, response: Response, principal: string) {
    this.#limits = limits;
    this.#capacity = capacity;
    this.#response = response;
    this.#principal = principal;
  }

  chargePrincipal({ write, stepUp }: { write: boolean; stepUp: boolean }): void {
    const extra: RateCharge[] = [];
    if (write) extra.push(['write', this.#principal]);
    if (stepUp) extra.push(['stepup', this.#principal]);
    this.#settle(this.#limits.takeAll([['principal', this.#principal], ...extra]));
  }

  /** Of a step-up that is known to be needed only when the body is read. */
  chargeStepUp(): void {
    this.#settle(this.#limits.take('stepup', this.#principal));
  }

  chargeOrganization(orgId: string | null): void {
    if (orgId !== null) this.#settle(this.#limits.take('org', orgId));
  }

  #settle(decision: RateDecision): void {
    const fullness = decision.remaining / this.#capacity(decision.bucket);
    if (!decision.allowed || fullness < this.#fullness) {
      this.#fullness = fullness;
      for (const [name, value] of Object.entries(decision.headers)) this.#response.setHeader(name, value);
    }
    if (!decision.allowed) throw rateLimited(decision);
  }
}
