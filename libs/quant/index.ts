export * from './bars/index.ts';
export * from './strategy/index.ts';
export * from './recipe/index.ts';
export * from './engine/index.ts';
export * from './metrics/index.ts';
export * from './random/index.ts';
export { componentCatalog, type CatalogEntry, type ComponentSpec, type Stage } from './models/index.ts';
export * from './replay/index.ts';
