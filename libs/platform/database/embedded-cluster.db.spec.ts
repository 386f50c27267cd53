import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { EmbeddedCluster } from './embedded-cluster.ts';

describe('EmbeddedCluster', () => {
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'alphaswarm-cluster-'));
    // Where tests run as root, PostgreSQL's own user must be able to enter.
    chmodSync(directory, 0o755);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('is reached through its socket, or through TCP where the address of the socket would be too long', async () => {
    for (const [dataDir, overTcp] of [
      [directory, false],
      [join(directory, 'x'.repeat(120)), true],
    ] as const) {
      const cluster = await EmbeddedCluster.open({ dataDir, settings: { fsync: 'off' } });
      const url = await cluster.start();
      const client = new pg.Client({ connectionString: url });
      try {
        await client.connect();
        expect((await client.query('SELECT inet_server_addr() IS NOT NULL AS tcp')).rows).toEqual([{ tcp: overTcp }]);
        // Who starts again finds the running one.
        expect(await cluster.start()).toBe(url);
      } finally {
        await client.end();
        await cluster.stop();
      }
    }
  });
});
