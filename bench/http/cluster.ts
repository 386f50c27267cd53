import pg from 'pg';
import { EmbeddedCluster, databaseUrls } from '#platform/database';
import { readStart, sayReady, untilTold } from './child.ts';

/**
 * PostgreSQL of the benchmark, the embedded one of the service, started apart from it so that every server meets the
 * same database under the same conditions, with a new database for each call. Runs on the build (no `source`
 * condition): the platform folders are more than type stripping can read.
 */
const { dataDir } = await readStart<{ dataDir: string }>();
const cluster = await EmbeddedCluster.open({ dataDir });
const url = new URL(await cluster.start());
const client = new pg.Client({ connectionString: url.toString() });
await client.connect();
await client.query('DROP DATABASE IF EXISTS bench WITH (FORCE)');
await client.query('CREATE DATABASE bench');
await client.end();
url.pathname = '/bench';
sayReady(databaseUrls(url.toString()));
await untilTold();
await cluster.stop();
