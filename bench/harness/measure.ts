/** Median of a non-empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Seconds that `work` takes, the mean over `repeat` calls in a row. */
export function timed(work: () => void, repeat = 1): number {
  const from = process.hrtime.bigint();
  for (let i = 0; i < repeat; i++) work();
  return Number(process.hrtime.bigint() - from) / 1e9 / repeat;
}

/** How many calls in a row make a sample of at least `seconds`, so that the clock and one collection do not decide it. */
export function repeatsFor(once: number, seconds: number): number {
  return Math.max(1, Math.ceil(seconds / once));
}

/** One side of a comparison. `sample` gives one figure and is called again in every round, until `rounds` samples are there. */
export interface Contender {
  name: string;
  sample(): Promise<number> | number;
  /** Seconds that one sample took; slower ones than this are not asked again. */
  onceAbove?: number;
}

/** Asks the contenders in turn, round by round, so that a change of the machine's pace meets all of them. Samples by name. */
export async function alternate(contenders: readonly Contender[], rounds: number, onSample: (name: string, round: number) => void): Promise<Map<string, number[]>> {
  const samples = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  const done = new Set<string>();
  for (let round = 1; round <= rounds; round++) {
    for (const contender of contenders) {
      if (done.has(contender.name)) continue;
      onSample(contender.name, round);
      const from = performance.now();
      samples.get(contender.name)!.push(await contender.sample());
      if (contender.onceAbove !== undefined && performance.now() - from > contender.onceAbove * 1_000) done.add(contender.name);
    }
  }
  return samples;
}
