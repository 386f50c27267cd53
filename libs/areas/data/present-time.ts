/**
 * RFC 3339 with `Z`: seconds, or 3 or 6 decimals where they are not zero (data.md 14, B1). `ms` may carry microseconds
 * as fraction.
 */
export function presentTime(ms: number): string {
  const whole = Math.floor(ms);
  const micros = Math.round((ms - whole) * 1_000);
  const text = new Date(whole).toISOString();
  if (micros > 0) return `${text.slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text;
}
