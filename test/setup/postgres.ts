import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { EmbeddedCluster } from '../../libs/platform/database/embedded-cluster.ts';
import { migrate } from '../../libs/platform/database/migrate.ts';
import { prepareRoles } from '../../libs/platform/database/roles.ts';
import { migrateQueue } from '../../libs/platform/jobs/queue-schema.ts';
import { POOLER_VARIABLE, TEMPLATE_URL_VARIABLE } from '../../libs/platform/database/testing/template-url.ts';

let stop: (() => Promise<void>) | undefined;

/**
 * One PostgreSQL for the whole test run, in a directory and on a port of its own, with one migrated template database;
 * or the server that `npm run test:services` has brought up.
 */
export async function startPostgres(): Promise<void> {
  const url = new URL(process.env['ALPHASWARM_TEST_DATABASE_DIRECT_URL'] ?? (await startEmbedded()));
  const pooled = process.env['ALPHASWARM_TEST_DATABASE_URL'];
  if (pooled) process.env[POOLER_VARIABLE] = new URL(pooled).host;
  await prepareRoles(url.toString());
  const client = new pg.Client({ connectionString: url.toString() });
  await client.connect();
  await client.query('DROP DATABASE IF EXISTS template_migrated');
  await client.query('CREATE DATABASE template_migrated');
  await client.end();
  url.pathname = '/template_migrated';
  await migrate(url.toString());
  await migrateQueue(url.toString());
  process.env[TEMPLATE_URL_VARIABLE] = url.toString();
}

async function startEmbedded(): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'alphaswarm-test-'));
  // mkdtemp makes it 0700; as root the server runs as another user, who must get in.
  chmodSync(dataDir, 0o755);
  const cluster = await EmbeddedCluster.open({
    dataDir,
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  });
  const url = await cluster.start();
  stop = async () => {
    await cluster.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return url;
}

export async function stopPostgres(): Promise<void> {
  await stop?.();
  stop = undefined;
}
