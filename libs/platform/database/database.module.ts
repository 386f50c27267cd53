import { type DynamicModule, Global, Module } from '@nestjs/common';
import { DatabaseConfig } from '#platform/config';
import { AppPool } from './app-pool.ts';
import { Connections } from './connections.ts';
import { DatabaseServer } from './database-server.ts';
import { OwnerPool, SealerPool } from './pools.ts';
import { TenantTransaction } from './tenant-transaction.ts';

/**
 * Connections of every role. The server is opened by the process's main, before the container exists, and closed after
 * it.
 */
@Global()
@Module({})
export class DatabaseModule {
  static forRoot(server: DatabaseServer): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [
        { provide: DatabaseServer, useValue: server },
        {
          provide: AppPool,
          inject: [DatabaseConfig],
          useFactory: (config: DatabaseConfig) =>
            new AppPool(server.urls.app, { size: config.poolSize, prepare: !config.pooled }),
        },
        { provide: Connections, inject: [AppPool], useFactory: (pool: AppPool) => new Connections(pool) },
        { provide: OwnerPool, useFactory: () => new OwnerPool(server.directOwnerUrl) },
        {
          provide: SealerPool,
          inject: [DatabaseConfig],
          useFactory: (config: DatabaseConfig) => new SealerPool(server.urls.sealer, { prepare: !config.pooled }),
        },
        { provide: TenantTransaction, inject: [AppPool], useFactory: (pool: AppPool) => new TenantTransaction(pool) },
      ],
      exports: [AppPool, Connections, DatabaseServer, OwnerPool, SealerPool, TenantTransaction],
    };
  }
}
