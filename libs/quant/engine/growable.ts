/** Small runs are the many. */
const FIRST = 128;

/** Room for at least `length` elements, by doubling. */
export function grown<T extends Float64Array | Int32Array | Int16Array | Int8Array>(column: T, length: number): T {
  if (length <= column.length) return column;
  const larger = new (column.constructor as new (length: number) => T)(Math.max(length, column.length * 2, FIRST));
  larger.set(column);
  return larger;
}

/** Makes room for at least `length` rows in every column of a table. */
export function growColumns(columns: Record<string, Float64Array | Int32Array | Int16Array | Int8Array>, length: number): void {
  for (const name of Object.keys(columns)) columns[name] = grown(columns[name]!, length);
}

/** Small whole numbers for the few different values of a column, in the order they come. */
export class Codes<T> {
  readonly #values: T[] = [];

  of(value: T): number {
    const code = this.#values.indexOf(value);
    return code < 0 ? this.#values.push(value) - 1 : code;
  }

  at(code: number): T {
    return this.#values[code]!;
  }
}
