import type { BarSeries } from '#quant/bars';

const COLUMNS = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;

/**
 * Bars as bytes: a JSON line `[[vt_symbol, rows], …]`, padded with blanks to a multiple of 8, then per symbol the columns time, open,
 * high, low, close, volume as little-endian float64. Every platform that Node runs on is little-endian.
 */
export function packBars(series: readonly BarSeries[]): Buffer {
  const header = `${JSON.stringify(series.map((bars) => [bars.vtSymbol, bars.time.length]))}\n`;
  const padded = header.padStart(Math.ceil(header.length / 8) * 8, ' ');
  const columns = series.flatMap((bars) => COLUMNS.map((column) => bars[column]));
  return Buffer.concat([Buffer.from(padded, 'latin1'), ...columns.map((column) => new Uint8Array(column.buffer, column.byteOffset, column.byteLength))]);
}

/** The inverse of packBars. The columns are copies on an aligned buffer of their own. */
export function unpackBars(bytes: Uint8Array): BarSeries[] {
  const end = bytes.indexOf(10) + 1;
  const header = JSON.parse(Buffer.from(bytes.subarray(0, end)).toString('latin1')) as [string, number][];
  const values = new Float64Array(Uint8Array.prototype.slice.call(bytes, end).buffer);
  let at = 0;
  const column = (rows: number): Float64Array => values.slice(at, (at += rows));
  return header.map(([vtSymbol, rows]) => ({
    vtSymbol, time: column(rows), open: column(rows), high: column(rows), low: column(rows), close: column(rows), volume: column(rows),
  }));
}
