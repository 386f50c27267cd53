import type { MigrationInterface } from 'typeorm';
import { DatabaseTenantIsolation1790000000000 } from './1790000000000-database-tenant-isolation.ts';
import { StrategiesCreate1790000005000 } from './1790000005000-strategies-create.ts';
import { BacktestsCreate1790000006000 } from './1790000006000-backtests-create.ts';

/** In the order of the 13 digits. A new migration is one file and one line here. */
export const MIGRATIONS: readonly (new () => MigrationInterface)[] = [
  DatabaseTenantIsolation1790000000000,
  StrategiesCreate1790000005000,
  BacktestsCreate1790000006000,
];
