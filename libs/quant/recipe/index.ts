export type * from './recipe.ts';
export { engineMatrix, type EngineCapabilities } from './engines.ts';
export { normaliseRecipe } from './normalise.ts';
export type { RiskBlock } from './risk-block.ts';
