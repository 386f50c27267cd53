import { isDeepStrictEqual } from 'node:util';
import { alternate, median } from '../harness/measure.ts';
import { ProgressLine } from '../harness/progress-line.ts';
import { figure, row, table, type Bench, type BenchRow } from '../harness/report.ts';
import { count, flag, option, scratchDirectory } from '../harness/scratch.ts';
import type { LoadOrder, LoadResult } from './load.ts';
import { UNPINNED, canPin } from './processes.ts';
import { openStage, type Contestant, type Stage } from './servers.ts';

const CONNECTIONS = 32;
const MOST_REQUESTS = 200_000;
/** Long enough for the optimising compiler to have seen the whole pipeline. */
const WARM_UP_S = 8;
const RECIPE = `strategy:
  class: FrameworkAlgorithm
  kwargs:
    universe_model: {class: StaticUniverse, kwargs: {symbols: [SPX.CBOE]}}
    alpha_model: {class: EmaCross, kwargs: {fast: 20, slow: 50}}
    portfolio_model: {class: EqualWeight, kwargs: {max_positions: 1}}
backtest:
  engine: event
  kwargs: {interval: 1d}
`;

type Strategy = Record<string, unknown> & { id: string; versions: unknown[] };

interface Case {
  name: string;
  order(server: Contestant): Omit<LoadOrder, 'seconds' | 'most'>;
  /** What an answer must be the same in, whoever gives it. */
  fields(body: Strategy): unknown;
}

/** `ids`: the strategy that a server reads; without an entry of its own, that of the gateway. */
function casesOf(token: string, ids: ReadonlyMap<string, string>): Case[] {
  const headers = { authorization: `Bearer ${token}` };
  return [
    {
      name: 'GET /strategies/{id}',
      order: ({ name, url }) => ({
        url: `${url}/strategies/${ids.get(name) ?? ids.get('ours')}`,
        method: 'GET',
        headers,
        expect: 200,
      }),
      fields: (body) => body,
    },
    {
      name: 'POST /strategies',
      order: ({ url, keyed }) => ({
        url: `${url}/strategies`,
        method: 'POST',
        headers,
        body: { name: 'bench', config_yaml: RECIPE },
        keyed,
        expect: 201,
      }),
      // Ids and times differ by nature, and only the gateway normalises the recipe, so only its spec_hash is one.
      fields: ({
        name,
        status,
        version,
        author,
        tags,
        config_yaml: text,
        last_tested_at: tested,
        last_sharpe: sharpe,
        tests,
        versions,
      }) => ({ name, status, version, author, tags, text, tested, sharpe, tests, versions: versions.length }),
    },
  ];
}

