import { Module } from '@nestjs/common';
import { DataModule } from '#areas/data';
import { StrategiesModule } from '#areas/strategies';
import { ArtifactReader } from './artifact-reader.ts';
import { ArtifactsRepository } from './artifacts.repository.ts';
import { BacktestInputs } from './backtest-inputs.ts';
import { BacktestResultsController } from './backtest-results.controller.ts';
import { BacktestResultsService } from './backtest-results.service.ts';
import { BacktestViewsRepository } from './backtest-views.repository.ts';
import { BacktestViewsService } from './backtest-views.service.ts';
import { BacktestRuntime } from './backtest.runtime.ts';
import { BacktestsController } from './backtests.controller.ts';
import { BacktestsRepository } from './backtests.repository.ts';
import { EngineThreads } from './engine/engine-threads.ts';
import { NotBuiltController } from './not-built.controller.ts';
import { PrepareBacktestPipe } from './prepare-backtest.pipe.ts';
import { ReplayBacktestJob } from './replay-backtest.job.ts';
import { ReportService } from './report.service.ts';
import { ReportsController } from './reports.controller.ts';
import { RunBacktestJob } from './run-backtest.job.ts';
import { StrategyTestsController } from './strategy-tests.controller.ts';
import { TestStrategyService } from './test-strategy.service.ts';

@Module({
  imports: [DataModule, StrategiesModule],
  controllers: [
    BacktestsController,
    BacktestResultsController,
    ReportsController,
    StrategyTestsController,
    NotBuiltController,
  ],
  providers: [
    ArtifactReader,
    ArtifactsRepository,
    BacktestInputs,
    BacktestResultsService,
    BacktestRuntime,
    BacktestViewsRepository,
    BacktestViewsService,
    BacktestsRepository,
    EngineThreads,
    PrepareBacktestPipe,
    ReplayBacktestJob,
    ReportService,
    RunBacktestJob,
    TestStrategyService,
  ],
  exports: [ReportService],
})
export class BacktestsModule {}
