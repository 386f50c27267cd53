export type * from './recipe.ts';
export { engineOf } from './engines.ts';
export { normaliseRecipe } from './normalise.ts';
export type { RiskBlock } from './risk-block.ts';
