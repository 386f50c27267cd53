export type * from './recipe.ts';
export { engineMatrix, engineOf, type EngineCapabilities } from './engines.ts';
export { normaliseRecipe } from './normalise.ts';
export type { RiskBlock } from './risk-block.ts';
