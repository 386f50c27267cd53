import { type DuckDBConnection, type DuckDBDataChunk, DuckDBDoubleVector, type DuckDBValue } from '@duckdb/node-api';

/** A result as columns: DOUBLE columns as typed arrays (null is NaN), all others as values. */
export interface Columns {
  readonly rows: number;
  /** Throws when the column is not DOUBLE. */
  numbers(name: string): Float64Array;
  values(name: string): readonly DuckDBValue[];
}

/** Runs a query and collects its columns without making a JavaScript object per value. */
export async function readColumns(connection: DuckDBConnection, sql: string, values: DuckDBValue[] = []): Promise<Columns> {
  const result = await connection.run(sql, values);
  const names = result.columnNames();
  const chunks = await result.fetchAllChunks();
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
  const indexOf = (name: string): number => {
    const index = names.indexOf(name);
    if (index < 0) throw new Error(`the result has no column ${name}`);
    return index;
  };
  return {
    rows,
    numbers: (name) => doubles(chunks, indexOf(name), rows),
    values: (name) => {
      const index = indexOf(name);
      return chunks.flatMap((chunk) => chunk.getColumnValues(index));
    },
  };
}

function doubles(chunks: readonly DuckDBDataChunk[], column: number, rows: number): Float64Array {
  const result = new Float64Array(rows);
  let at = 0;
  for (const chunk of chunks) {
    const vector = chunk.getColumnVector(column);
    if (!(vector instanceof DuckDBDoubleVector)) throw new Error('the column is not DOUBLE');
    const { rowCount } = chunk;
    for (let i = 0; i < rowCount; i++) result[at + i] = vector.getItem(i) ?? Number.NaN;
    at += rowCount;
  }
  return result;
}
