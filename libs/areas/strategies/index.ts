export { type RecipeSource, type StrategySpec, readStrategySpec } from './strategy-spec.ts';
export { StrategiesModule } from './strategies.module.ts';
export type { StrategyTestOutcome } from './strategy-test-outcome.ts';
export { StrategyTestsService } from './strategy-tests.service.ts';
export { STRATEGY } from './strategy.resource.ts';
export type { StrategyVersion } from './strategy.ts';
