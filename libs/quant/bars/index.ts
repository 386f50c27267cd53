export { INTERVAL_MS, type BarSeries, type Interval } from './bars.ts';
