import { createHash } from 'node:crypto';
import type { BarSeries } from './bars.ts';

/** 384 KiB: what a core's own cache holds. */
const ROWS_PER_CHUNK = 8_192;
const TWO_32 = 4_294_967_296;

/** A run of bars in the layout of the hash. */
class Chunk {
  readonly #doubles: Float64Array;
  readonly #words: Uint32Array;
  readonly #bytes: Uint8Array;

  constructor(rows: number) {
    const buffer = new ArrayBuffer(rows * 48);
    this.#doubles = new Float64Array(buffer);
    this.#words = new Uint32Array(buffer);
    this.#bytes = new Uint8Array(buffer);
  }

  of({ time, open, high, low, close, volume }: BarSeries, from: number, to: number): Uint8Array {
    const doubles = this.#doubles;
    const words = this.#words;
    for (let i = from, at = 0; i < to; i++, at += 6) {
      const upper = Math.floor(time[i]! / TWO_32);
      words[at * 2] = time[i]! - upper * TWO_32;
      words[at * 2 + 1] = upper;
      doubles[at + 1] = open[i]!;
      doubles[at + 2] = high[i]!;
      doubles[at + 3] = low[i]!;
      doubles[at + 4] = close[i]!;
      doubles[at + 5] = volume[i]!;
      if (volume[i]! === volume[i]!) continue;
      words[at * 2 + 10] = 0;
      words[at * 2 + 11] = 0x7ff80000;
    }
    return this.#bytes.subarray(0, (to - from) * 48);
  }
}

/**
 * SHA-256 over all bars: for each symbol in byte order `utf8(vt_symbol) + 0x00`, then per bar ascending int64-LE UTC ms
 * and five float64-LE values o, h, l, c, v (unknown volume = NaN 0x7ff8000000000000). Source: ml.md 6.3. Assumes a
 * little-endian machine, as Node supports no other in practice.
 */
export function datasetHash(series: readonly BarSeries[]): string {
  const sorted = [...series].sort((a, b) => (a.vtSymbol < b.vtSymbol ? -1 : a.vtSymbol > b.vtSymbol ? 1 : 0));
  const digest = createHash('sha256');
  const chunk = new Chunk(Math.min(ROWS_PER_CHUNK, Math.max(0, ...sorted.map((bars) => bars.time.length))));
  for (const bars of sorted) {
    digest.update(`${bars.vtSymbol}\0`, 'utf8');
    for (let from = 0; from < bars.time.length; from += ROWS_PER_CHUNK)
      digest.update(chunk.of(bars, from, Math.min(from + ROWS_PER_CHUNK, bars.time.length)));
  }
  return digest.digest('hex');
}
