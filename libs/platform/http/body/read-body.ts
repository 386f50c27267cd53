import type { FieldError } from '#kernel';
import type { InlineBars } from './inline-bars.ts';
import type { Spooled } from './spool.ts';

/** What a request carried. */
export interface ReadBody {
  /** The JSON value without inline bars; undefined where there was no body or it was spooled. */
  readonly value?: unknown;
  /** Refused as 422 once the caller is known. */
  readonly errors: readonly FieldError[];
  readonly bars?: InlineBars;
  readonly spooled?: Spooled;
  /** HEX of the idempotency fingerprint (platform.md 8.0), for a request with a key. Computed when asked for. */
  readonly fingerprintHex: () => string;
}
