export const REDACTED = '[REDACTED]';
export const TRUNCATED = '[TRUNCATED]';
export const CIRCULAR = '[CIRCULAR]';

/** Only of a secret so long may the first characters be shown, and only so many. */
const SHORTEST_WITH_PREFIX = 16;
const PREFIX_LENGTH = 4;
const PREFIXED = /\[REDACTED:[^\]]{4}…\]/y;

let prefixes = false;

/** What stands for a secret. What stands for one already stays. */
export function markerOf(secret: string): string {
  if (!prefixes || secret === REDACTED) return REDACTED;
  if (isPrefixedAt(secret, 0) && PREFIXED.lastIndex === secret.length) return secret;
  return secret.length >= SHORTEST_WITH_PREFIX
    ? `[REDACTED:${secret.slice(0, PREFIX_LENGTH).replaceAll(']', '?')}…]`
    : REDACTED;
}

/**
 * For an operator's eyes only: while `work` runs, the markers of secrets of 16 or more characters show the first four
 * (platform.md 7.5).
 */
export function showingPrefixes<T>(work: () => T): T {
  prefixes = true;
  try {
    return work();
  } finally {
    prefixes = false;
  }
}

/** True where `text` has, from `index` on, a marker that stands for a whole value: masking it again would change it. */
export function isMarkerAt(text: string, index: number): boolean {
  return (
    text.startsWith(REDACTED, index) || text.startsWith(TRUNCATED, index) || (prefixes && isPrefixedAt(text, index))
  );
}

function isPrefixedAt(text: string, index: number): boolean {
  PREFIXED.lastIndex = index;
  return PREFIXED.test(text);
}
