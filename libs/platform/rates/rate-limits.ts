import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock, DomainError } from '#kernel';
import { type Bucket, RatesConfig } from '#platform/config';
import { type TokenBucket, fullBucket, refill, secondsToFull, secondsToNextToken } from './token-bucket.ts';

/** One bucket and whose it is, such as `['principal', 'user:0189…']`. */
export type RateCharge = readonly [bucket: Bucket, key: string];

/** State of one bucket after a charge. Times in whole seconds. */
export interface RateDecision {
  readonly allowed: boolean;
  readonly bucket: Bucket;
  readonly remaining: number;
  readonly retryAfter: number;
  readonly resetAfter: number;
  /** `RateLimit-Policy` and `RateLimit` as the caller sees them (draft-ietf-httpapi-ratelimit-headers). */
  readonly headers: Readonly<Record<'RateLimit-Policy' | 'RateLimit', string>>;
}

interface ChargedBucket {
  bucket: Bucket;
  id: string;
  state: TokenBucket;
}

/** Keys beyond this are forgotten, the least recent first; a forgotten bucket is full again. */
const MAX_KEYS = 100_000;

/** Token buckets of this process (platform.md 8.0). */
@Injectable()
export class RateLimits {
  readonly #buckets = new LRUCache<string, TokenBucket>({ max: MAX_KEYS });

  constructor(
    private readonly clock: Clock,
    private readonly config: RatesConfig,
  ) {}

  take(bucket: Bucket, key: string): RateDecision {
    return this.takeAll([[bucket, key]]);
  }

  /**
   * Takes one token from every bucket, or from none when one of them is empty. Answers with the emptiest, or with the
   * one that refuses longest.
   */
  takeAll(charges: readonly [RateCharge, ...RateCharge[]]): RateDecision {
    const now = this.clock.now();
    const states = charges.map(([bucket, key]) => this.#current(bucket, key, now));
    const allowed = states.every(({ state }) => state.tokens >= 1);
    for (const { state, id } of states) {
      if (allowed) state.tokens -= 1;
      this.#buckets.set(id, state);
    }
    const weight = allowed ? this.#fullness : this.#patience;
    const told = states.reduce((least, next) => (weight(next) < weight(least) ? next : least));
    return this.#decide(told.bucket, told.state, allowed);
  }

  #current(bucket: Bucket, key: string, now: number): ChargedBucket {
    const size = this.config.buckets[bucket];
    const id = `${bucket} ${key}`;
    return { bucket, id, state: refill(this.#buckets.get(id) ?? fullBucket(size, now), size, now) };
  }

  readonly #fullness = ({ bucket, state }: ChargedBucket): number =>
    state.tokens / this.config.buckets[bucket].capacity;

  readonly #patience = ({ bucket, state }: ChargedBucket): number =>
    state.tokens >= 1 ? 0 : -secondsToNextToken(state, this.config.buckets[bucket]);

  #decide(bucket: Bucket, state: TokenBucket, allowed: boolean): RateDecision {
    const size = this.config.buckets[bucket];
    const remaining = Math.floor(state.tokens);
    const resetAfter = secondsToFull(state, size);
    return {
      allowed,
      bucket,
      remaining,
      resetAfter,
      retryAfter: secondsToNextToken(state, size),
      headers: {
        'RateLimit-Policy': `"${bucket}";q=${size.perMinute};w=60`,
        RateLimit: `"${bucket}";r=${remaining};t=${resetAfter}`,
      },
    };
  }
}

/** 429 with the seconds to the next token. */
export function rateLimited(decision: RateDecision): DomainError {
  return new DomainError(429, 'rate_limited', {
    detail: 'Too many requests.',
    headers: { 'Retry-After': String(decision.retryAfter) },
  });
}
