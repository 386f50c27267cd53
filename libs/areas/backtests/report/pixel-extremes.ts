/**
 * Rows to draw so that a line over `columns` pixels looks as if every row were drawn: first, lowest, highest and last
 * of each pixel column (M4: Jugel, Jerzak, Hackenbroich, Markl 2014). Not finite values are left out. `ts` ascends.
 */
export function pixelExtremes(ts: ArrayLike<number>, values: ArrayLike<number>, columns: number): number[] {
  const rows: number[] = [];
  const begin = ts[0] ?? 0;
  const width = ((ts[ts.length - 1] ?? 0) - begin) / columns;
  if (ts.length <= columns * 2 || !(width > 0)) {
    for (let i = 0; i < ts.length; i++) if (Number.isFinite(values[i])) rows.push(i);
    return rows;
  }
  let column = -1;
  let first = -1,
    low = -1,
    high = -1,
    last = -1;
  const flush = (): void => {
    if (first < 0) return;
    const [one, two] = low < high ? [low, high] : [high, low];
    rows.push(first);
    if (one !== first) rows.push(one);
    if (two !== one) rows.push(two);
    if (last !== two) rows.push(last);
  };
  for (let i = 0; i < ts.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    const at = Math.floor((ts[i]! - begin) / width);
    if (at !== column) {
      flush();
      column = at;
      first = low = high = last = i;
      continue;
    }
    if (value < values[low]!) low = i;
    if (value > values[high]!) high = i;
    last = i;
  }
  flush();
  return rows;
}

/** Lowest and highest value over all columns, NaN ignored; Infinity and -Infinity without a value. */
export function extent(columns: readonly Float64Array[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const column of columns) {
    for (const value of column) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}
