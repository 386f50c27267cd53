/** Endings that say how a file is written or packed, never what it holds. */
const ENDING = /\.(csv|tsv|psv|txt|prn|json|ndjson|jsonl|parquet|pq|arrow|arrows|feather|ipc|gz|gzip|zst|zstd|zip)$/i;

/** The name of a file without its folders and endings: `AAPL_NASDAQ` of `daily/AAPL_NASDAQ.csv.gz`. */
export function stemOf(filename: string): string {
  let stem = filename.split(/[\\/]/).pop() ?? '';
  while (ENDING.test(stem)) stem = stem.replace(ENDING, '');
  return stem;
}
