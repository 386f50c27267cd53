import { Global, Module } from '@nestjs/common';
import { Clock } from '#kernel';
import { EnvironmentConfig, StorageConfig } from '#platform/config';
import { ArtifactStorage } from './artifact-storage.ts';
import { DiskObjectStore } from './disk-object-store.ts';
import { ObjectStore } from './object-store.ts';
import { StorageProbe } from './storage.probe.ts';

@Global()
@Module({
  providers: [
    {
      provide: ObjectStore,
      inject: [EnvironmentConfig, StorageConfig, Clock],
      useFactory: async ({ dataDir }: EnvironmentConfig, { s3 }: StorageConfig, clock: Clock): Promise<ObjectStore> => {
        if (s3 === undefined) return new DiskObjectStore(dataDir, clock);
        // The SDK takes a noticeable part of the start, so only who names a bucket loads it.
        const { S3ObjectStore } = await import('./s3-object-store.ts');
        return new S3ObjectStore(s3);
      },
    },
    ArtifactStorage,
    StorageProbe,
  ],
  exports: [ArtifactStorage, ObjectStore],
})
export class StorageModule {}
