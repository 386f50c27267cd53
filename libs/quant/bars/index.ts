export { INTERVAL_MS, type BarSeries, type Interval } from './bars.ts';
export { datasetHash } from './dataset-hash.ts';
export { barColumnsToSeries, barLabel, inlineBarsToSeries, type InlineBar } from './inline-bars.ts';
