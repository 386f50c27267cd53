import { Global, Module } from '@nestjs/common';
import { EnvironmentConfig } from '#platform/config';
import { ArtifactStorage } from './artifact-storage.ts';
import { DiskObjectStore } from './disk-object-store.ts';
import { ObjectStore } from './object-store.ts';
import { StorageProbe } from './storage.probe.ts';

@Global()
@Module({
  providers: [
    {
      provide: ObjectStore,
      inject: [EnvironmentConfig],
      useFactory: (environment: EnvironmentConfig) => new DiskObjectStore(environment.dataDir),
    },
    ArtifactStorage,
    StorageProbe,
  ],
  exports: [ArtifactStorage, ObjectStore],
})
export class StorageModule {}
