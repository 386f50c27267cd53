import type { DuckDBConnection } from '@duckdb/node-api';

/** Rows of one file that a later row with the same key and other values replaces. */
export interface ReplacedRows {
  readonly count: number;
  /** Of the first of them; null when there is none. */
  readonly firstLine: number | null;
  /** Its key: symbol, interval and time. */
  readonly firstKey: string | null;
}

export const NO_REPLACED: ReplacedRows = { count: 0, firstLine: null, firstKey: null };

/** Counts them in the staged rows. Equal rows do not count: they say the same twice. */
export async function replacedRows(connection: DuckDBConnection, accepted: readonly string[]): Promise<ReplacedRows> {
  if (accepted.length === 0) return NO_REPLACED;
  const rows = `read_parquet([${accepted.map((path) => `'${path.replaceAll("'", "''")}'`).join(', ')}])`;
  const result = await connection.runAndReadAll(
    `SELECT CAST(count(*) AS DOUBLE), CAST(min(_line) AS DOUBLE), arg_min(vt_symbol || ' ' || interval || ' ' ||
      strftime(timestamp, '%Y-%m-%dT%H:%M:%SZ'), _line) FROM (
       SELECT vt_symbol, interval, timestamp, _line, value <> first_value(value) OVER (PARTITION BY vt_symbol, interval,
         timestamp ORDER BY _line DESC) AS differs
       FROM (SELECT vt_symbol, interval, timestamp, _line, hash(open, high, low, close, volume, vwap, trade_count,
         currency) AS value FROM ${rows})
       SEMI JOIN (SELECT vt_symbol, interval, timestamp FROM
       ${rows} GROUP BY ALL HAVING count(*) > 1) USING (vt_symbol, interval, timestamp)
     ) WHERE differs`,
  );
  const [count, firstLine, firstKey] = result.getRows()[0] as [number, number | null, string | null];
  return { count, firstLine, firstKey };
}

/** True when more rows replaced others than the run accepts. */
export function tooManyReplaced(rowsRead: number, replaced: number, maxRatio: number): boolean {
  return rowsRead > 0 && replaced / rowsRead > maxRatio;
}
