import { type DuckDBConnection, type DuckDBDataChunk, DuckDBTypeId, type DuckDBValue } from '@duckdb/node-api';

/** A result as columns: DOUBLE columns as typed arrays (null is NaN), named texts as codes, all others as values. */
export interface Columns {
  readonly rows: number;
  /** In memory that threads share. Throws when the column is not DOUBLE. */
  numbers(name: string): Float64Array;
  /** Throws when the column was not asked for as text. */
  texts(name: string): TextColumn;
  values(name: string): readonly DuckDBValue[];
}

/** Texts without null, of which few are distinct. */
export interface TextColumn {
  readonly names: readonly string[];
  /** Index into `names`, per row. */
  readonly codes: Uint32Array;
}

export interface TextRun {
  readonly value: string;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

type Vector = ReturnType<DuckDBDataChunk['getColumnVector']>;

/**
 * Runs a query and collects its columns a chunk at a time, so that no large result holds up the event loop. `texts`:
 * columns to collect as codes.
 */
export async function readColumns(
  connection: DuckDBConnection,
  sql: string,
  values: DuckDBValue[] = [],
  texts: readonly string[] = [],
): Promise<Columns> {
  const result = await connection.stream(sql, values);
  const names = result.columnNames();
  const columns = names.map((name, i) =>
    texts.includes(name) ? new Texts() : result.columnTypeId(i) === DuckDBTypeId.DOUBLE ? new Numbers() : new Values(),
  );
  let rows = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (let i = 0; i < columns.length; i++) columns[i]!.take(chunk.getColumnVector(i), chunk.rowCount);
    rows += chunk.rowCount;
  }
  const column = <C extends Numbers | Texts | Values>(name: string, kind: new () => C): C => {
    const found = columns[names.indexOf(name)];
    if (!(found instanceof kind)) throw new Error(`the result has no column ${name} of this kind`);
    return found;
  };
  return {
    rows,
    numbers: (name) => column(name, Numbers).joined(rows),
    values: (name) => column(name, Values).all,
    texts: (name) => ({ names: [...column(name, Texts).names.keys()], codes: column(name, Texts).joined(rows) }),
  };
}

/** Stretches of equal text in a column that the query ordered by. */
export function textRuns({ names, codes }: TextColumn): TextRun[] {
  const runs: TextRun[] = [];
  for (let from = 0, to = 1; from < codes.length; from = to++) {
    while (to < codes.length && codes[to] === codes[from]) to++;
    runs.push({ value: names[codes[from]!]!, from, to });
  }
  return runs;
}

class Numbers {
  readonly #pieces: Float64Array[] = [];

  take(vector: Vector, rows: number): void {
    const piece = new Float64Array(rows);
    for (let i = 0; i < rows; i++) piece[i] = (vector.getItem(i) as number | null) ?? Number.NaN;
    this.#pieces.push(piece);
  }

  joined(rows: number): Float64Array {
    const all = new Float64Array(new SharedArrayBuffer(rows * Float64Array.BYTES_PER_ELEMENT));
    let at = 0;
    for (const piece of this.#pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }
}

class Texts {
  readonly names = new Map<string, number>();
  readonly #pieces: Uint32Array[] = [];

  take(vector: Vector, rows: number): void {
    const piece = new Uint32Array(rows);
    for (let i = 0; i < rows; i++) piece[i] = this.#code(String(vector.getItem(i)));
    this.#pieces.push(piece);
  }

  joined(rows: number): Uint32Array {
    const all = new Uint32Array(new SharedArrayBuffer(rows * Uint32Array.BYTES_PER_ELEMENT));
    let at = 0;
    for (const piece of this.#pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }

  #code(name: string): number {
    let code = this.names.get(name);
    if (code === undefined) this.names.set(name, (code = this.names.size));
    return code;
  }
}

class Values {
  readonly all: DuckDBValue[] = [];

  take(vector: Vector, rows: number): void {
    for (let i = 0; i < rows; i++) this.all.push(vector.getItem(i) as DuckDBValue);
  }
}
