import { type DuckDBConnection, type DuckDBDataChunk, DuckDBDoubleVector, type DuckDBValue } from '@duckdb/node-api';

/** A result as columns: DOUBLE columns as typed arrays (null is NaN), all others as values. */
export interface Columns {
  readonly rows: number;
  /** Throws when the column is not DOUBLE. */
  numbers(name: string): Float64Array;
  values(name: string): readonly DuckDBValue[];
  /** Stretches of equal text in a column that the query ordered by, without reading every cell. */
  runs(name: string): readonly TextRun[];
}

export interface TextRun {
  readonly value: string;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
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
    runs: (name) => textRuns(chunks, indexOf(name)),
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

function textRuns(chunks: readonly DuckDBDataChunk[], column: number): TextRun[] {
  const runs: { value: string; from: number; to: number }[] = [];
  let at = 0;
  for (const chunk of chunks) {
    const vector = chunk.getColumnVector(column);
    for (let row = 0; row < chunk.rowCount; ) {
      const value = String(vector.getItem(row));
      const end = lastEqual(vector, row, chunk.rowCount - 1, value) + 1;
      const open = runs[runs.length - 1];
      if (open?.value === value) open.to = at + end;
      else runs.push({ value, from: at + row, to: at + end });
      row = end;
    }
    at += chunk.rowCount;
  }
  return runs;
}

/** Last row of a sorted stretch that still has the value of its first. */
function lastEqual(vector: ReturnType<DuckDBDataChunk['getColumnVector']>, first: number, last: number, value: string): number {
  let low = first;
  let high = last;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (String(vector.getItem(middle)) === value) low = middle;
    else high = middle - 1;
  }
  return low;
}
