import { join } from 'node:path';
import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { LakeConfig } from '#platform/config';
import { DatasetVersionsRepository } from './dataset-versions.repository.ts';
import { DuckDBEngine } from './duckdb-engine.ts';
import { LakeCatalogue } from './lake-catalogue.ts';
import { LakeCommitsRepository } from './lake-commits.repository.ts';
import { LakeProbe } from './lake.probe.ts';
import { LakeReader } from './lake-reader.ts';
import { LakeWriter } from './lake-writer.ts';
import { PostgresLakeCatalogue } from './postgres-lake-catalogue.repository.ts';

@Global()
@Module({
  providers: [
    {
      provide: DuckDBEngine,
      inject: [LakeConfig],
      useFactory: ({ threads, memory, staging }: LakeConfig) =>
        new DuckDBEngine({ threads, memory, spillDirectory: join(staging, 'spill') }),
    },
    { provide: LakeCatalogue, useClass: PostgresLakeCatalogue },
    LakeCommitsRepository,
    DatasetVersionsRepository,
    LakeProbe,
    LakeWriter,
    LakeReader,
  ],
  exports: [DuckDBEngine, LakeCatalogue, LakeWriter, LakeReader],
})
export class LakeModule implements OnApplicationShutdown {
  constructor(@Inject(DuckDBEngine) private readonly engine: DuckDBEngine) {}

  async onApplicationShutdown(): Promise<void> {
    await this.engine.close();
  }
}
