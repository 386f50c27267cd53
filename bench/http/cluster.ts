import { EmbeddedCluster, databaseUrls } from '#platform/database';
import { readStart, sayReady, untilTold } from './child.ts';

/**
 * PostgreSQL of the benchmark, the embedded one of the service, started apart from it so that every server meets the same database under the same
 * conditions. Runs on the build (no `source` condition): the platform folders are more than type stripping can read.
 */
const { dataDir } = await readStart<{ dataDir: string }>();
const cluster = await EmbeddedCluster.open({ dataDir });
sayReady(databaseUrls(await cluster.start()));
await untilTold();
await cluster.stop();
