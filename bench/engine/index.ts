import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runBacktest } from '#quant';
import { alternate, median, timed, type Contender } from '../harness/measure.ts';
import { ProgressLine } from '../harness/progress-line.ts';
import { figure, row, table, type Bench, type BenchRow } from '../harness/report.ts';
import { count, flag, option, scratchDirectory } from '../harness/scratch.ts';
import { dailyCase, minuteCase, type EngineCase } from './cases.ts';
import { runFused } from './fused.ts';
import { INITIAL_CASH, inputOf, phases, type Quant, requireEqual, type Log, type Mode } from './ours.ts';
import { openPeers, type EnginePeer, type PeerResult } from './peers.ts';

const CEILING = 'hand-fused loop';
const ONCE_ABOVE_S = 30;
/** Above this many bars the slow peers are asked in event mode only; in level mode they do the same work. */
const BOTH_MODES_UP_TO = 100_000;

interface Settings {
  rounds: number;
  sampleSeconds: number;
  peers: readonly EnginePeer[];
  /** The engine of another checkout. */
  against: Quant | null;
  line: ProgressLine;
}

const ours = (log: Log): string => `ours, log ${log}`;
const theirs = (log: Log): string => `the other checkout, log ${log}`;

async function measure(
  input: EngineCase,
  mode: Mode,
  { rounds, sampleSeconds, peers: all, against, line }: Settings,
): Promise<BenchRow[]> {
  const name = `${input.name}, ${mode} mode`;
  const peers = mode === 'event' || input.bars <= BOTH_MODES_UP_TO ? all : [];
  const inputs = {
    off: inputOf(input.series, input.interval, mode, 'off'),
    full: inputOf(input.series, input.interval, mode, 'full'),
  };
  line.show(`${name}: comparing with the fused loop`);
  const fused = runFused(input.series, mode, INITIAL_CASH);
  const output = runBacktest(inputs.off);
  requireEqual(name, output, fused, input.series);
  requireEqual(`${name}, log on`, runBacktest(inputs.full), fused, input.series);

  line.show(`${name}: warming up`);
  for (const log of ['off', 'full'] as const) timed(() => runBacktest(inputs[log]), sampleSeconds);
  timed(() => runFused(input.series, mode, INITIAL_CASH), sampleSeconds);
  const others =
    against === null
      ? []
      : (['off', 'full'] as const).map((log) => {
          const theirInput = inputOf(input.series, input.interval, mode, log, { engine: against });
          requireEqual(`${name}, ${theirs(log)}`, against.runBacktest(theirInput), fused, input.series);
          timed(() => against.runBacktest(theirInput), sampleSeconds);
          return { name: theirs(log), sample: () => timed(() => against.runBacktest(theirInput), sampleSeconds) };
        });

  const results = new Map<string, PeerResult>();
  const contenders: Contender[] = [
    { name: ours('off'), sample: () => timed(() => runBacktest(inputs.off), sampleSeconds) },
    { name: CEILING, sample: () => timed(() => runFused(input.series, mode, INITIAL_CASH), sampleSeconds) },
    { name: ours('full'), sample: () => timed(() => runBacktest(inputs.full), sampleSeconds) },
    ...others,
    ...peers.map((peer) => ({
      name: peer.name,
      sample: async () => {
        const result = await peer.run(input, mode);
        results.set(peer.name, result);
        return result.seconds;
      },
    })),
  ];
  const samples = await alternate(contenders, rounds, ONCE_ABOVE_S, (who, round) =>
    line.show(`${name}: ${who}, run ${round} of ${rounds}`),
  );
  line.clear();

  const own = { fills: output.artifacts.fills.length, equity: output.finalEquity };
  const pace = (who: string): number => input.bars / median(samples.get(who)!);
  const lines = contenders.map(({ name: who }) => {
    const taken = samples.get(who)!;
    const { fills, equity } = results.get(who) ?? own;
    return [
      who,
      String(taken.length),
      figure(median(taken) * 1_000),
      figure(pace(who)),
      `${figure(pace(ours('off')) / pace(who))}x`,
      String(fills),
      equity.toFixed(8),
    ];
  });
  console.log(`\n${name} (${input.bars} bars)`);
  console.log(table(['engine', 'runs', 'median ms', 'bars/s', 'ours off is', 'fills', 'final equity'], lines));
  console.log(`  ${CEILING}: every fill and the final equity equal.`);
  for (const peer of peers)
    for (const note of peer.explain(input, mode, results.get(peer.name)!, own)) console.log(`  ${peer.name}: ${note}.`);
  if (peers.length < all.length)
    console.log(`  ${all.map((peer) => peer.name).join(', ')}: asked in event mode only at this size.`);
  const shares = phases(inputs.off);
  console.log(
    `  ours, log off: ${figure(shares.preparation, 0)} % preparation and hash of the data, ` +
      `${figure(shares.bars, 0)} % bars, ${figure(shares.metrics, 0)} % metrics and result.`,
  );
  return (['off', 'full'] as const).flatMap((log) =>
    [CEILING, ...(against === null ? [] : [theirs(log)]), ...peers.map((peer) => peer.name)].map((who) =>
      row(`${name}, log ${log}`, pace(ours(log)), who, pace(who), 'bars/s'),
    ),
  );
}

