import { TokenRejectedError } from './token-rejection.ts';

export interface CompactToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly algorithm: string;
  readonly keyId: string;
  readonly issuer: string;
}

const MAX_HEADER_BYTES = 1_024;
const MAX_KEY_ID = 128;
const TYPES: readonly unknown[] = [undefined, 'JWT', 'at+jwt'];
/** Members that would let a token choose its own key or meaning. */
const FORBIDDEN_MEMBERS = ['jku', 'jwk', 'x5u', 'crit', 'b64'] as const;
/** `none` and every HS* cannot be configured for any issuer. */
const ALGORITHMS: ReadonlySet<unknown> = new Set(['RS256', 'PS256', 'ES256']);

/** Steps 1 and 2 of the pipeline: shape and header, before any key is looked at. Throws TokenRejectedError. */
export function readCompactToken(token: string): CompactToken {
  const segments = token.split('.');
  if (segments.length !== 3) throw new TokenRejectedError('shape');
  const [headerBytes, payloadBytes] = segments.map(decodeSegment);
  if (!headerBytes || !payloadBytes || headerBytes.length > MAX_HEADER_BYTES) throw new TokenRejectedError('shape');
  const header = strictObject(headerBytes);
  const payload = strictObject(payloadBytes);
  if (!TYPES.includes(header.typ)) throw new TokenRejectedError('shape');

  const { kid, alg } = header;
  if (FORBIDDEN_MEMBERS.some((member) => Object.hasOwn(header, member))) throw new TokenRejectedError('header');
  if (typeof kid !== 'string' || kid.length === 0 || kid.length > MAX_KEY_ID) throw new TokenRejectedError('header');
  if (typeof alg !== 'string' || !ALGORITHMS.has(alg)) throw new TokenRejectedError('alg');
  if (typeof payload.iss !== 'string') throw new TokenRejectedError('untrusted_issuer');
  return { header, payload, algorithm: alg, keyId: kid, issuer: payload.iss };
}

/** Canonical base64url without padding: a text that decodes and encodes to itself. */
function decodeSegment(segment: string): Buffer {
  const bytes = Buffer.from(segment, 'base64url');
  if (bytes.length === 0 || bytes.toString('base64url') !== segment) throw new TokenRejectedError('shape');
  return bytes;
}

function strictObject(bytes: Buffer): Record<string, unknown> {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    throw new TokenRejectedError('shape', undefined, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TokenRejectedError('shape');
  // Outside of strings every member has one colon; of two members with one name the parser keeps only the last.
  const written = text.replace(/"(?:[^"\\]|\\.)*"/g, '').split(':').length - 1;
  if (written !== memberCount(value)) throw new TokenRejectedError('shape');
  return value as Record<string, unknown>;
}

function memberCount(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Object.values(value).reduce((sum: number, item) => sum + memberCount(item), 0);
  return Array.isArray(value) ? inner : inner + Object.keys(value).length;
}
