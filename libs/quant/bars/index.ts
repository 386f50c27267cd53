export { INTERVAL_MS, type BarSeries, type Interval } from './bars.ts';
export { datasetHash } from './dataset-hash.ts';
export { barColumnsToSeries, barLabel, inlineBarsToSeries, parseDate, parseInstant, type InlineBar } from './inline-bars.ts';
