export { adjust, type Adjustment, type AdjustmentWarning, type Normalization, type PriceAction } from './adjust.ts';
export { type BarTable, lowerBound, NUMBER_COLUMNS, pickRows, sliceTable } from './bar-table.ts';
export { type Fill, fillGaps } from './fill.ts';
export { type Coverage, coverage, type GapRange } from './gaps.ts';
export { type AnyInterval, dateOfDay, expectedLabels, intradayMs, periodOf, periodSessions } from './intervals.ts';
export { outlierReturns, stalePrices } from './outlier-returns.ts';
export { type Anchor, inSessions, isMultiple, resample, type SessionFilter } from './resample.ts';
export { type SyntheticBar, syntheticBars, type SyntheticOptions, syntheticSplits } from './synthetic.ts';
