import type { BucketSize } from '#platform/config';

/** Tokens as of a moment. Pure data: the arithmetic is below, the keeping is RateLimits'. */
export interface TokenBucket {
  tokens: number;
  /** Milliseconds since the epoch. */
  at: number;
}

export function fullBucket(size: BucketSize, now: number): TokenBucket {
  return { tokens: size.capacity, at: now };
}

/** The bucket with what has trickled in since; a clock that runs backwards adds nothing. */
export function refill(bucket: TokenBucket, size: BucketSize, now: number): TokenBucket {
  const gained = (Math.max(0, now - bucket.at) * size.perMinute) / 60_000;
  return { tokens: Math.min(size.capacity, bucket.tokens + gained), at: now };
}

/** Whole seconds until a token is there, at least 1. */
export function secondsToNextToken(bucket: TokenBucket, size: BucketSize): number {
  return Math.max(1, Math.ceil(((1 - bucket.tokens) * 60) / size.perMinute));
}

/** Whole seconds until the bucket is full. */
export function secondsToFull(bucket: TokenBucket, size: BucketSize): number {
  return Math.ceil(((size.capacity - bucket.tokens) * 60) / size.perMinute);
}
