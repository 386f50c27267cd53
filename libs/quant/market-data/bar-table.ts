/**
 * Bars of one symbol and interval as columns of equal length, ascending by `time`. `time`: label in ms UTC (session
 * date at 00:00Z for daily and weekly bars, the bar's open otherwise). `sessionDay`: days since 1970 of the
 * exchange-local session. NaN means unknown.
 */
export interface BarTable {
  readonly time: Float64Array;
  readonly sessionDay: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  readonly vwap: Float64Array;
  readonly tradeCount: Float64Array;
  /** 1 where the bucket was cut by a session's end or is not over yet. */
  readonly partial?: Uint8Array;
  /** 1 where no bar was stored and the row was filled in. */
  readonly filled?: Uint8Array;
}

export const NUMBER_COLUMNS = [
  'time',
  'sessionDay',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'vwap',
  'tradeCount',
] as const;

/** Rows `from` (inclusive) to `to` (exclusive), without copying. */
export function sliceTable(table: BarTable, from: number, to: number): BarTable {
  const columns = Object.fromEntries(
    NUMBER_COLUMNS.map((name) => [name, table[name].subarray(from, to)]),
  ) as unknown as BarTable;
  return {
    ...columns,
    ...(table.partial ? { partial: table.partial.subarray(from, to) } : {}),
    ...(table.filled ? { filled: table.filled.subarray(from, to) } : {}),
  };
}

/** Rows that `keep` names, in order. */
export function pickRows(table: BarTable, rows: ArrayLike<number>): BarTable {
  const pick = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row]!);
  return Object.fromEntries(NUMBER_COLUMNS.map((name) => [name, pick(table[name])])) as unknown as BarTable;
}

/** Index of the first row with `column[row] >= value`. */
export function lowerBound(column: Float64Array, value: number): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
