import { Module } from '@nestjs/common';
import { YamlDocuments } from '#platform/yaml';
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
  providers: [StrategiesRepository, StrategiesService, StrategyTestsRepository, StrategyTestsService, StrategyViewsRepository, StrategyViewsService, YamlDocuments],
  exports: [StrategyTestsService],
})
export class StrategiesModule {}
