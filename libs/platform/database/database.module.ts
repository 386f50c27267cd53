import { type DynamicModule, Global, Module } from '@nestjs/common';
import { DataSource, type EntitySchema } from 'typeorm';
import { DatabaseConfig } from '#platform/config';
import { Connections } from './connections.ts';
import { DatabaseServer } from './database-server.ts';
import { OwnerPool, SealerPool } from './pools.ts';
import { TenantTransaction } from './tenant-transaction.ts';

export type EntityClass = Function | EntitySchema;

/** Connections of every role. The server is opened by the process's main, before the container exists, and closed after it. */
@Global()
@Module({})
export class DatabaseModule {
  static forRoot(server: DatabaseServer, entities: EntityClass[]): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [
        { provide: DatabaseServer, useValue: server },
        {
          provide: DataSource,
          inject: [DatabaseConfig],
          useFactory: (config: DatabaseConfig) => new DataSource({
            type: 'postgres', url: server.urls.app, entities, poolSize: config.poolSize, poolErrorHandler: () => undefined,
            // Without this the driver looks for uuid-ossp and hstore with privileges that the application role lacks.
            installExtensions: false,
          }).initialize(),
        },
        { provide: Connections, inject: [DataSource], useFactory: (source: DataSource) => new Connections(source) },
        { provide: OwnerPool, useFactory: () => new OwnerPool(server.directOwnerUrl) },
        { provide: SealerPool, useFactory: () => new SealerPool(server.urls.sealer) },
        { provide: TenantTransaction, inject: [DataSource], useFactory: (source: DataSource) => new TenantTransaction(source) },
      ],
      exports: [Connections, DatabaseServer, DataSource, OwnerPool, SealerPool, TenantTransaction],
    };
  }
}
