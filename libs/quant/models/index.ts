export { buildComponent, componentCatalog, findComponent, unknownComponent, type CatalogEntry } from './registry.ts';
export {
  lookback,
  moment,
  momentOf,
  number,
  vtSymbol,
  type AnyComponent,
  type ComponentSpec,
  type ModelEnvironment,
  type Stage,
} from './component.ts';
export { NO_FILLS, type CommissionModel, type CommissionState } from './commission/index.ts';
export type { SlippageInput, SlippageModel } from './slippage/index.ts';
export { sizeTargets, type SizedChange } from './execution/sizing.ts';
