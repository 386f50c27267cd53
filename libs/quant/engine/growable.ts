/** Room for at least `length` elements, by doubling. */
export function grown<T extends Float64Array | Int32Array | Int16Array | Int8Array>(column: T, length: number): T {
  if (length <= column.length) return column;
  const larger = new (column.constructor as new (length: number) => T)(Math.max(length, column.length * 2, 1_024));
  larger.set(column);
  return larger;
}
