/** Stored intervals. */
export type Interval = 'tick' | '1s' | '5s' | '10s' | '1m' | '5m' | '15m' | '1h' | '1d' | '1w';

/**
 * Length of an intraday interval in milliseconds; undefined for `tick`, `1d` and `1w`, whose length the calendar
 * decides.
 */
export const INTERVAL_MS: Readonly<Record<Interval, number | undefined>> = {
  tick: undefined,
  '1s': 1_000,
  '5s': 5_000,
  '10s': 10_000,
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '1h': 3_600_000,
  '1d': undefined,
  '1w': undefined,
};

/**
 * Bars of one symbol as columns of equal length, ascending by `time` without repeats.
 * `time` is the label in milliseconds UTC: session date at 00:00Z for daily bars, the bar's open for intraday bars.
 * Prices are in instrument currency per unit, `volume` in units; NaN means unknown.
 */
export interface BarSeries {
  readonly vtSymbol: string;
  readonly time: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}
