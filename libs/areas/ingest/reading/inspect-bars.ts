import type { DuckDBConnection } from '@duckdb/node-api';
import { outlierReturns, stalePrices } from '#quant/market-data';
import { type RunWarning, Tally } from './tally.ts';

/** Stored closes before the batch, oldest first, and the ex-dates (days since 1970) of a symbol's actions. */
export interface SymbolHistory {
  readonly vtSymbol: string;
  readonly interval: string;
  readonly closes: Float64Array;
  readonly exDays: readonly number[];
}

interface Series {
  key: string;
  times: number[];
  closes: number[];
  volumes: number[];
  lines: number[];
  days: number[];
}

/** Warnings that need a whole series in order: `outlier_return` and `stale_price`. */
export async function inspectBars(
  connection: DuckDBConnection,
  accepted: readonly string[],
  histories: readonly SymbolHistory[],
): Promise<RunWarning[]> {
  const known = new Map(histories.map((history) => [`${history.vtSymbol} ${history.interval}`, history]));
  const tally = new Tally();
  const files = accepted.map((path) => `'${path.replaceAll("'", "''")}'`);
  const result = await connection.stream(
    `SELECT vt_symbol || ' ' || interval, CAST(epoch_us(timestamp) AS DOUBLE), close, coalesce(volume, 'NaN'::DOUBLE),
      CAST(_line AS DOUBLE), CAST(session_date - DATE '1970-01-01' AS DOUBLE)
     FROM read_parquet([${files.join(', ')}]) ORDER BY vt_symbol, interval, timestamp, _line`,
  );
  let series = newSeries('');
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    const [keys, times, closes, volumes, lines, days] = chunk.getColumns() as [
      string[],
      number[],
      number[],
      number[],
      number[],
      number[],
    ];
    for (let i = 0; i < keys.length; i++) {
      if (series.key !== keys[i]) {
        inspect(series, known.get(series.key), tally);
        series = newSeries(keys[i]!);
      }
      // Of several rows of one time the last is stored.
      const at = series.times.at(-1) === times[i] ? series.times.length - 1 : series.times.length;
      series.times[at] = times[i]!;
      series.closes[at] = closes[i]!;
      series.volumes[at] = volumes[i]!;
      series.lines[at] = lines[i]!;
      series.days[at] = days[i]!;
    }
  }
  inspect(series, known.get(series.key), tally);
  return tally.warnings();
}

function newSeries(key: string): Series {
  return { key, times: [], closes: [], volumes: [], lines: [], days: [] };
}

function inspect(series: Series, history: SymbolHistory | undefined, tally: Tally): void {
  const before = history?.closes ?? new Float64Array(0);
  const closes = Float64Array.from({ length: before.length + series.closes.length }, (_, i) =>
    i < before.length ? before[i]! : series.closes[i - before.length]!,
  );
  const exDays = new Set(history?.exDays ?? []);
  const rows = outlierReturns(
    closes,
    (row) => row >= before.length && exDays.has(series.days[row - before.length]!),
  ).filter((row) => row >= before.length);
  for (const row of rows) tally.warn('outlier_return', series.lines[row - before.length]!);
  for (const row of stalePrices(Float64Array.from(series.closes), Float64Array.from(series.volumes)))
    tally.warn('stale_price', series.lines[row]!);
}
