import type { StrategyTestStatus } from './strategy.ts';

/** Copies of the headline numbers of a test's backtest. */
export interface StrategyTestOutcome {
  status: StrategyTestStatus;
  sharpe: number | null;
  sortino: number | null;
  maxDrawdown: number | null;
  totalReturn: number | null;
  finalEquity: number | null;
  completedAt: Date;
}
