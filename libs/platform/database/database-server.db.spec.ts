import { EnvironmentConfig, DatabaseConfig, loadTopic } from '#platform/config';
import { DatabaseServer } from './database-server.ts';
import { TestDatabase } from './testing/index.ts';

describe('a database that another process migrates', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await TestDatabase.create();
  });
  afterAll(() => database.drop());

  const open = (migrateOnStart: string): Promise<DatabaseServer> => {
    const env = { DATABASE_URL: database.urls.owner, ALPHASWARM_MIGRATE_ON_START: migrateOnStart };
    return DatabaseServer.open(loadTopic(DatabaseConfig, env), loadTopic(EnvironmentConfig, env));
  };

  it('is opened when it has all of this release, and what a newer one added', async () => {
    await database.owner.query("INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Newer9999999999999')");
    await expect(open('false')).resolves.toMatchObject({ migrates: false });
  });

  it('is refused when it lacks something, and not touched', async () => {
    await database.owner.query("DELETE FROM migrations WHERE name = 'BacktestsCreate1790000006000'");
    await expect(open('false')).rejects.toThrow('lacks 1 migration(s): BacktestsCreate1790000006000');
    expect((await database.owner.query("SELECT 1 FROM migrations WHERE name LIKE 'BacktestsCreate%'")).rowCount).toBe(
      0,
    );
  });
});