async function fetched({ url, method, headers, body, expect }: ReturnType<Case['order']>): Promise<Strategy> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status !== expect)
    throw new Error(`${method} ${url} answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as Strategy;
}

async function requireEqual(one: Case, servers: readonly Contestant[]): Promise<void> {
  const [first, ...others] = await Promise.all(
    servers.map(async (server) => ({ server, fields: one.fields(await fetched(one.order(server))) })),
  );
  for (const other of others)
    if (!isDeepStrictEqual(first!.fields, other.fields))
      throw new Error(
        `${one.name}: ${first!.server.name} and ` +
          `${other.server.name} answer differently:\n${JSON.stringify(first!.fields)}\n${JSON.stringify(other.fields)}`,
      );
}

async function measure(
  stage: Stage,
  one: Case,
  rounds: number,
  seconds: number,
  warmUp: number,
  line: ProgressLine,
): Promise<BenchRow[]> {
  const peers = [...(stage.other ? [stage.other] : []), ...stage.peers];
  const servers = [stage.gateway, ...peers];
  // The other checkout has rows of its own, whose ids and times differ.
  await requireEqual(one, [stage.gateway, ...stage.peers]);
  const results = new Map<string, (LoadResult & { cpu: number })[]>(servers.map(({ name }) => [name, []]));
  const drive = async (server: Contestant, duration: number): Promise<LoadResult> => {
    const result = await stage.load.ask<LoadResult>({ ...one.order(server), seconds: duration, most: MOST_REQUESTS });
    if (result.failures > 0)
      throw new Error(
        `${server.name}: ${result.failures} of ` +
          `${result.requests} requests failed, the first with ${result.firstFailure}`,
      );
    return result;
  };
  for (const server of servers) {
    line.show(`${one.name}: warming up ${server.name}`);
    await drive(server, warmUp);
  }
  const contenders = servers.map((server) => ({
    name: server.name,
    sample: async () => {
      const before = server.process.cpuMs() ?? Number.NaN;
      const result = await drive(server, seconds);
      results
        .get(server.name)!
        .push({ ...result, cpu: ((server.process.cpuMs() ?? Number.NaN) - before) / result.requests });
      return 1 / result.perSecond;
    },
  }));
  await alternate(contenders, rounds, Number.POSITIVE_INFINITY, (who, round) =>
    line.show(`${one.name}: ${who}, run ${round} of ${rounds}`),
  );
  line.clear();

  const of = (name: string, field: 'perSecond' | 'p50' | 'p99' | 'cpu'): number =>
    median(results.get(name)!.map((result) => result[field]));
  const own = stage.gateway.name;
  console.log(`\n${one.name}`);
  console.log(
    table(
      ['server', 'runs', 'requests/s', 'p50 ms', 'p99 ms', 'CPU ms each', 'ours is'],
      servers.map(({ name }) => [
        name,
        String(results.get(name)!.length),
        figure(of(name, 'perSecond'), 0),
        figure(of(name, 'p50')),
        figure(of(name, 'p99')),
        figure(of(name, 'cpu'), 3),
        `${figure(of(own, 'perSecond') / of(name, 'perSecond'))}x`,
      ]),
    ),
  );
  return peers.flatMap(({ name }) => [
    row(one.name, of(own, 'perSecond'), name, of(name, 'perSecond'), 'requests/s'),
    row(`${one.name}, p50`, of(own, 'p50'), name, of(name, 'p50'), 'ms', 'less'),
    row(`${one.name}, p99`, of(own, 'p99'), name, of(name, 'p99'), 'ms', 'less'),
    row(`${one.name}, CPU of the server each`, of(own, 'cpu'), name, of(name, 'cpu'), 'ms', 'less'),
  ]);
}

/**
 * Requests per second and latency of reading and storing a strategy, next to a bare `node:http` + `pg` server and to
 * FastAPI + SQLAlchemy. Options: `--runs 5`, `--seconds 5`, `--no-peers` (no FastAPI), `--against DIR` (a checkout of
 * another commit, with its packages), `--quick`, `--scratch DIR`.
 */
export const run: Bench = async (args) => {
  const quick = flag(args, 'quick');
  const rounds = count(args, 'runs', quick ? 1 : 5, 1_000);
  const seconds = count(args, 'seconds', quick ? 1 : 5, 600);
  const line = new ProgressLine();
  line.step('Starting PostgreSQL, the gateway and its peers');
  const stage = await openStage(scratchDirectory(args, 'http'), {
    connections: CONNECTIONS,
    peers: !flag(args, 'no-peers'),
    against: option(args, 'against'),
  });
  try {
    line.clear();
    console.log(
      `${CONNECTIONS} kept-alive connections, medians of ` +
        `${rounds} alternating runs of ` +
        `${seconds} s. ${canPin ? 'Servers on core 0, load on core 1, PostgreSQL on either.' : UNPINNED}`,
    );
    console.log(
      'All: RS256 token (remembered for a minute by its hash unless the name says otherwise), tenant transaction ' +
        'with set_config, forced row-level security, prepared statements, pools of 20.',
    );
    console.log(
      'POST, all: an intent in one commit, strategy, version and outcome in a second. Ours also validates, checks ' +
        'visibility and grants, keeps an Idempotency-Key and seals the ledger; intents that come together share ' +
        'their commit.',
    );
    console.log(
      'CPU ms each: processor time of the server process per request, PostgreSQL not included: the figure that ' +
        'other work on the machine disturbs least.',
    );
    if (stage.missing !== undefined) console.log(`SKIPPED FastAPI + SQLAlchemy: ${stage.missing}`);
    const rows: BenchRow[] = [];
    const seed = casesOf(stage.token, new Map())[1]!;
    const ids = new Map<string, string>();
    for (const server of [stage.gateway, ...(stage.other ? [stage.other] : [])])
      ids.set(server.name, (await fetched(seed.order(server))).id);
    for (const one of casesOf(stage.token, ids))
      rows.push(...(await measure(stage, one, rounds, seconds, quick ? 1 : WARM_UP_S, line)));
    return { bench: 'http', rows };
  } finally {
    line.clear();
    await stage.close();
  }
};
