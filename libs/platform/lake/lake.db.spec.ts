import { readdir } from 'node:fs/promises';
import { FixedClock } from '#kernel';
import { TestDatabase } from '../database/testing/index.ts';
import type { AppendOptions } from './append.ts';
import { LakeReader } from './lake-reader.ts';
import type { TableDefinition } from './lake-table.ts';
import { TestLake } from './testing/index.ts';

const BARS = { namespace: 'silver_market', table: 'bars_daily' };
const SHA = 'a'.repeat(64);

/** Daily bars of one symbol from a day on, closes 100, 101, ... */
function bars(symbol: string, from: string, count: number, close = '100 + i', source = 'upload'): string {
  return `SELECT '${symbol}' AS vt_symbol, '1d' AS interval, CAST(DATE
    '${from}' + CAST(i AS INTEGER) AS TIMESTAMPTZ) AS timestamp, DATE '${from}' + CAST(i AS INTEGER) AS session_date,
    ${close} AS open, ${close} AS high,
    ${close} AS low, CAST(${close} AS DOUBLE) AS close, CAST(NULL AS DOUBLE) AS volume,
    '${source}' AS source_id, i + 2 AS _line FROM range(${count}) t(i)`;
}

function options(commitKey: string, change: Partial<AppendOptions> = {}): AppendOptions {
  return { layer: 'silver', commitKey, payloadSha256: SHA, dedupe: 'revision', runId: null, ...change };
}

