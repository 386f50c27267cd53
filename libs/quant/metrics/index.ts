export { METRIC_KEYS, type MetricKey, type Metrics } from './metrics.ts';
export { computeMetrics, type MetricsInput } from './compute.ts';
export { normalCdf, normalQuantile } from './normal.ts';
export { pairPeriods, type PairedReturns, type Pairing, type Pairs } from './pairs.ts';
export { daysOf, periodsPerYear, sampleRows, type SessionDays } from './periods.ts';
export { dsr, expectedMaximumSharpe, psr } from './sharpe-significance.ts';
export { deviation, drawdowns, quantile } from './statistics.ts';
