export { ArtifactStorage } from './artifact-storage.ts';
export { StorageModule } from './storage.module.ts';
