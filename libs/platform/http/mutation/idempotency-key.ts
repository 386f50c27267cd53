import { DomainError, sha256Hex } from '#kernel';
import type { RoutedRequest } from '../exchange.ts';

const KEY = /^[\x21-\x7e]{1,128}$/;

/** 400 for a key that is none, 428 where one is required and absent. */
export function checkIdempotencyKey(request: RoutedRequest, required: boolean): void {
  const key = request.get('idempotency-key');
  if (key === undefined) {
    if (required) throw new DomainError(428, 'idempotency_key_required', { detail: 'Send an Idempotency-Key, so that a repeated request cannot act twice.' });
    return;
  }
  if (KEY.test(key)) return;
  throw new DomainError(400, 'bad_idempotency_key', {
    detail: 'An Idempotency-Key has 1 to 128 visible ASCII characters.',
    errors: [{ pointer: 'header:Idempotency-Key', code: 'format', message: 'must have 1 to 128 visible ASCII characters' }],
  });
}

/** The key that counts: POST only (platform.md 8.0). */
export function idempotencyKeyOf(request: RoutedRequest): string | null {
  return request.method === 'POST' ? (request.get('idempotency-key') ?? null) : null;
}

/** SHA-256 of `METHOD` LF `TARGET` LF `HEX`; TARGET is the request target as received, HEX the hash of the body (platform.md 8.0). */
export function fingerprint(method: string, target: string, bodyHex: string): string {
  return sha256Hex(`${method}\n${target}\n${bodyHex}`);
}
