import type { EnvReader } from './env-reader.ts';

/** A token bucket: so many at once, so many more every minute. */
export interface BucketSize {
  readonly capacity: number;
  readonly perMinute: number;
}

/** Buckets a request may be charged to. `ip` is charged before authentication, the others after it. */
export const BUCKETS = ['ip', 'login', 'principal', 'write', 'stepup', 'org'] as const;
export type Bucket = (typeof BUCKETS)[number];

/**
 * Defaults of platform.md 8.0; `ip` is the only one it leaves open, so it stays out of the way of a whole organization
 * behind one address.
 */
const DEFAULTS: Readonly<Record<Bucket, BucketSize>> = {
  ip: { capacity: 2_000, perMinute: 12_000 },
  login: { capacity: 20, perMinute: 20 },
  principal: { capacity: 100, perMinute: 600 },
  write: { capacity: 20, perMinute: 120 },
  stepup: { capacity: 10, perMinute: 10 },
  org: { capacity: 1_000, perMinute: 6_000 },
};

/** `ALPHASWARM_RATE_<BUCKET>` tokens at once and `ALPHASWARM_RATE_<BUCKET>_PER_MINUTE` refilled. */
export class RatesConfig {
  readonly buckets: Readonly<Record<Bucket, BucketSize>>;

  constructor(env: EnvReader) {
    const read = (bucket: Bucket): BucketSize => {
      const name = `ALPHASWARM_RATE_${bucket.toUpperCase()}`;
      const bounds = { min: 1, max: 1_000_000_000 };
      return {
        capacity: env.integer(name, DEFAULTS[bucket].capacity, bounds),
        perMinute: env.integer(`${name}_PER_MINUTE`, DEFAULTS[bucket].perMinute, bounds),
      };
    };
    this.buckets = {
      ip: read('ip'),
      login: read('login'),
      principal: read('principal'),
      write: read('write'),
      stepup: read('stepup'),
      org: read('org'),
    };
  }
}
