import type { DatabaseConfig, EnvironmentConfig } from '#platform/config';
import { EmbeddedCluster } from './embedded-cluster.ts';
import { SchemaBehindError, migrate, pendingMigrations } from './migrate.ts';
import { type DatabaseUrls, databaseUrls, prepareRoles } from './roles.ts';
import { requireFitServer } from './server-requirements.ts';

/** A reachable, migrated database, embedded or foreign. */
export class DatabaseServer {
  readonly urls: DatabaseUrls;
  /** Session-capable owner address, for LISTEN and the job queue. */
  readonly directOwnerUrl: string;
  /** Whether this process brings schemas up to date; in production `ops migrate` does. */
  readonly migrates: boolean;
  readonly #cluster: EmbeddedCluster | undefined;

  private constructor(
    urls: DatabaseUrls,
    directOwnerUrl: string,
    migrates: boolean,
    cluster: EmbeddedCluster | undefined,
  ) {
    this.urls = urls;
    this.directOwnerUrl = directOwnerUrl;
    this.migrates = migrates;
    this.#cluster = cluster;
  }

  /**
   * Throws UnfitServerError where the server is too old or hidden behind a pooler of transactions, SchemaBehindError
   * where the schema is older than this release and another process has to migrate it.
   */
  static async open(config: DatabaseConfig, environment: EnvironmentConfig): Promise<DatabaseServer> {
    const cluster = config.url ? undefined : await EmbeddedCluster.open({ dataDir: environment.dataDir });
    const ownerUrl = config.url ?? (await cluster?.start());
    if (!ownerUrl) throw new Error('There is neither DATABASE_URL nor an embedded cluster.');
    const directOwnerUrl = config.directUrl ?? ownerUrl;
    await requireFitServer(directOwnerUrl);
    const migrates = cluster !== undefined || config.migrateOnStart;
    if (migrates) {
      await prepareRoles(directOwnerUrl);
      await migrate(directOwnerUrl);
    } else {
      const pending = await pendingMigrations(directOwnerUrl);
      if (pending.length > 0) throw new SchemaBehindError(pending);
    }
    return new DatabaseServer(databaseUrls(ownerUrl), directOwnerUrl, migrates, cluster);
  }

  /** Stops the embedded server; a foreign one is left alone. */
  async close(): Promise<void> {
    await this.#cluster?.stop();
  }
}
