/**
 * One line of a benchmark's last-line JSON: our figure, the peer's, and ours / peer (for a time: peer / ours), so that
 * above 1 is always better.
 */
export interface BenchRow {
  case: string;
  ours: number;
  peer: number;
  peer_name: string;
  unit: string;
  ratio: number;
}

export interface BenchReport {
  bench: string;
  rows: BenchRow[];
}

/**
 * What `bench/<name>/index.ts` exports as `run`. It prints its tables itself; the runner prints the report as the last
 * line.
 */
export type Bench = (args: readonly string[]) => Promise<BenchReport>;

export function row(
  name: string,
  ours: number,
  peerName: string,
  peer: number,
  unit: string,
  better: 'more' | 'less' = 'more',
): BenchRow {
  const digits = (value: number): number => Number(value.toPrecision(5));
  return {
    case: name,
    ours: digits(ours),
    peer: digits(peer),
    peer_name: peerName,
    unit,
    ratio: digits(better === 'more' ? ours / peer : peer / ours),
  };
}

/** Lines of equal columns: text to the left, numbers to the right. */
export function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map((line) => (line[i] ?? '').length)));
  const numeric = head.map((_, i) => lines.every((line) => /^[-–+]?[\d ,.]*(?:x| %| s| ms)?$/.test(line[i] ?? '')));
  const format = (cells: readonly string[]): string =>
    ['', ...cells.map((cell, i) => (numeric[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))]
      .join('  ')
      .trimEnd();
  return [format(head), format(widths.map((width) => '-'.repeat(width))), ...lines.map(format)].join('\n');
}

/** `12 345 678`, or with decimals below 1 000. */
export function figure(value: number, decimals = value < 10 ? 2 : value < 1_000 ? 1 : 0): string {
  const [whole, fraction] = value.toFixed(decimals).split('.');
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, ' ');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
