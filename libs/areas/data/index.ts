export { type BarsRead, BarsReader, type BarsRequest } from './bars-reader.ts';
export { DataModule } from './data.module.ts';
export { type CloseHistory, InstrumentRegistry } from './instrument-registry.ts';
