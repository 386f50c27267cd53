import { newId } from '#kernel';
import { inWorkspace, systemContext, type WorkspaceContext } from '#platform/context';
import type { TenantTransaction } from '#platform/database';
import { rowsRead, TestDatabase } from '../../platform/database/testing/index.ts';
import { StrategiesRepository } from './strategies.repository.ts';
import { type StrategyFilter, StrategyViewsRepository } from './strategy-views.repository.ts';
import { StrategyViewsService } from './strategy-views.service.ts';

const STRATEGIES = 20_000;
const SHOWN = 200;
const TABLES = ['strategies', 'strategy_versions', 'strategy_tests'];

describe('Lists of many strategies', () => {
  let database: TestDatabase;
  let tx: TenantTransaction;
  let ctx: WorkspaceContext;

  beforeAll(async () => {
    database = await TestDatabase.create();
    tx = await database.transaction(1);
    ctx = inWorkspace({ ...systemContext('test', newId(), { orgId: newId() }), workspaceId: newId() });
    await database.owner.query(
      `WITH strategy AS (
         INSERT INTO strategies (id, org_id, workspace_id, name, version, config_yaml, created_by, created_at)
         SELECT uuidv7(), $1, $2, 'strategy ' || n, 1, '{}', 'user:x', now() - n * interval '1 minute' FROM
           generate_series(1, $3::int) n RETURNING id, created_at
       ), version AS (
         INSERT INTO strategy_versions (id, org_id, workspace_id, strategy_id, version, config_yaml, normalised,
           spec_hash, author, created_at)
         SELECT uuidv7(), $1, $2, id, 1, '{}', '{"backtest": {"engine": "event"}}', repeat('0', 64), 'user:x',
           created_at FROM strategy RETURNING id, strategy_id
       ) INSERT INTO strategy_tests (id, org_id, workspace_id, strategy_id, version_id, backtest_id, status, engine,
       sharpe, created_at, completed_at)
         SELECT uuidv7(), $1, $2, strategy_id, id, uuidv7(), 'completed', 'event', n, now(), now() + n * interval
           '1 minute' FROM version, generate_series(1, 4) n`,
      [ctx.orgId, ctx.workspaceId, STRATEGIES],
    );
    for (const table of TABLES) await database.owner.query(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`);
    await database.owner.query(`VACUUM ANALYZE ${TABLES.join(', ')}`);
  });

  afterAll(() => database.drop());

  it.each<['list' | 'browse', StrategyFilter]>([
    ['list', {}],
    ['browse', {}],
    ['browse', { minSharpe: 3 }],
  ])('%s %j read what they show', async (screen, filter) => {
    const views = new StrategyViewsService(tx, new StrategiesRepository(tx), new StrategyViewsRepository(tx));
    let rows: { name: string; last_sharpe: number | null }[] = [];
    // From the sixth on PostgreSQL may take a plan for any parameters.
    for (let i = 0; i < 8; i++) await views[screen](ctx, filter, 10, null);
    const read = await rowsRead(
      database,
      tx,
      TABLES,
      async () => (rows = await views[screen](ctx, filter, SHOWN, null)),
    );
    expect(rows).toHaveLength(SHOWN);
    expect(rows[0]).toMatchObject({
      name: 'strategy 1',
      last_sharpe: 4,
      ...(screen === 'browse' ? { engine: 'event' } : {}),
    });
    expect(read).toBeLessThanOrEqual(3 * SHOWN + 10);
  });
});
