import { REDACTED, TRUNCATED } from './markers.ts';
import { maskNamedValues } from './named-values.ts';
import { type RegisteredSecrets, resolvedSecrets } from './registered-secrets.ts';
import {
  maskBasicCredentials,
  maskBearerTokens,
  maskPrivateKeys,
  maskUserInfo,
  maskVendorKeys,
  maskWebTokens,
} from './value-patterns.ts';

export const LONGEST_STRING_BYTES = 8_192;

const SHORTEST_WITH_SECRET = 'otp=x'.length;

const encoder = new TextEncoder();
const scratch = new Uint8Array(LONGEST_STRING_BYTES - TRUNCATED.length);

/**
 * Free text without secrets (platform.md 7.5). Idempotent and linear in the length. U+0000 and lone surrogates become
 * U+FFFD, because PostgreSQL stores neither. `secrets`: those masked whatever they look like.
 */
export function redactText(text: string, secrets: RegisteredSecrets = resolvedSecrets): string {
  return withoutPatterns(secrets.mask(text));
}

/** `redactText`, then cut at a character to at most 8,192 bytes of UTF-8, the marker `[TRUNCATED]` included. */
export function redactBoundedText(text: string, secrets: RegisteredSecrets = resolvedSecrets): string {
  return bounded(redactText(text, secrets));
}

function withoutPatterns(text: string): string {
  let result = storable(text);
  // The shortest secret is `dsn=x`'s.
  if (result.length < SHORTEST_WITH_SECRET) return result;
  result = maskPrivateKeys(result);
  result = maskWebTokens(result);
  result = maskUserInfo(result);
  result = maskBasicCredentials(result);
  result = maskBearerTokens(result);
  result = maskVendorKeys(result);
  const named = maskNamedValues(result);
  // A value that is masked now may have ended an authority too early.
  return named === result ? result : maskUserInfo(named);
}

function bounded(redacted: string): string {
  if (redacted.length * 3 <= LONGEST_STRING_BYTES || Buffer.byteLength(redacted) <= LONGEST_STRING_BYTES)
    return redacted;
  const { read } = encoder.encodeInto(redacted, scratch);
  // Half a marker would look like a value to be masked.
  const marker = redacted.lastIndexOf(REDACTED, read);
  const cut = marker >= 0 && marker < read && marker + REDACTED.length > read ? marker : read;
  const short = redacted.slice(0, cut) + TRUNCATED;
  // An escape that is cut in half ends a value elsewhere. Every pass leaves less that is no marker.
  const again = withoutPatterns(short);
  return again === short ? short : bounded(again);
}

function storable(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\uFFFD') : wellFormed;
}
