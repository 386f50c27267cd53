export { METRIC_KEYS, type MetricKey, type Metrics } from './metrics.ts';
