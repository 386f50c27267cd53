const WINDOW = 60;
const MAD_FACTOR = 8;
const JUMP = 0.5;

/**
 * Rows whose close jumps: with r = ln(c_t/c_{t−1}), m the median of the 60 returns before t and MAD the median of
 * abs(r_i − m) over them, flagged when MAD > 0 and abs(r_t) > 8·MAD, or when abs(c_t/c_{t−1} − 1) > 0.5; never where
 * `exempt` (an ex-date) says so. Source: data.md 14, V6. O(n · 60).
 */
export function outlierReturns(closes: Float64Array, exempt: (row: number) => boolean = () => false): number[] {
  const flagged: number[] = [];
  const recent = new Float64Array(WINDOW);
  const sorted = new Float64Array(WINDOW);
  for (let row = 1; row < closes.length; row++) {
    const ratio = closes[row]! / closes[row - 1]!;
    const r = Math.log(ratio);
    const before = row - 1;
    const jumps = Math.abs(ratio - 1) > JUMP || (before >= WINDOW && exceedsDeviation(sorted, r));
    if (jumps && !exempt(row)) flagged.push(row);
    const slot = before % WINDOW;
    if (before >= WINDOW) replaceSorted(sorted, WINDOW, recent[slot]!, r);
    else insertSorted(sorted, before, r);
    recent[slot] = r;
  }
  return flagged;
}

function exceedsDeviation(sorted: Float64Array, r: number): boolean {
  const median = (sorted[WINDOW / 2 - 1]! + sorted[WINDOW / 2]!) / 2;
  // Deviations grow outwards from the median, so the middle ones are found by merging the two halves.
  let left = WINDOW / 2 - 1;
  let right = WINDOW / 2;
  let previous = 0;
  let current = 0;
  for (let i = 0; i <= WINDOW / 2; i++) {
    previous = current;
    const down = left >= 0 ? median - sorted[left]! : Infinity;
    const up = right < WINDOW ? sorted[right]! - median : Infinity;
    if (down <= up) {
      current = down;
      left--;
    } else {
      current = up;
      right++;
    }
  }
  const mad = (previous + current) / 2;
  return mad > 0 && Math.abs(r) > MAD_FACTOR * mad;
}

function insertSorted(sorted: Float64Array, length: number, value: number): void {
  let at = length;
  while (at > 0 && sorted[at - 1]! > value) {
    sorted[at] = sorted[at - 1]!;
    at--;
  }
  sorted[at] = value;
}

function replaceSorted(sorted: Float64Array, length: number, old: number, value: number): void {
  let at = 0;
  while (at < length - 1 && sorted[at] !== old) at++;
  sorted.copyWithin(at, at + 1, length);
  insertSorted(sorted, length - 1, value);
}

/** First rows of runs of at least 20 equal closes with volume above 0 (data.md 14, V6). */
export function stalePrices(closes: Float64Array, volumes: Float64Array): number[] {
  const runs: number[] = [];
  let start = 0;
  for (let row = 1; row <= closes.length; row++) {
    if (row < closes.length && closes[row] === closes[start] && volumes[row]! > 0 && volumes[start]! > 0) continue;
    if (row - start >= 20 && volumes[start]! > 0) runs.push(start);
    start = row;
  }
  return runs;
}
