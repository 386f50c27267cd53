import { newId } from '#kernel';
import { systemContext } from '#platform/context';
import type { TenantTransaction } from '#platform/database';
import { rowsRead, TestDatabase } from '../../platform/database/testing/index.ts';
import { JobsRepository } from '../../platform/jobs/jobs.repository.ts';
import { JobViewsRepository } from './job-views.repository.ts';

const JOBS = 20_000;

describe('Among many jobs', () => {
  let database: TestDatabase;
  let tx: TenantTransaction;
  const ctx = { ...systemContext('test', newId(), { orgId: newId() }), workspaceId: newId() };

  beforeAll(async () => {
    database = await TestDatabase.create();
    tx = await database.transaction(1);
    await database.owner.query(
      `INSERT INTO jobs (id, org_id, workspace_id, queue, name, run_id, status, max_attempts, context, created_by,
        created_at)
       SELECT uuidv7(), $1, $2, 'backtest', 'backtest.run', uuidv7(), CASE WHEN n % 4000 = 0 THEN 'failed' ELSE
         'succeeded' END, 1, '{}', 'user:x', now() - n * interval '1 minute'
       FROM generate_series(1, $3::int) n`,
      [ctx.orgId, ctx.workspaceId, JOBS],
    );
    await database.owner.query('ALTER TABLE jobs SET (autovacuum_enabled = off)');
    await database.owner.query('VACUUM ANALYZE jobs');
  });

  afterAll(() => database.drop());

  const read = (work: () => Promise<unknown>): Promise<number> =>
    rowsRead(database, tx, ['jobs'], () => tx.run(ctx, work));

  it.each([
    [{}, 50],
    [{ status: 'failed' }, 5],
  ])('a list of %j reads what it shows', async (filter, shown) => {
    let rows: unknown[] = [];
    expect(
      await read(async () => (rows = await new JobViewsRepository(tx).list(ctx, filter, 50, null))),
    ).toBeLessThanOrEqual(2 * shown);
    expect(rows).toHaveLength(shown);
  });

  it('the retry of one is found at once', async () => {
    expect(await read(() => new JobsRepository(tx).hasRetry(newId()))).toBe(0);
  });
});
