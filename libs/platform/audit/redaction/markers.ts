export const REDACTED = '[REDACTED]';
export const TRUNCATED = '[TRUNCATED]';
export const CIRCULAR = '[CIRCULAR]';

/** True where `text` has, from `index` on, a marker that stands for a whole value: masking it again would change it. */
export function isMarkerAt(text: string, index: number): boolean {
  return text.startsWith(REDACTED, index) || text.startsWith(TRUNCATED, index);
}
