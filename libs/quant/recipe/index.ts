export type * from './recipe.ts';
export { engineMatrix, type EngineCapabilities } from './engines.ts';
export { normaliseRecipe } from './normalise.ts';
