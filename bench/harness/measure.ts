/** Median of a non-empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The smallest value that `percent` of a non-empty list do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]!;
}

/**
 * Mean seconds of one call of `work` over as many calls in a row as make up `atLeast` seconds, so that neither the
 * clock nor one collection decides it.
 */
export function timed(work: () => void, atLeast: number): number {
  const from = process.hrtime.bigint();
  let calls = 0;
  let seconds = 0;
  do {
    work();
    calls++;
    seconds = Number(process.hrtime.bigint() - from) / 1e9;
  } while (seconds < atLeast);
  return seconds / calls;
}

/** One side of a comparison: each sample is the seconds of one run. */
export interface Contender {
  name: string;
  sample(): Promise<number> | number;
}

/**
 * Asks the contenders in turn, round by round, so that a change of the machine's pace meets all of them. One that takes
 * longer than `onceAbove` seconds is not asked again. Samples by name.
 */
export async function alternate(
  contenders: readonly Contender[],
  rounds: number,
  onceAbove: number,
  onSample: (name: string, round: number) => void,
): Promise<Map<string, number[]>> {
  const samples = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const contender of contenders) {
      const taken = samples.get(contender.name)!;
      if (taken.length > 0 && taken[0]! > onceAbove) continue;
      onSample(contender.name, round);
      taken.push(await contender.sample());
    }
  }
  return samples;
}
