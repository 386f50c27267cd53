import { createHash } from 'node:crypto';
import type { BarSeries } from './bars.ts';

const ROWS_PER_CHUNK = 16_384;
const TWO_32 = 4_294_967_296;

/**
 * SHA-256 over all bars: for each symbol in byte order `utf8(vt_symbol) + 0x00`, then per bar ascending int64-LE UTC ms and five float64-LE
 * values o, h, l, c, v (unknown volume = NaN 0x7ff8000000000000). Source: ml.md 6.3. Assumes a little-endian machine, as Node supports no other in practice.
 */
export function datasetHash(series: readonly BarSeries[]): string {
  const sorted = [...series].sort((a, b) => (a.vtSymbol < b.vtSymbol ? -1 : a.vtSymbol > b.vtSymbol ? 1 : 0));
  const digest = createHash('sha256');
  const buffer = new ArrayBuffer(ROWS_PER_CHUNK * 48);
  const doubles = new Float64Array(buffer);
  const words = new Uint32Array(buffer);
  const bytes = new Uint8Array(buffer);
  for (const bars of sorted) {
    digest.update(`${bars.vtSymbol}\0`, 'utf8');
    for (let from = 0; from < bars.time.length; from += ROWS_PER_CHUNK) {
      const to = Math.min(from + ROWS_PER_CHUNK, bars.time.length);
      for (let i = from, at = 0; i < to; i++, at += 6) {
        const time = bars.time[i]!;
        const high = Math.floor(time / TWO_32);
        words[at * 2] = time - high * TWO_32;
        words[at * 2 + 1] = high;
        doubles[at + 1] = bars.open[i]!;
        doubles[at + 2] = bars.high[i]!;
        doubles[at + 3] = bars.low[i]!;
        doubles[at + 4] = bars.close[i]!;
        const volume = bars.volume[i]!;
        if (volume === volume) doubles[at + 5] = volume;
        else {
          words[at * 2 + 10] = 0;
          words[at * 2 + 11] = 0x7ff80000;
        }
      }
      digest.update(bytes.subarray(0, (to - from) * 48));
    }
  }
  return digest.digest('hex');
}
