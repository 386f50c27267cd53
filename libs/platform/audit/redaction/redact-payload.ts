import { canonicalJson, sha256Hex } from '#kernel';
import { type Json, redact } from './redact.ts';

const LARGEST_PAYLOAD_BYTES = 65_536;

export interface RedactedPayload {
  /** JSON without secrets, at most 64 KiB of canonical JSON. */
  payload: Json;
  /** Lower-case hex SHA-256 of the payload's canonical JSON. */
  sha256: string;
}

/**
 * What is kept of a payload. Beyond 64 KiB only the hash of what would have been kept: `{"truncated":true,"sha256":…}`.
 */
export function redactPayload(value: unknown): RedactedPayload {
  const payload = redact(value);
  const text = canonicalJson(payload);
  const sha256 = sha256Hex(text);
  if (text.length <= LARGEST_PAYLOAD_BYTES && Buffer.byteLength(text) <= LARGEST_PAYLOAD_BYTES)
    return { payload, sha256 };
  const stub: Json = { truncated: true, sha256 };
  return { payload: stub, sha256: sha256Hex(canonicalJson(stub)) };
}
