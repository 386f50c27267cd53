export { INTERVAL_MS, type BarSeries, type Interval } from './bars.ts';
export { datasetHash } from './dataset-hash.ts';
export { barLabel, barsToSeries, inlineBarsToSeries, parseDate, parseInstant, validateBars, type CheckedBar, type InlineBar } from './inline-bars.ts';
