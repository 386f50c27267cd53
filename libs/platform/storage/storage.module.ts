import { Global, Module } from '@nestjs/common';
import { EnvironmentConfig } from '#platform/config';
import { ArtifactStorage } from './artifact-storage.ts';

@Global()
@Module({
  providers: [
    {
      provide: ArtifactStorage,
      inject: [EnvironmentConfig],
      useFactory: (environment: EnvironmentConfig) => new ArtifactStorage(environment.dataDir),
    },
  ],
  exports: [ArtifactStorage],
})
export class StorageModule {}
