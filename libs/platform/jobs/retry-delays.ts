/** Milliseconds before the second try at something that will come back. */
export const FIRST_DELAY_MS = 200;
const LONGEST_MS = 5_000;

/** Milliseconds before the try after that: twice as long, up to 5 s. */
export function nextDelay(delay: number): number {
  return Math.min(2 * delay, LONGEST_MS);
}
