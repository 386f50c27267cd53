import { DataSource } from 'typeorm';
import { MIGRATIONS } from '#migrations';

/** Runs what is pending, each migration in its own transaction, as the owner. Returns the names that ran. */
export async function migrate(ownerUrl: string): Promise<string[]> {
  const source = ownerDataSource(ownerUrl);
  await source.initialize();
  try {
    await source.query("SELECT pg_advisory_lock(hashtext('alphaswarm.migrations'))");
    const ran = await source.runMigrations({ transaction: 'each' });
    return ran.map((migration) => migration.name);
  } finally {
    await source.destroy();
  }
}

/** A data source of the owner role that knows the migrations and no entities. */
export function ownerDataSource(ownerUrl: string): DataSource {
  // One connection: the advisory lock above is held by the session that migrates.
  return new DataSource({ type: 'postgres', url: ownerUrl, migrations: [...MIGRATIONS], migrationsTableName: 'migrations', poolSize: 1 });
}
