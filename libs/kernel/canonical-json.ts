import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** RFC 8785 (JCS) text of a JSON value. Throws TypeError on NaN, infinities and cycles. */
export function canonicalJson(value: unknown): string {
  const text = ordinaryText(value) ?? canonicalize(value);
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

/**
 * The text of what JSON.stringify writes canonically once members are in order: all but objects with keys that a copy
 * would put elsewhere. Undefined for those and for values without a JSON form; the library knows them all, and takes
 * several times as long for a hundred thousand rows.
 */
function ordinaryText(value: unknown): string | undefined {
  try {
    return JSON.stringify(ordered(value));
  } catch (error) {
    if (error === EXTRAORDINARY) return undefined;
    throw error;
  }
}

const EXTRAORDINARY = new RangeError('not for JSON.stringify');

/** Deep enough for every document, and far from the end of the stack. */
const MAX_DEPTH = 200;

function ordered(value: unknown, depth = 0): unknown {
  if (typeof value === 'number' ? !Number.isFinite(value) : typeof value === 'string' && !value.isWellFormed())
    throw EXTRAORDINARY;
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH || 'toJSON' in value) throw EXTRAORDINARY;
  if (Array.isArray(value)) return value.map((item) => ordered(item, depth + 1));
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) {
    const first = key.charCodeAt(0);
    if ((first >= 48 && first <= 57) || key === '__proto__' || !key.isWellFormed()) throw EXTRAORDINARY;
    copy[key] = ordered((value as Record<string, unknown>)[key], depth + 1);
  }
  return copy;
}
