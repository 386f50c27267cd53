export { BACKTEST } from './backtest.resource.ts';
export { BacktestsModule } from './backtests.module.ts';
export { ReportService } from './report.service.ts';
