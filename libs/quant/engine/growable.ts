/** Small runs are the many. */
const FIRST = 128;

/** Room for at least `length` elements, in fourfold steps: what is never touched takes no memory. */
export function grown<T extends Float64Array | Int32Array | Int8Array>(column: T, length: number): T {
  if (length <= column.length) return column;
  const larger = new (column.constructor as new (length: number) => T)(Math.max(length, column.length * 4, FIRST));
  larger.set(column);
  return larger;
}

/** Makes room for at least `length` rows in every column of a table. */
export function growColumns(columns: Record<string, Float64Array | Int32Array | Int8Array>, length: number): void {
  for (const name of Object.keys(columns)) columns[name] = grown(columns[name]!, length);
}

/** Whole numbers for the different values of a column, in the order they come. */
export class Codes<T> {
  readonly #values: T[] = [];
  readonly #codes = new Map<T, number>();

  of(value: T): number {
    let code = this.#codes.get(value);
    if (code === undefined) this.#codes.set(value, (code = this.#values.push(value) - 1));
    return code;
  }

  at(code: number): T {
    return this.#values[code]!;
  }
}
