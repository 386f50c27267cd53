export { ArtifactStorage } from './artifact-storage.ts';
export { FileArtifactStorage } from './file-artifact-storage.ts';
export { StorageModule } from './storage.module.ts';