describe('LakeWriter', () => {
  let database: TestDatabase;
  let lake: TestLake;
  const clock = new FixedClock('2026-01-05T10:00:00Z');

  beforeAll(async () => {
    database = await TestDatabase.create();
    lake = await TestLake.create(await database.transaction(), clock);
  });
  afterAll(async () => {
    await lake.close();
    await database.drop();
  });

  const closes = async (
    ctx: ReturnType<typeof TestLake.context>,
    plan: { snapshot?: string; asKnownAt?: number } = {},
    reader: LakeReader = lake.reader,
  ): Promise<number[]> => {
    const pinned = await reader.pin(ctx, BARS, plan.snapshot);
    if (!pinned) return [];
    const columns = await reader.read(ctx, pinned, {
      columns: ['timestamp', 'close'],
      where: [{ column: 'vt_symbol', op: '=', value: 'AAA.NASDAQ' }],
      current: true,
      orderBy: [{ column: 'timestamp' }],
      ...(plan.asKnownAt === undefined ? {} : { asKnownAt: plan.asKnownAt }),
    });
    return [...columns.numbers('close')];
  };

  it('appends once per commit key and writes one version', async () => {
    const ctx = TestLake.context();
    const staged = await lake.stage(bars('AAA.NASDAQ', '2023-12-30', 4));
    const first = await lake.writer.append(ctx, BARS, [staged], options('one'));
    expect(first).toMatchObject({ rows: 4, duplicates: 0, version: 1, replayed: false });
    expect(first.snapshotId).toMatch(/^\d+$/);
    const again = await lake.writer.append(ctx, BARS, [staged], options('one'));
    expect(again).toMatchObject({ rows: 4, version: 1, snapshotId: first.snapshotId, replayed: true });
    expect(await closes(ctx)).toEqual([100, 101, 102, 103]);
    await expect(
      lake.writer.append(ctx, BARS, [staged], options('one', { payloadSha256: 'b'.repeat(64) })),
    ).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  });

  it('lays files out by year and bucket under the workspace', async () => {
    const ctx = TestLake.context();
    await lake.writer.append(ctx, BARS, [await lake.stage(bars('AAPL.NASDAQ', '2023-12-30', 4))], options('one'));
    const root = `${lake.config.warehouse}/ws_${ctx.workspaceId.replaceAll('-', '')}/silver_market/bars_daily/data`;
    const files = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.parquet')).sort();
    expect(files.map((name) => name.replace(/[0-9a-f-]{36}-\d+/, 'COMMIT-N'))).toEqual([
      'timestamp_year=2023/vt_symbol_bucket=4/COMMIT-N.parquet',
      'timestamp_year=2024/vt_symbol_bucket=4/COMMIT-N.parquet',
    ]);
  });

  it('drops rows that are stored, and makes no version when all are', async () => {
    const ctx = TestLake.context();
    await lake.writer.append(ctx, BARS, [await lake.stage(bars('AAA.NASDAQ', '2024-01-01', 5))], options('one'));
    expect(
      await lake.writer.append(ctx, BARS, [await lake.stage(bars('AAA.NASDAQ', '2024-01-01', 5))], options('two')),
    ).toMatchObject({ rows: 0, duplicates: 5, snapshotId: null, version: 1 });
    expect(
      await lake.writer.append(ctx, BARS, [await lake.stage(bars('AAA.NASDAQ', '2024-01-01', 7))], options('three')),
    ).toMatchObject({ rows: 2, duplicates: 5, conflicts: 0, version: 2 });
  });

  it('keeps corrections as revisions, readable as they were known', async () => {
    const ctx = TestLake.context();
    const before = await lake.writer.append(
      ctx,
      BARS,
      [await lake.stage(bars('AAA.NASDAQ', '2024-01-01', 3))],
      options('one'),
    );
    clock.advance(60_000);
    expect(
      await lake.writer.append(
        ctx,
        BARS,
        [await lake.stage(bars('AAA.NASDAQ', '2024-01-02', 1, '200'))],
        options('two'),
      ),
    ).toMatchObject({ rows: 1, duplicates: 0, conflicts: 1, conflictFirstLine: 2 });
    expect(await closes(ctx)).toEqual([100, 200, 102]);
    expect(await closes(ctx, { asKnownAt: clock.now() - 60_000 })).toEqual([100, 101, 102]);
    expect(await closes(ctx, { snapshot: before.snapshotId! })).toEqual([100, 101, 102]);
    expect(
      await lake.writer.append(
        ctx,
        BARS,
        [await lake.stage(bars('AAA.NASDAQ', '2024-01-02', 1, '300'))],
        options('three', { dedupe: 'skip' }),
      ),
    ).toMatchObject({ rows: 0, duplicates: 1, version: 2 });
  });

  it('keeps the last of several rows of one key, and says that they differed', async () => {
    const ctx = TestLake.context();
    const staged = await lake.stage(
      `${bars('AAA.NASDAQ', '2024-01-01', 2)} UNION ALL SELECT * REPLACE (_line + 10 AS _line) FROM
        (${bars('AAA.NASDAQ', '2024-01-01', 2, '100 + 5 * i')})`,
    );
    expect(await lake.writer.append(ctx, BARS, [staged], options('one'))).toMatchObject({
      rows: 2,
      duplicates: 2,
      conflicts: 1,
      conflictFirstLine: 3,
    });
    expect(await closes(ctx)).toEqual([100, 105]);
  });

  it('prefers other sources to the synthetic one', async () => {
    const ctx = TestLake.context();
    await lake.writer.append(ctx, BARS, [await lake.stage(bars('AAA.NASDAQ', '2024-01-01', 2))], options('one'));
    clock.advance(1_000);
    await lake.writer.append(
      ctx,
      BARS,
      [await lake.stage(bars('AAA.NASDAQ', '2024-01-01', 3, '7', 'synthetic'))],
      options('two'),
    );
    expect(await closes(ctx)).toEqual([100, 101, 7]);
  });

  it('records what a version holds and which symbols it covers', async () => {
    const ctx = TestLake.context();
    await lake.writer.append(ctx, BARS, [await lake.stage(bars('AAA.NASDAQ', '2024-01-01', 3))], options('one'));
    await lake.writer.append(
      ctx,
      BARS,
      [await lake.stage(`${bars('AAA.NASDAQ', '2024-01-03', 2)} UNION ALL ${bars('BBB.NASDAQ', '2024-01-01', 1)}`)],
      options('two'),
    );
    const { rows } = await database.owner.query(
      `SELECT version, row_count::int, symbol_count, file_count, start_time, end_time, dataset_hash, row_hash_sum
      FROM dataset_versions WHERE workspace_id = $1 ORDER BY version`,
      [ctx.workspaceId],
    );
    expect(
      rows.map(({ version, row_count, symbol_count, file_count }) => [version, row_count, symbol_count, file_count]),
    ).toEqual([
      [1, 3, 1, 1],
      [2, 6, 2, 3],
    ]);
    expect([rows[1].start_time.toISOString(), rows[1].end_time.toISOString()]).toEqual([
      '2024-01-01T00:00:00.000Z',
      '2024-01-04T00:00:00.000Z',
    ]);
    const links = await database.owner.query(
      'SELECT entity_id, row_count::int FROM data_links WHERE workspace_id = $1 AND version = 2 ORDER BY entity_id',
      [ctx.workspaceId],
    );
    expect(links.rows).toEqual([
      { entity_id: 'AAA.NASDAQ', row_count: 4 },
      { entity_id: 'BBB.NASDAQ', row_count: 1 },
    ]);
  });

  it('gives the same dataset hash whatever the order and number of the appends', async () => {
    const hashes = await Promise.all(
      [
        [[0, 4]],
        [
          [2, 2],
          [0, 2],
        ],
      ].map(async (parts) => {
        const ctx = TestLake.context();
        for (const [i, [skip, count]] of parts.entries())
          await lake.writer.append(
            ctx,
            BARS,
            [
              await lake.stage(
                `SELECT * FROM (${bars('AAA.NASDAQ', '2024-01-01', 4)}) WHERE _line >=
                  ${2 + skip!} AND _line < ${2 + skip! + count!}`,
              ),
            ],
            options(`k${i}`),
          );
        const { rows } = await database.owner.query(
          'SELECT dataset_hash FROM dataset_versions WHERE workspace_id = $1 ORDER BY version DESC LIMIT 1',
          [ctx.workspaceId],
        );
        return rows[0].dataset_hash as string;
      }),
    );
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(hashes[1]).toBe(hashes[0]);
  });

  it('leaves the old version when it dies before the commit, and a retry with the same key completes it', async () => {
    const ctx = TestLake.context();
    const staged = await lake.stage(bars('AAA.NASDAQ', '2024-01-01', 3));
    await expect(
      lake.writer.append(
        ctx,
        BARS,
        [staged],
        options('one', { beforeCommit: () => Promise.reject(new Error('killed')) }),
      ),
    ).rejects.toThrow('killed');
    expect(await closes(ctx)).toEqual([]);
    const { rows } = await database.owner.query('SELECT state FROM lake_commits WHERE workspace_id = $1', [
      ctx.workspaceId,
    ]);
    expect(rows).toEqual([{ state: 'files_written' }]);
    expect(await lake.writer.append(ctx, BARS, [staged], options('one'))).toMatchObject({
      rows: 3,
      version: 1,
      replayed: false,
    });
    expect(await closes(ctx)).toEqual([100, 101, 102]);
  });

  it('orders concurrent appends to a table without keys into a line of versions', async () => {
    const ctx = TestLake.context();
    const definition: TableDefinition = {
      namespace: 'bronze_test',
      table: 'numbers',
      layer: 'bronze',
      domain: 'test',
      identifier: [],
      partition: [],
      sort: ['n'],
      columns: [{ name: 'n', type: 'long', required: true }],
    };
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, async (_, k) =>
        lake.writer.append(
          ctx,
          definition,
          [await lake.stage(`SELECT ${k} * 100 + i AS n, i AS _line FROM range(100) t(i)`)],
          options(`k${k}`, { layer: 'bronze', definition }),
        ),
      ),
    );
    expect(outcomes.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const pinned = await lake.reader.pin(ctx, definition);
    const read = await lake.reader.read(ctx, pinned!, { columns: ['n'], where: [] });
    expect(new Set(read.numbers('n')).size).toBe(800);
  });

  it('compares again with what another process committed in between', async () => {
    const ctx = TestLake.context();
    const other = lake.replica(await database.transaction());
    try {
      // Both write the same three days and one of their own; whoever is second must see the first.
      const outcomes = await Promise.all(
        [lake, other].flatMap((writer, w) =>
          [0, 1].map(async (k) =>
            writer.writer.append(
              ctx,
              BARS,
              [await writer.stage(bars('AAA.NASDAQ', '2024-01-01', 3 + w * 2 + k))],
              options(`w${w}k${k}`),
            ),
          ),
        ),
      );
      expect(outcomes.reduce((sum, { rows }) => sum + rows, 0)).toBe(6);
      expect(outcomes.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(3 + 4 + 5 + 6 - 6);
      expect(await closes(ctx)).toEqual([100, 101, 102, 103, 104, 105]);
      const { rows } = await database.owner.query(
        `SELECT count(*)::int AS snapshots, count(DISTINCT parent_snapshot_id)::int AS parents FROM
        dataset_versions WHERE workspace_id = $1`,
        [ctx.workspaceId],
      );
      expect(rows[0].parents).toBe(rows[0].snapshots - 1);
    } finally {
      await other.engine.close();
    }
  });

  it('waits for a process that holds the key, and takes over from a dead one', async () => {
    const ctx = TestLake.context();
    const staged = await lake.stage(bars('AAA.NASDAQ', '2024-01-01', 3));
    await expect(
      lake.writer.append(
        ctx,
        BARS,
        [staged],
        options('one', { beforeCommit: () => Promise.reject(new Error('killed')) }),
      ),
    ).rejects.toThrow('killed');
    await database.owner.query(
      `UPDATE lake_commits SET lease_owner = gen_random_uuid(), lease_until = clock_timestamp() + interval
      '1 second' WHERE workspace_id = $1`,
      [ctx.workspaceId],
    );
    await expect(lake.writer.append(ctx, BARS, [staged], options('one'))).rejects.toMatchObject({
      code: 'commit_in_progress',
    });
    expect(await lake.writer.append(ctx, BARS, [staged], options('one', { waitForLease: true }))).toMatchObject({
      rows: 3,
      version: 1,
      replayed: false,
    });
  });

  it('keeps workspaces apart', async () => {
    const mine = TestLake.context();
    const theirs = TestLake.context();
    await lake.writer.append(mine, BARS, [await lake.stage(bars('AAA.NASDAQ', '2024-01-01', 3))], options('one'));
    expect(await closes(theirs)).toEqual([]);
    const sameOrganization = TestLake.context(mine.orgId);
    expect(await closes(sameOrganization)).toEqual([]);
  });

  it('refuses a wrong layer, unknown and reserved columns, and tables that do not exist', async () => {
    const ctx = TestLake.context();
    const staged = await lake.stage(bars('AAA.NASDAQ', '2024-01-01', 1));
    await expect(lake.writer.append(ctx, BARS, [staged], options('a', { layer: 'bronze' }))).rejects.toMatchObject({
      code: 'layer_mismatch',
    });
    await expect(
      lake.writer.append(ctx, { namespace: 'silver_market', table: 'nothing' }, [staged], options('b')),
    ).rejects.toMatchObject({ code: 'unknown_dataset' });
    const extra = await lake.stage(`SELECT *, 1 AS extra FROM (${bars('AAA.NASDAQ', '2024-01-01', 1)})`);
    await expect(lake.writer.append(ctx, BARS, [extra], options('c'))).rejects.toMatchObject({
      code: 'schema_mismatch',
    });
    const reserved = await lake.stage(`SELECT *, 2 AS revision FROM (${bars('AAA.NASDAQ', '2024-01-01', 1)})`);
    await expect(lake.writer.append(ctx, BARS, [reserved], options('d'))).rejects.toMatchObject({
      code: 'reserved_column',
    });
  });
});
