import type { MigrationInterface } from 'typeorm';
import { DatabaseTenantIsolation1790000000000 } from './1790000000000-database-tenant-isolation.ts';

/** In the order of the 13 digits. A new migration is one file and one line here. */
export const MIGRATIONS: readonly (new () => MigrationInterface)[] = [
  DatabaseTenantIsolation1790000000000,
];
