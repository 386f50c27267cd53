export { PLOT_KINDS, plotFigure, type PlotFigure, type PlotKind, type PlotTrace } from './plot-figure.ts';
export { renderTearSheet } from './render-tear-sheet.ts';
export type {
  BenchmarkColumns,
  EquityColumns,
  Instant,
  Metrics,
  RoundTripRow,
  TearSheetHashes,
  TearSheetInput,
  TearSheetRun,
  TearSheetWarning,
} from './tear-sheet-input.ts';
