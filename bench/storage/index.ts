import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { alternate, median } from '../harness/measure.ts';
import { ProgressLine } from '../harness/progress-line.ts';
import { type Bench, type BenchRow, figure, row, table } from '../harness/report.ts';
import { count, flag, scratchDirectory } from '../harness/scratch.ts';
import { Minio } from '../../test/services/minio.ts';
import { ManagedProcess } from '../http/processes.ts';
import type { ClientOrder } from './client.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const KIB = 1_024;
const MIB = KIB * KIB;
const SIZES = [
  { label: '1 KiB', bytes: KIB, each: 200 },
  { label: '1 MiB', bytes: MIB, each: 40 },
  { label: '64 MiB', bytes: 64 * MIB, each: 4 },
] as const;
const FLAT_LIMIT = 64 * MIB;

/**
 * Objects per second through our store and through the bare SDK, one after the other, on one MinIO; and how much our
 * memory grows over streams of 64 MiB. Fails when it grows by 64 MiB. Options: `--runs 5`, `--flat 100`, `--quick`,
 * `--scratch DIR`.
 */
export const run: Bench = async (args) => {
  const quick = flag(args, 'quick');
  const rounds = count(args, 'runs', quick ? 1 : 5, 100);
  const flat = count(args, 'flat', quick ? 5 : 100, 1_000);
  const line = new ProgressLine();
  let minio: Minio | string = 'not started';
  const open: ManagedProcess[] = [];
  try {
    line.step('Building, starting MinIO');
    await promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd: ROOT });
    minio = await Minio.start(scratchDirectory(args, 'storage'));
    if (typeof minio === 'string') {
      line.clear();
      console.log(`SKIPPED: ${minio}`);
      return { bench: 'storage', rows: [] };
    }
    const { settings } = minio;
    const client = async (name: string, who: 'ours' | 'sdk'): Promise<ManagedProcess> => {
      const child = new ManagedProcess(name, process.execPath, [
        '--no-warnings',
        join(import.meta.dirname, 'client.ts'),
      ]);
      open.push(child);
      await child.ask({
        kind: 'open',
        who,
        endpoint: settings['ALPHASWARM_S3_ENDPOINT_URL']!,
        bucket: settings['ALPHASWARM_S3_BUCKET']!,
        accessKey: settings['ALPHASWARM_S3_ACCESS_KEY']!,
        secretKey: settings['ALPHASWARM_S3_SECRET_KEY']!,
      } satisfies ClientOrder);
      return child;
    };
    const clients = [await client('ours', 'ours'), await client('bare SDK', 'sdk')] as const;
    line.clear();
    console.log('One request after the other on one MinIO. Puts, both: only where nothing is (If-None-Match: *).');
    const rows: BenchRow[] = [];
    for (const size of SIZES) rows.push(...(await measure(clients, size, rounds, line)));
    line.step(`Memory over ${flat} streams of 64 MiB, twice`);
    const order: ClientOrder = { kind: 'flat', bytes: 64 * MIB, count: flat };
    const { growth } = await clients[0].ask<{ growth: number }>(order);
    line.clear();
    console.log(`\nMemory of ours over ${flat} puts and gets of 64 MiB: ${figure(growth / MIB, 1)} MiB more resident.`);
    if (growth >= FLAT_LIMIT) throw new Error('The memory is not flat.');
    return { bench: 'storage', rows };
  } finally {
    line.clear();
    for (const one of open.reverse()) await one.stop();
    if (typeof minio !== 'string') await minio.remove();
  }
};

async function measure(
  [ours, peer]: readonly [ManagedProcess, ManagedProcess],
  { label, bytes, each }: (typeof SIZES)[number],
  rounds: number,
  line: ProgressLine,
): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  // Gets of a round read what its puts have left.
  const names = new Map([ours, peer].map((one) => [one.name, Array.from({ length: rounds }, () => objectName())]));
  for (const kind of ['put', 'get'] as const) {
    const rest = new Map([...names].map(([name, made]) => [name, [...made]]));
    const samples = await alternate(
      [ours, peer].map((one) => ({
        name: one.name,
        sample: async () => {
          const order: ClientOrder = { kind, name: rest.get(one.name)!.shift()!, bytes, count: each };
          return (await one.ask<{ seconds: number }>(order)).seconds / each;
        },
      })),
      rounds,
      Number.POSITIVE_INFINITY,
      (who, round) => line.show(`${kind} of ${label}: ${who}, run ${round} of ${rounds}`),
    );
    line.clear();
    const perSecond = (one: ManagedProcess): number => 1 / median(samples.get(one.name)!);
    console.log(`\n${kind} of ${label}`);
    console.log(
      table(
        ['client', 'runs', 'objects/s', 'MiB/s', 'ours is'],
        [ours, peer].map((one) => [
          one.name,
          String(samples.get(one.name)!.length),
          figure(perSecond(one)),
          figure((perSecond(one) * bytes) / MIB),
          `${figure(perSecond(ours) / perSecond(one))}x`,
        ]),
      ),
    );
    rows.push(row(`${kind} of ${label}`, perSecond(ours), peer.name, perSecond(peer), 'objects/s'));
  }
  return rows;
}

function objectName(): string {
  return `bench/${randomBytes(8).toString('hex')}`;
}
