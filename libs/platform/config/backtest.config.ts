import type { EnvReader } from './env-reader.ts';

/** Limits of backtests (trading.md 9). */
export class BacktestConfig {
  /** Bar rows of one run; the engine takes 20 million at most. */
  readonly maxRows: number;
  /** Runs of one organization that may wait; the next one is 429 `run_quota_exceeded`. */
  readonly maxWaiting: number;

  constructor(env: EnvReader) {
    this.maxRows = env.integer('ALPHASWARM_BACKTEST_MAX_ROWS', 20_000_000, { min: 1, max: 20_000_000 });
    this.maxWaiting = env.integer('ALPHASWARM_BACKTEST_MAX_WAITING', 200, { min: 1 });
  }
}