/**
 * Bars per second of EmaCross(20, 50) next to backtrader, backtesting.py and a hand-fused loop. Options: `--cases
 * 1,10,100,minutes`, `--runs 5`, `--minutes 1000000`, `--no-peers`, `--against DIR` (a checkout of another commit, with
 * its packages), `--quick` (one short run of small cases), `--scratch DIR`.
 */
export const run: Bench = async (args) => {
  const quick = flag(args, 'quick');
  const rounds = count(args, 'runs', quick ? 1 : 5, 1_000);
  const minutes = count(args, 'minutes', quick ? 20_000 : 1_000_000, 10_000_000);
  const wanted = (option(args, 'cases') ?? (quick ? '1,10,minutes' : '1,10,100,minutes')).split(',');
  const scratch = scratchDirectory(args, 'engine');
  const other = option(args, 'against');
  const against =
    other === undefined
      ? null
      : ((await import(pathToFileURL(join(resolve(other), 'libs/quant/index.ts')).href)) as Quant);
  const line = new ProgressLine();
  line.step('Looking for the Python peers');
  const { peers, missing } = flag(args, 'no-peers') ? { peers: [], missing: '--no-peers' } : await openPeers(scratch);
  line.clear();
  console.log(
    `EmaCross(20, 50), long or flat, equal weights, 2 bps slippage, 0.0005 commission, ` +
      `${INITIAL_CASH} cash. Medians of ${rounds} alternating runs; a peer slower than ${ONCE_ABOVE_S} s runs once.`,
  );
  console.log('Engine time only, reading the CSV files excluded:');
  console.log('  ours: runBacktest(), with preparation, dataset hash, artifacts and metrics');
  console.log(`  ${CEILING}: the loop, which keeps its fills and the last equity only`);
  for (const peer of peers) console.log(`  ${peer.name}: ${peer.timed}`);
  if (missing !== undefined) console.log(`SKIPPED backtrader, backtesting.py: ${missing}`);

  const rows: BenchRow[] = [];
  try {
    for (const size of wanted) {
      line.show(`Making the bars of case ${size}`);
      const input =
        size === 'minutes'
          ? minuteCase(scratch, minutes)
          : dailyCase(scratch, count(['--cases', size], 'cases', 1, 1_000));
      for (const mode of ['event', 'level'] as const)
        rows.push(...(await measure(input, mode, { rounds, sampleSeconds: quick ? 0.05 : 0.5, peers, against, line })));
    }
  } finally {
    line.clear();
    for (const peer of peers) peer.close();
  }
  return { bench: 'engine', rows };
};
