import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { alternate, median } from '../harness/measure.ts';
import { ProgressLine } from '../harness/progress-line.ts';
import { type Bench, type BenchRow, figure, row, table } from '../harness/report.ts';
import { count, flag, option, scratchDirectory } from '../harness/scratch.ts';
import { ManagedProcess, UNPINNED, canPin } from '../http/processes.ts';
import type { LoadOrder } from './load.ts';
import type { ServerOrder } from './server.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const CLUSTER = join(ROOT, 'bench', 'http', 'cluster.ts');
const SERVER_CORE = 0;
const LOAD_CORE = 1;

type GatewayPlace = Pick<Extract<ServerOrder, { kind: 'open' }>, 'databaseUrl' | 'dataDir'>;

interface Contestant {
  name: string;
  process: ManagedProcess;
  port: number;
  token: string;
}

function start(name: string, script: string, core?: number, checkout = ROOT): ManagedProcess {
  return new ManagedProcess(
    name,
    process.execPath,
    ['--no-warnings', join(checkout, 'bench', 'progress', script)],
    core === undefined ? {} : { core },
  );
}

/** Seconds from the first publish until every socket has every frame, in order. */
async function deliver(
  { process: server, port, token }: Contestant,
  load: ManagedProcess,
  sockets: number,
  frames: number,
): Promise<number> {
  const { path, first } = await server.ask<{ path: string; first: number }>({ kind: 'task' } satisfies ServerOrder);
  await load.ask({ kind: 'connect', port, path, token, sockets, first } satisfies LoadOrder);
  const from = performance.now();
  const received = load.ask<{ delivered: number }>({ kind: 'receive', frames } satisfies LoadOrder);
  const [, { delivered }] = await Promise.all([
    server.ask({ kind: 'publish', frames } satisfies ServerOrder),
    received,
  ]);
  if (delivered !== sockets * frames) throw new Error(`${delivered} frames were delivered, not ${sockets * frames}`);
  return (performance.now() - from) / 1_000;
}

async function measure(
  contestants: readonly [Contestant, ...Contestant[]],
  load: ManagedProcess,
  sockets: number,
  frames: number,
  rounds: number,
  line: ProgressLine,
): Promise<BenchRow[]> {
  const name = `${sockets} sockets x ${frames} frames`;
  const samples = await alternate(
    contestants.map((one) => ({ name: one.name, sample: () => deliver(one, load, sockets, frames) })),
    rounds,
    Number.POSITIVE_INFINITY,
    (who, round) => line.show(`${name}: ${who}, run ${round} of ${rounds}`),
  );
  line.clear();
  const perSecond = (who: string): number => (sockets * frames) / median(samples.get(who)!);
  const [ours, ...others] = contestants;
  console.log(`\n${name}`);
  console.log(
    table(
      ['server', 'runs', 'seconds', 'frames/s', 'ours is'],
      contestants.map((one) => [
        one.name,
        String(samples.get(one.name)!.length),
        figure(median(samples.get(one.name)!)),
        figure(perSecond(one.name), 0),
        `${figure(perSecond(ours.name) / perSecond(one.name))}x`,
      ]),
    ),
  );
  return others.map((other) => row(name, perSecond(ours.name), other.name, perSecond(other.name), 'frames/s'));
}

/**
 * Delivered frames per second of one task to many sockets, next to `ws` alone. Every client checks that every frame
 * comes, once and in order. Options: `--sockets 1000`, `--frames 1000`, `--long 10000`, `--runs 5`, `--quick`,
 * `--against DIR` (a checkout of another commit, with its packages), `--scratch DIR`.
 */
export const run: Bench = async (args) => {
  const quick = flag(args, 'quick');
  const sockets = count(args, 'sockets', quick ? 100 : 1_000, 5_000);
  const frames = count(args, 'frames', quick ? 200 : 1_000, 100_000);
  const long = count(args, 'long', quick ? 1_000 : 10_000, 100_000);
  const rounds = count(args, 'runs', quick ? 1 : 5, 100);
  const against = option(args, 'against');
  const scratch = scratchDirectory(args, 'progress');
  const line = new ProgressLine();
  const open: ManagedProcess[] = [];
  const keep = (one: ManagedProcess): ManagedProcess => {
    open.push(one);
    return one;
  };
  try {
    line.step('Building, starting PostgreSQL, the gateway and its peer');
    for (const cwd of against === undefined ? [ROOT] : [ROOT, resolve(against)])
      await promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd });
    const contestant = async (name: string, child: ManagedProcess, order: GatewayPlace): Promise<Contestant> => {
      const opened: ServerOrder = { kind: 'open', ...order, sockets: sockets + 100 };
      return { name, process: keep(child), ...(await child.ask<{ port: number; token: string }>(opened)) };
    };
    const gateway = async (name: string, checkout: string, place: string): Promise<Contestant> => {
      const dataDir = join(place, 'gateway');
      rmSync(dataDir, { recursive: true, force: true });
      const cluster = keep(new ManagedProcess(`PostgreSQL of ${name}`, process.execPath, [CLUSTER]));
      const { owner } = await cluster.ask<{ owner: string }>({ dataDir: join(place, 'database') });
      return contestant(name, start(name, 'server.ts', SERVER_CORE, checkout), { databaseUrl: owner, dataDir });
    };
    const bare = start('ws alone', 'bare-server.ts', SERVER_CORE);
    const contestants: [Contestant, ...Contestant[]] = [
      await gateway('ours', ROOT, scratch),
      await contestant('ws alone', bare, { databaseUrl: '', dataDir: '' }),
      ...(against === undefined ? [] : [await gateway('the other checkout', resolve(against), join(scratch, 'other'))]),
    ];
    const load = keep(start('load', 'load.ts', LOAD_CORE));
    line.clear();
    console.log(
      `One task, ${sockets} sockets. ` +
        `${canPin ? 'Servers on core 0, clients on core 1, PostgreSQL on either.' : UNPINNED}`,
    );
    console.log(
      'Ours: each frame redacted, numbered and committed to PostgreSQL before it is sent, resumable by ?after=, ' +
        'access checked. ws alone: JSON, send.',
    );
    console.log('Both publish 100 frames, then wait until the slowest socket has less than 128 KiB before it.');
    for (const one of contestants) await deliver(one, load, Math.min(sockets, 100), 500);
    const rows = [
      ...(await measure(contestants, load, sockets, frames, rounds, line)),
      ...(await measure(contestants, load, sockets, long, 1, line)),
    ];
    return { bench: 'progress', rows };
  } finally {
    line.clear();
    for (const one of open.reverse()) await one.stop();
  }
};
