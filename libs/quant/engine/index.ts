export type * from './types.ts';
export { comparisonRows } from './comparison.ts';
export { equityRows } from './equity-table.ts';
export { CHAIN_START, chainStep } from './event-log.ts';
export { BacktestFailure, LookAheadError } from './failure.ts';
export { deriveComparison, type DerivedComparison } from './older-runs.ts';
export { ENGINE_VERSION, identifyRun, runHash } from './prepare.ts';
export { buildModels, runBacktest, runStrategy } from './run.ts';
export { signalRows } from './signal-table.ts';
