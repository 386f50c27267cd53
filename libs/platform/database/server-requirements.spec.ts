import { UnfitServerError, requireFitServer } from './server-requirements.ts';
import { FakeServer } from './testing/index.ts';

describe('requireFitServer', () => {
  it('refuses a server older than PostgreSQL 15, and names both', async () => {
    const server = await FakeServer.start('14.11 (Debian 14.11-1)', 140_011);
    try {
      const refused = requireFitServer(server.url);
      await expect(refused).rejects.toBeInstanceOf(UnfitServerError);
      await expect(refused).rejects.toThrow(
        'The database server is PostgreSQL 14.11 (Debian 14.11-1); this release needs PostgreSQL 15 or newer.',
      );
    } finally {
      server.close();
    }
  });
});
