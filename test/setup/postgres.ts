import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { EmbeddedCluster } from '../../libs/platform/database/embedded-cluster.ts';
import { migrate } from '../../libs/platform/database/migrate.ts';
import { prepareRoles } from '../../libs/platform/database/roles.ts';
import { migrateQueue } from '../../libs/platform/jobs/queue-schema.ts';
import { TEMPLATE_URL_VARIABLE } from '../../libs/platform/database/testing/template-url.ts';

let stop: (() => Promise<void>) | undefined;

/**
 * One PostgreSQL for the whole test run, in a directory and on a port of its own, with one migrated template database.
 */
export async function startPostgres(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'alphaswarm-test-'));
  // mkdtemp makes it 0700; as root the server runs as another user, who must get in.
  chmodSync(dataDir, 0o755);
  const cluster = await EmbeddedCluster.open({
    dataDir,
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  });
  const url = new URL(await cluster.start());
  stop = async () => {
    await cluster.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  await prepareRoles(url.toString());
  const client = new pg.Client({ connectionString: url.toString() });
  await client.connect();
  await client.query('CREATE DATABASE template_migrated');
  await client.end();
  url.pathname = '/template_migrated';
  await migrate(url.toString());
  await migrateQueue(url.toString());
  process.env[TEMPLATE_URL_VARIABLE] = url.toString();
}

export async function stopPostgres(): Promise<void> {
  await stop?.();
  stop = undefined;
}
