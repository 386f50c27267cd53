import type { DatabaseConfig, EnvironmentConfig } from '#platform/config';
import { EmbeddedCluster } from './embedded-cluster.ts';
import { migrate } from './migrate.ts';
import { type DatabaseUrls, databaseUrls, prepareRoles } from './roles.ts';

/** A reachable, migrated database, embedded or foreign. */
export class DatabaseServer {
  readonly urls: DatabaseUrls;
  /** Session-capable owner address, for LISTEN and the job queue. */
  readonly directOwnerUrl: string;
  readonly #cluster: EmbeddedCluster | undefined;

  private constructor(urls: DatabaseUrls, directOwnerUrl: string, cluster: EmbeddedCluster | undefined) {
    this.urls = urls;
    this.directOwnerUrl = directOwnerUrl;
    this.#cluster = cluster;
  }

  static async open(config: DatabaseConfig, environment: EnvironmentConfig): Promise<DatabaseServer> {
    const cluster = config.url ? undefined : await EmbeddedCluster.open({ dataDir: environment.dataDir });
    const ownerUrl = config.url ?? (await cluster?.start());
    if (!ownerUrl) throw new Error('There is neither DATABASE_URL nor an embedded cluster.');
    if (cluster || config.migrateOnStart) {
      await prepareRoles(ownerUrl);
      await migrate(ownerUrl);
    }
    return new DatabaseServer(databaseUrls(ownerUrl), config.directUrl ?? ownerUrl, cluster);
  }

  /** Stops the embedded server; a foreign one is left alone. */
  async close(): Promise<void> {
    await this.#cluster?.stop();
  }
}
