import type { BarSeries } from '#quant/bars';

const COLUMNS = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;

/**
 * Bars as bytes: a JSON line `[[vt_symbol, rows], …]`, padded with blanks to a multiple of 8, then per symbol the
 * columns time, open, high, low, close, volume as little-endian float64. Every platform that Node runs on is
 * little-endian. Threads share the memory.
 */
export function packBars(series: readonly BarSeries[]): Uint8Array {
  const header = `${JSON.stringify(series.map((bars) => [bars.vtSymbol, bars.time.length]))}\n`;
  const padded = header.padStart(Math.ceil(header.length / 8) * 8, ' ');
  const columns = series.flatMap((bars) => COLUMNS.map((column) => bars[column]));
  const packed = new Uint8Array(
    new SharedArrayBuffer(padded.length + columns.reduce((bytes, column) => bytes + column.byteLength, 0)),
  );
  packed.set(Buffer.from(padded, 'latin1'));
  let at = padded.length;
  for (const column of columns) {
    packed.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += column.byteLength;
  }
  return packed;
}

/** Where a symbol lies in packed bars: its six columns of `rows` values follow each other from byte `at` on. */
export interface PackedSeries {
  readonly vtSymbol: string;
  readonly rows: number;
  readonly at: number;
}

/** The layout of packed bars, from their header line or from all of them. */
export function packedLayout(bytes: Uint8Array): PackedSeries[] {
  const end = bytes.indexOf(10) + 1;
  let at = end;
  return (JSON.parse(Buffer.from(bytes.subarray(0, end)).toString('latin1')) as [string, number][]).map(
    ([vtSymbol, rows]) => {
      const series = { vtSymbol, rows, at };
      at += rows * COLUMNS.length * 8;
      return series;
    },
  );
}

/** Offset and length in bytes of the last `rows` values of every column, in the order of the columns. */
export function packedTail({ rows: stored, at }: PackedSeries, rows = stored): { at: number; bytes: number }[] {
  const bytes = Math.min(rows, stored) * 8;
  return COLUMNS.map((_, column) => ({ at: at + (column + 1) * stored * 8 - bytes, bytes }));
}

/** A series of the columns, as `packedTail` names them. They are copied, so that they need not be aligned. */
export function seriesOf(vtSymbol: string, columns: readonly Uint8Array[]): BarSeries {
  const [time, open, high, low, close, volume] = columns.map(
    (bytes) => new Float64Array(Uint8Array.prototype.slice.call(bytes).buffer),
  );
  return { vtSymbol, time: time!, open: open!, high: high!, low: low!, close: close!, volume: volume! };
}

/** The inverse of packBars; with `vtSymbols` of those only. */
export function unpackBars(bytes: Uint8Array, vtSymbols?: readonly string[]): BarSeries[] {
  return packedLayout(bytes)
    .filter(({ vtSymbol }) => vtSymbols?.includes(vtSymbol) ?? true)
    .map((packed) =>
      seriesOf(
        packed.vtSymbol,
        packedTail(packed).map((part) => bytes.subarray(part.at, part.at + part.bytes)),
      ),
    );
}
