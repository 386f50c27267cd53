import { Module } from '@nestjs/common';
import { RecipeReader } from './recipe-reader.ts';
import { StrategiesController } from './strategies.controller.ts';
import { StrategiesRepository } from './strategies.repository.ts';
import { StrategiesService } from './strategies.service.ts';
import { StrategyHistoryController } from './strategy-history.controller.ts';
import { StrategyTestsRepository } from './strategy-tests.repository.ts';
import { StrategyTestsService } from './strategy-tests.service.ts';
import { StrategyViewsRepository } from './strategy-views.repository.ts';
import { StrategyViewsService } from './strategy-views.service.ts';

@Module({
  controllers: [StrategiesController, StrategyHistoryController],
  providers: [
    RecipeReader,
    StrategiesRepository,
    StrategiesService,
    StrategyTestsRepository,
    StrategyTestsService,
    StrategyViewsRepository,
    StrategyViewsService,
  ],
  exports: [RecipeReader, StrategyTestsService],
})
export class StrategiesModule {}
