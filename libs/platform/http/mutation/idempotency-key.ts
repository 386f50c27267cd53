import { DomainError, sha256Hex } from '#kernel';
import type { RoutedRequest } from '../exchange.ts';

const KEY = /^[\x21-\x7e]{1,128}$/;

/** Where a key is not looked at (platform.md 8.0). */
export const NO_KEYS = /^\/(auth|_internal|ws\/tickets)(\/|$)/i;

/** 400 for a key that is none, 428 where one is required and absent. */
export function checkIdempotencyKey(request: RoutedRequest, required: boolean): void {
  const key = idempotencyKeyOf(request);
  if (key === null) {
    if (required)
      throw new DomainError(428, 'idempotency_key_required', {
        detail: 'Send an Idempotency-Key, so that a repeated request cannot act twice.',
      });
    return;
  }
  if (KEY.test(key)) return;
  throw new DomainError(400, 'bad_idempotency_key', {
    detail: 'An Idempotency-Key has 1 to 128 visible ASCII characters.',
    errors: [
      { pointer: 'header:Idempotency-Key', code: 'format', message: 'must have 1 to 128 visible ASCII characters' },
    ],
  });
}

/** The key as it was sent, where one counts: POST only. */
export function idempotencyKeyOf(request: RoutedRequest): string | null {
  return request.method === 'POST' && !NO_KEYS.test(request.path) ? (request.get('idempotency-key') ?? null) : null;
}

/**
 * SHA-256 of `METHOD` LF `TARGET` LF `HEX`; TARGET is the request target as received, HEX the hash of the body
 * (platform.md 8.0).
 */
export function fingerprint(method: string, target: string, bodyHex: string): string {
  return sha256Hex(`${method}\n${target}\n${bodyHex}`);
}
