import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { Client, type InlineBar } from '../acceptance/support/client.ts';
import { recipe } from '../acceptance/support/recipes.ts';
import { Service } from '../acceptance/support/service.ts';
import { TaskStream } from '../acceptance/support/stream.ts';

const run = promisify(execFile);
const SCRIPTS = join(import.meta.dirname, '..', '..', 'scripts', 'services', 'postgres');
const RUNS = 6;
const BAD_CONFIGURATION = 78;

/** A setting that `npm run test:services` hands over. */
function given(name: string): string {
  const value = process.env[`ALPHASWARM_TEST_${name}`];
  if (value === undefined) throw new Error('These tests run by "npm run test:services -- postgres".');
  return value;
}

const POOLED = given('DATABASE_URL');
const DIRECT = given('DATABASE_DIRECT_URL');
const DIRECTORY = given('SERVER_DIR');

/** A seeded walk on one-minute bars of a market that never closes. */
function walk(seed: number, count: number): InlineBar[] {
  let state = seed;
  let close = 100;
  return Array.from({ length: count }, (_, index) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const open = close;
    close = Math.max(1, Math.round(open * (1 + (state / 2 ** 32 - 0.5) / 50) * 100) / 100);
    return {
      vt_symbol: 'BTCUSDT.BINANCE',
      time: new Date(Date.UTC(2024, 0, 1) + index * 60_000).toISOString(),
      open,
      high: Math.max(open, close),
      low: Math.min(open, close),
      close,
      volume: null,
    };
  });
}

const request = (seed: number, bars: number) => ({
  config: recipe({
    symbols: ['BTCUSDT.BINANCE'],
    models: {
      alpha_model: { class: 'EmaCross', kwargs: { fast: 5, slow: 20 } },
      portfolio_model: { class: 'EqualWeight', kwargs: { max_positions: 1 } },
    },
    kwargs: { interval: '1m', lot_size: 0.0001 },
  }),
  data: { inline: walk(seed, bars) },
});

describe('the main job on PostgreSQL of Debian behind PgBouncer', () => {
  let service: Service;
  let ann: Client;

  beforeAll(async () => {
    service = await Service.start();
    ann = await Client.as(service.url, { user: 'ann', role: 'owner' });
  });

  afterAll(() => service.stop());

  it('runs a backtest and replays it', async () => {
    const finished = await ann.backtest(request(1, 6_000));
    expect(finished.events.length).toBeGreaterThan(6_000);
    const replay = await ann.post<{ task_id: string }>(`/backtests/${finished.id}/replay`);
    expect((await ann.settled(replay.body.task_id)).result).toMatchObject({ identical: true, first_diff: null });
  });

  it('loses nothing when the bouncer restarts in the middle of runs', async () => {
    const started = await Promise.all(
      Array.from({ length: RUNS }, (_, i) =>
        ann.post<{ task_id: string; run_id: string }>('/backtests', request(i + 2, 20_000)),
      ),
    );
    expect(started.map(({ status }) => status)).toEqual(started.map(() => 202));
    const streams = started.map(({ body }) => new TaskStream(service.url, ann.token, body.task_id));
    const disturbed = async (): Promise<void> => {
      await run(join(SCRIPTS, 'bouncer-down'), [DIRECTORY]);
      await sleep(1_000);
      await run(join(SCRIPTS, 'up'), [new URL(DIRECT).port, new URL(POOLED).port, DIRECTORY]);
      for (const { body } of started) expect((await ann.settled(body.task_id, 120)).status).toBe('succeeded');
    };
    await Promise.all([disturbed(), ...streams.map((stream) => stream.listen())]);
    for (const { frames } of streams) expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, index) => index + 1));
    for (const { body } of started) expect((await ann.results(body.run_id)).detail['status']).toBe('completed');
  });

  it('refuses to boot where only the bouncer is known', async () => {
    const child = spawn(process.execPath, ['dist/apps/api/main.js'], {
      env: {
        PATH: process.env['PATH'] ?? '',
        ALPHASWARM_ENV: 'test',
        ALPHASWARM_AUTH_PROVIDER: 'local',
        ALPHASWARM_DATA_DIR: `${service.dataDir}/second`,
        DATABASE_URL: POOLED,
        PORT: '0',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const told = await text(child.stderr);
    expect(await ended).toBe(BAD_CONFIGURATION);
    expect(told).toMatch(/^The database address leads to a pooler .* set DATABASE_DIRECT_URL to the address of /);
  });
});

async function majorOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ major: number }>(
    "SELECT current_setting('server_version_num')::int / 10000 AS major",
  );
  return rows[0]!.major;
}

/** PostgreSQL has a uuidv7() of its own from here on. */
const WITH_UUIDV7 = 18;
/** From here on CREATEROLE is no right to roles that somebody else has made. */
const WITH_ROLE_ADMINS = 16;

describe('uuidv7() of the server, or else of the migrator', () => {
  it('makes version 7 of RFC 9562 with the time of now', async () => {
    const client = new pg.Client({ connectionString: DIRECT });
    await client.connect();
    const database = await client
      .query<{ datname: string }>("SELECT datname FROM pg_database WHERE datname LIKE 'service_%' ORDER BY oid DESC")
      .then(({ rows }) => rows[0]?.datname ?? '');
    await client.end();
    const inside = new pg.Client({
      connectionString: Object.assign(new URL(DIRECT), { pathname: database }).toString(),
    });
    await inside.connect();
    const before = Date.now();
    const { rows } = await inside.query<{ id: string }>('SELECT uuidv7() AS id FROM generate_series(1, 1000)');
    const after = Date.now();
    const made = await inside.query("SELECT to_regprocedure('public.uuidv7()') IS NOT NULL AS made");
    expect(made.rows).toEqual([{ made: (await majorOf(inside)) < WITH_UUIDV7 }]);
    await inside.end();
    const ids = rows.map(({ id }) => id);
    expect(new Set(ids).size).toBe(1_000);
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      const time = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
      expect(time).toBeGreaterThanOrEqual(before - 1);
      expect(time).toBeLessThanOrEqual(after + 1);
    }
    expect(ids.map((id) => id.slice(0, 18))).toEqual(ids.map((id) => id.slice(0, 18)).toSorted());
  });
});

describe('an owner that is no superuser', () => {
  it('migrates where a superuser has made the role that passes by row security', async () => {
    // The roles belong to the whole server: the service above has made them.
    const owner = Object.assign(new URL(DIRECT), { username: 'plain_owner', pathname: '/plain' });
    const admin = new pg.Client({ connectionString: DIRECT });
    await admin.connect();
    await admin.query(`CREATE ROLE plain_owner LOGIN CREATEROLE BYPASSRLS PASSWORD '${owner.password}'`);
    if ((await majorOf(admin)) >= WITH_ROLE_ADMINS)
      await admin.query('GRANT alphaswarm_app, alphaswarm_sealer, alphaswarm_lookup TO plain_owner WITH ADMIN OPTION');
    await admin.query('CREATE DATABASE plain OWNER plain_owner');
    await admin.end();
    const service = await Service.start({ DATABASE_URL: owner.toString(), DATABASE_DIRECT_URL: owner.toString() });
    await service.stop();
    const plain = new pg.Client({ connectionString: owner.toString() });
    await plain.connect();
    const { rows } = await plain.query(
      "SELECT proowner::regrole::text FROM pg_proc WHERE oid = to_regprocedure('public.uuidv7()')",
    );
    const made = (await majorOf(plain)) < WITH_UUIDV7 ? [{ proowner: 'plain_owner' }] : [];
    await plain.end();
    expect(rows).toEqual(made);
  });
});
