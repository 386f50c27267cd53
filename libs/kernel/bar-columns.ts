/** Bars that came with a request, as columns; row i of every column is one bar, in the order sent. */
export interface BarColumns {
  readonly length: number;
  /** Distinct symbols as written, in order of appearance. */
  readonly symbols: readonly string[];
  /** Index into `symbols`. */
  readonly symbol: Uint32Array;
  /**
   * Milliseconds UTC, of a date its midnight; a time without an offset as if it were UTC. NaN where the text was
   * neither date nor instant.
   */
  readonly time: Float64Array;
  /** Minutes east of UTC as written; NaN where the text names no offset. */
  readonly offset: Float32Array;
  /** 1 where `time` was a date. */
  readonly isDate: Uint8Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** NaN: unknown. */
  readonly volume: Float64Array;
}
