import { fileURLToPath } from 'node:url';
import { PythonPeer, pythonEnvironment } from '../../bench/harness/python.ts';
import { count, scratchDirectory } from '../../bench/harness/scratch.ts';
import {
  type BacktestInput,
  type CorporateAction,
  type Interval,
  ENGINE_VERSION,
  inlineBarsToSeries,
  normaliseRecipe,
  runBacktest,
} from '#quant';
import { calendarFor, DAY_MS } from '#quant/calendars';
import { periodsPerYear } from '#quant/metrics';
import { MARKETS, drawRun } from '../../libs/areas/backtests/report/testing/sheet-agreement.ts';

/**
 * `npm run parity [-- --count 100 --scratch DIR]`: the metrics of seeded runs of every calendar against quantstats and
 * NumPy, which get the equity marks and the bars of the benchmark and nothing else. Fails above 1e-10. What is
 * converted on the way, and what cannot be compared, stands in docs/parity.md.
 */
const TOLERANCE = 1e-10;
const args = process.argv.slice(2);
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

type Peer = 'quantstats' | 'numpy';
type Answer = Record<string, Partial<Record<Peer, number | null>>>;

/** Splits and dividends of daily benchmarks on raw prices, so that their valuation is compared too. */
function actionsFor(seed: number, vtSymbol: string, dates: readonly string[]): CorporateAction[] {
  if (seed % 2 === 0 || dates.length < 8) return [];
  return [
    { vt_symbol: vtSymbol, ex_date: dates[3]!, type: 'dividend', amount: 1.5 },
    { vt_symbol: vtSymbol, ex_date: dates[5]!, type: 'split', ratio: 2 },
    { vt_symbol: vtSymbol, ex_date: dates[6]!, type: 'dividend', amount: 0.25 },
  ];
}

function subject(n: number): { input: BacktestInput; request: (output: ReturnType<typeof runBacktest>) => object } {
  const market = MARKETS[n % MARKETS.length]!;
  const seed = 1_000 + n;
  const { document, bars } = drawRun(market, seed, { risk_free: n % 3 === 0 ? 0.03 : 0, normalization: 'raw' });
  const { recipe, specHash } = normaliseRecipe(document);
  const { kwargs } = recipe.backtest;
  const { series } = inlineBarsToSeries(bars, kwargs.interval as Interval);
  const benchmark = series.find(({ vtSymbol }) => vtSymbol === kwargs.benchmark)!;
  const own = series.find(({ vtSymbol }) => vtSymbol !== kwargs.benchmark)!;
  const dates = bars.filter(({ vt_symbol: symbol }) => symbol === kwargs.benchmark).map(({ time }) => String(time));
  const actions = market.interval === '1d' ? actionsFor(seed, benchmark.vtSymbol, dates) : [];
  const calendar = calendarFor(market.other);
  const request = ({ artifacts: { equity }, firstDecision }: ReturnType<typeof runBacktest>): object => ({
    interval: kwargs.interval,
    every_row: kwargs.metrics_freq === 'bar',
    per_year: periodsPerYear(calendarFor(market.exchange), kwargs),
    risk_free: kwargs.risk_free,
    first: equity.time.indexOf(Date.parse(firstDecision!)),
    time: [...equity.time],
    day: [...equity.sessionDay],
    equity: [...equity.equity],
    gross: [...equity.gross],
    net: [...equity.net],
    benchmark: {
      ...placed(benchmark.time, market.interval, calendar, market.extended ?? false),
      close: [...benchmark.close],
      bought: 0,
      actions: actions.map((action) => ({ ...action, day: Date.parse(action.ex_date) / DAY_MS })),
    },
  });
  return { input: { recipe, specHash, seed, series: [own], benchmark, actions }, request };
}

/** When each bar is known, and its session date, from its label and the calendar alone. */
function placed(
  time: Float64Array,
  interval: string,
  calendar: ReturnType<typeof calendarFor>,
  extended: boolean,
): { known: number[]; day: number[] } {
  if (interval === '1h') {
    const sessions = calendar
      .sessions('2023-01-01', '2025-01-01')
      .map((session) => ({ ...(extended ? calendar.extended(session) : session), label: session.label }));
    return {
      known: [...time].map((at) => at + 3_600_000),
      day: [...time].map((at) => sessions.find(({ open, close }) => open <= at && at < close)!.label / DAY_MS),
    };
  }
  return {
    known: [...time].map(
      (label) => (calendar.sessionByLabel(label)?.close ?? label) + (interval === '1w' ? 4 * DAY_MS : 0),
    ),
    day: [...time].map((label) => label / DAY_MS),
  };
}

const runs = count(args, 'count', 100, 10_000);
const environment = await pythonEnvironment(scratchDirectory(args, 'parity'), here('requirements.txt'));
if ('missing' in environment) console.log(`parity: skipped, ${environment.missing}`);
else process.exitCode = await compare(environment.python);

async function compare(python: string): Promise<number> {
  const peer = new PythonPeer(python, here('peer.py'));
  const worst = new Map<string, Partial<Record<Peer, { compared: number; most: number }>>>();
  const faults: string[] = [];
  for (let n = 0; n < runs; n++) {
    const { input, request } = subject(n);
    const output = runBacktest(input);
    const answer = await peer.ask<Answer>(request(output));
    const gaps = output.warnings.find(({ code }) => code === 'benchmark_gaps')?.count ?? 0;
    const { n_returns: returns, ...statistics } = answer;
    const ours: Record<string, number | null> = { ...output.metrics, n_pairs: returns!.numpy! - gaps };
    for (const [key, found] of Object.entries(statistics)) {
      const entry = worst.get(key) ?? {};
      worst.set(key, entry);
      for (const [name, theirs] of Object.entries(found) as [Peer, number | null][]) {
        const [a, b] = [ours[key] ?? null, theirs];
        const off =
          a === null || b === null
            ? a === b
              ? 0
              : Number.POSITIVE_INFINITY
            : Math.abs(a - b) / Math.max(1, Math.abs(b));
        const so = (entry[name] ??= { compared: 0, most: 0 });
        so.compared++;
        so.most = Math.max(so.most, off);
        if (off > TOLERANCE)
          faults.push(`run ${n} (${MARKETS[n % MARKETS.length]!.name}): ${key} is ${a}, of ${name} ${b}`);
      }
    }
  }
  peer.close();
  console.log(
    `engine ${ENGINE_VERSION}, ${runs} runs of ${MARKETS.length} markets; largest difference, relative above 1\n`,
  );
  const cell = (at: { compared: number; most: number } | undefined): string =>
    (at ? `${at.most.toExponential(1)} (${at.compared})` : '-').padStart(18);
  for (const [key, { quantstats, numpy }] of worst)
    console.log(`${key.padEnd(24)}quantstats${cell(quantstats)}   NumPy${cell(numpy)}`);
  console.log(
    faults.length === 0
      ? `\nall within ${TOLERANCE}`
      : `\n${faults.slice(0, 40).join('\n')}\n${faults.length} values beyond ${TOLERANCE}`,
  );
  return faults.length === 0 ? 0 : 1;
}
