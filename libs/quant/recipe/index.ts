export type * from './recipe.ts';
