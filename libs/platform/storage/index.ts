export { ArtifactStorage } from './artifact-storage.ts';
export { DiskObjectStore } from './disk-object-store.ts';
export { type ByteRange, ObjectStore, type PutOptions } from './object-store.ts';
export { ObjectExistsError, ObjectMissingError, StorageUnavailableError } from './storage-errors.ts';
export { StorageModule } from './storage.module.ts';
