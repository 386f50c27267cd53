import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** RFC 8785 (JCS) text of a JSON value. Throws TypeError on NaN, infinities and cycles. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('value has no JSON form');
  return text;
}

/** Lower-case hex SHA-256 of bytes, or of the UTF-8 of a text. */
export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

/** SHA-256 of the canonical JSON: the hash of every hash-locked document. */
export function hashCanonical(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}
