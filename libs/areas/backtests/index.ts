export { BACKTEST } from './backtest.resource.ts';
export { BacktestsModule } from './backtests.module.ts';
