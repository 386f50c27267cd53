export { AppPool, type Queries } from './app-pool.ts';
export { Connections } from './connections.ts';
export { DatabaseModule } from './database.module.ts';
export { DatabaseServer } from './database-server.ts';
export { EmbeddedCluster } from './embedded-cluster.ts';
export { migrate, ownerDataSource } from './migrate.ts';
export { OwnerPool, SealerPool } from './pools.ts';
export { APP_ROLE, LOOKUP_ROLE, SEALER_ROLE, databaseUrls, prepareRoles, type DatabaseUrls } from './roles.ts';
export { TenantTransaction, type TenantScope } from './tenant-transaction.ts';
