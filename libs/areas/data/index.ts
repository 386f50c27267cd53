export { type BarsRead, BarsReader, type BarsRequest } from './bars-reader.ts';
export { DataModule } from './data.module.ts';
export { type CloseHistory, InstrumentRegistry, type StatedAction } from './instrument-registry.ts';
