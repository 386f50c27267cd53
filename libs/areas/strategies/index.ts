export { RecipeReader } from './recipe-reader.ts';
export { StrategiesModule } from './strategies.module.ts';
export type { StrategyTestOutcome } from './strategy-test-outcome.ts';
export { StrategyTestsService } from './strategy-tests.service.ts';
export { STRATEGY } from './strategy.resource.ts';
export type { StrategyVersion } from './strategy.ts';
