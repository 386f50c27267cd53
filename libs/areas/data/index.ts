export { type BarsRead, BarsReader, type BarsRequest } from './bars-reader.ts';
export { DataModule } from './data.module.ts';
export { FileActionRecorder, type StatedAction } from './file-action-recorder.ts';
export { type CloseHistory, InstrumentRegistry } from './instrument-registry.ts';
