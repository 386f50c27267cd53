import { DataSource } from 'typeorm';
import { MIGRATIONS } from '#migrations';
import { addMissingFunctions } from './server-requirements.ts';

/**
 * Runs what is pending, each migration in its own transaction, as the owner, whose address must be a session's. Returns
 * the names that ran.
 */
export async function migrate(ownerUrl: string): Promise<string[]> {
  const source = ownerDataSource(ownerUrl);
  await source.initialize();
  try {
    await source.query("SELECT pg_advisory_lock(hashtext('alphaswarm.migrations'))");
    await addMissingFunctions(source);
    const ran = await source.runMigrations({ transaction: 'each' });
    return ran.map((migration) => migration.name);
  } finally {
    await source.destroy();
  }
}

/**
 * What the database lacks of this release. What it has beyond is a newer release's: one runs on its own schema and on
 * the next.
 */
export async function pendingMigrations(ownerUrl: string): Promise<string[]> {
  const source = ownerDataSource(ownerUrl);
  await source.initialize();
  try {
    const [{ known }] = await source.query<[{ known: boolean }]>(
      "SELECT to_regclass('migrations') IS NOT NULL AS known",
    );
    const done = new Set(
      known ? (await source.query<{ name: string }[]>('SELECT name FROM migrations')).map(({ name }) => name) : [],
    );
    return MIGRATIONS.map(({ name }) => name).filter((name) => !done.has(name));
  } finally {
    await source.destroy();
  }
}

/** The database is older than this release. */
export class SchemaBehindError extends Error {
  constructor(pending: readonly string[]) {
    super(
      `The database lacks ${pending.length} migration(s): ` +
        `${pending.join(', ')}. Run "npm run ops -- migrate", or set ALPHASWARM_MIGRATE_ON_START=true.`,
    );
    this.name = 'SchemaBehindError';
  }
}

/** A data source of the owner role that knows the migrations and no entities. */
export function ownerDataSource(ownerUrl: string): DataSource {
  // One connection: the advisory lock above is held by the session that migrates.
  return new DataSource({
    type: 'postgres',
    url: ownerUrl,
    migrations: [...MIGRATIONS],
    migrationsTableName: 'migrations',
    poolSize: 1,
  });
}
