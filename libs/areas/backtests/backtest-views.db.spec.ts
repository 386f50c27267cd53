import { newId } from '#kernel';
import { inWorkspace, systemContext, type WorkspaceContext } from '#platform/context';
import type { TenantTransaction } from '#platform/database';
import { rowsRead, TestDatabase } from '../../platform/database/testing/index.ts';
import { BacktestViewsRepository } from './backtest-views.repository.ts';
import { BacktestsRepository } from './backtests.repository.ts';

const RUNS = 20_000;
const STRATEGY = '018cc251-f400-7000-8000-0000000000aa';

describe('Among many backtests', () => {
  let database: TestDatabase;
  let tx: TenantTransaction;
  let ctx: WorkspaceContext;

  beforeAll(async () => {
    database = await TestDatabase.create();
    tx = await database.transaction(1);
    ctx = inWorkspace({ ...systemContext('test', newId(), { orgId: newId() }), workspaceId: newId() });
    await database.owner.query(
      `INSERT INTO strategies (id, org_id, workspace_id, name, version, config_yaml, created_by, created_at) VALUES ($3,
        $1, $2, 'tested', 1, '{}', 'user:x', now())`,
      [ctx.orgId, ctx.workspaceId, STRATEGY],
    );
    await database.owner.query(
      `INSERT INTO backtest_runs (id, org_id, workspace_id, strategy_id, parent_kind, task_id, status, engine, config,
        spec_hash, data_source, seed, "interval", currency, initial_cash, run_hash, created_at)
       SELECT uuidv7(), $1, $2, CASE WHEN n % 5000 = 0 THEN $3::uuid END, 'adhoc', uuidv7(), CASE WHEN n % 4000 = 0 THEN
         'failed' ELSE 'completed' END, 'event', '{}', repeat('0', 64), 'inline', 42, '1d', 'USD',
         100000, lpad(n::text, 64, '0'), now() - n * interval '1 minute' FROM generate_series(1, $4::int) n`,
      [ctx.orgId, ctx.workspaceId, STRATEGY, RUNS],
    );
    await database.owner.query('ALTER TABLE backtest_runs SET (autovacuum_enabled = off)');
    await database.owner.query('VACUUM ANALYZE backtest_runs');
  });

  afterAll(() => database.drop());

  const read = (work: () => Promise<unknown>): Promise<number> =>
    rowsRead(database, tx, ['backtest_runs'], () => tx.run(ctx, work));

  it.each([
    [{}, 50],
    [{ status: 'failed' }, 5],
    [{ strategyId: STRATEGY }, 4],
  ])('a list of %j reads what it shows', async (filter, shown) => {
    const views = new BacktestViewsRepository(tx);
    let rows: unknown[] = [];
    expect(await read(async () => (rows = await views.list(ctx, filter, 50, null, 'number')))).toBeLessThanOrEqual(
      2 * shown,
    );
    expect(rows).toHaveLength(shown);
  });

  it('the run of a hash is found at once', async () => {
    let found: string | undefined;
    expect(
      await read(async () => (found = await new BacktestsRepository(tx).completedWithHash(ctx, '7'.padStart(64, '0')))),
    ).toBeLessThanOrEqual(2);
    expect(found).toBeDefined();
  });
});
