import { resource } from '#platform/auth';

/** What a `{id}` under /backtests names. */
export const BACKTEST = resource('backtest', 'backtest_runs');
