/**
 * Relative strength index of Wilder 1978, one close at a time: averages of gains and losses are seeded with the mean of
 * the first `period` changes, then avg_t = (avg_{t−1}·(period−1) + x)/period. Both averages 0 → NaN (no reading), only
 * the loss 0 → 100.
 */
export class WilderRsi {
  readonly period: number;
  #count = 0;
  #last = Number.NaN;
  #gain = 0;
  #loss = 0;

  constructor(period: number) {
    this.period = period;
  }

  /** RSI after this close; NaN before `period` changes. */
  next(close: number): number {
    const n = this.period;
    const change = close - this.#last;
    this.#last = close;
    if (this.#count++ === 0) return Number.NaN;
    const gain = change > 0 ? change : 0;
    const loss = change < 0 ? -change : 0;
    const changes = this.#count - 1;
    if (changes <= n) {
      this.#gain += gain;
      this.#loss += loss;
      if (changes < n) return Number.NaN;
      this.#gain /= n;
      this.#loss /= n;
    } else {
      this.#gain = (this.#gain * (n - 1) + gain) / n;
      this.#loss = (this.#loss * (n - 1) + loss) / n;
    }
    if (this.#loss === 0) return this.#gain === 0 ? Number.NaN : 100;
    return 100 - 100 / (1 + this.#gain / this.#loss);
  }
}
