import { type InlineBar, type Metrics, Xoshiro128, type Rng } from '#quant';
import { type Calendar, DAY_MS, calendarFor } from '#quant/calendars';
import { deviation } from '#quant/metrics';
import { percent } from '../number-format.ts';
import { barsOf } from '../../../../quant/testing/builders.ts';
import { reportedRun, type ReportedRun } from './reported-run.ts';

/** A market to draw runs in: the run's exchange, that of its benchmark, and how bars lie in their sessions. */
export interface DrawnMarket {
  readonly name: string;
  readonly exchange: string;
  readonly other: string;
  readonly interval: '1h' | '1d' | '1w';
  readonly extended?: boolean;
  readonly freq?: 'bar';
}

/**
 * Every calendar, hourly, daily and weekly, with sessions that cross midnight UTC and winter closes of extended hours
 * at it.
 */
export const MARKETS: readonly DrawnMarket[] = [
  { name: 'New York, days', exchange: 'NYSE', other: 'LSE', interval: '1d' },
  { name: 'New York, extended hours in winter', exchange: 'NASDAQ', other: 'NYSE', interval: '1h', extended: true },
  { name: 'New York, weeks', exchange: 'NYSE', other: 'LSE', interval: '1w' },
  { name: 'London, days', exchange: 'LSE', other: 'NYSE', interval: '1d' },
  { name: 'London, hours', exchange: 'LSE', other: 'LSE', interval: '1h' },
  { name: 'Chicago, days', exchange: 'CME', other: 'NYSE', interval: '1d' },
  { name: 'Chicago, hours', exchange: 'CME', other: 'CME', interval: '1h' },
  { name: 'Chicago, hours, measured on bars', exchange: 'CME', other: 'CME', interval: '1h', freq: 'bar' },
  { name: 'crypto, days', exchange: 'BINANCE', other: 'NYSE', interval: '1d' },
  { name: 'crypto, hours', exchange: 'COINBASE', other: 'BINANCE', interval: '1h' },
  { name: 'currencies, days', exchange: 'FX', other: 'NYSE', interval: '1d' },
  { name: 'currencies, hours', exchange: 'FX', other: 'FX', interval: '1h' },
  { name: 'local, days', exchange: 'LOCAL', other: 'NYSE', interval: '1d' },
];

const FROM = '2023-10-16';
const CLOSE_ENOUGH = 1e-9;

export interface DrawnRun {
  readonly document: object;
  readonly bars: InlineBar[];
  readonly calendar: Calendar;
}

/** Session labels of bars, and where each bar of a session begins. */
function barTimes(
  { interval, extended }: DrawnMarket,
  exchange: string,
  sessions: number,
): { time: string; date: string }[] {
  const calendar = calendarFor(exchange);
  const all = calendar.sessions(FROM, '2024-12-31');
  if (interval === '1d') return all.slice(0, sessions).map(({ date }) => ({ time: date, date }));
  if (interval === '1w') {
    const weeks = new Map(
      all.map(({ date, label }) => [Math.floor((label / DAY_MS + 3) / 7), date] as const).reverse(),
    );
    return [...weeks.values()]
      .sort()
      .slice(0, sessions)
      .map((date) => ({ time: date, date }));
  }
  return all.slice(0, Math.ceil(sessions / 4)).flatMap((session) => {
    const { open, close } = extended ? calendar.extended(session) : session;
    const times: { time: string; date: string }[] = [];
    for (let at = Math.ceil(open / 3_600_000) * 3_600_000; at < close; at += 3_600_000)
      times.push({ time: new Date(at).toISOString(), date: session.date });
    return times;
  });
}

function walk(rng: Rng, vtSymbol: string, times: readonly { time: string }[], gaps: number): InlineBar[] {
  let price = 50 + rng.below(100);
  return times.flatMap(({ time }, i) => {
    const open = price;
    price = Math.max(1, Math.round(price * (1 + 0.02 * rng.normal()) * 100) / 100);
    return i > 0 && rng.uniform() < gaps ? [] : barsOf(vtSymbol, [[time, price, open]]);
  });
}

/** A seeded run: weights that change every few bars, a benchmark with gaps. */
export function drawRun(market: DrawnMarket, seed: number, more: Record<string, unknown> = {}): DrawnRun {
  const rng = new Xoshiro128(seed, `sheet ${market.name}`);
  const own = `A.${market.exchange}`;
  const benchmark = `B.${market.other}`;
  const sessions = 8 + rng.below(60);
  const times = barTimes(market, market.exchange, sessions);
  const first = rng.below(4);
  const targets = times
    .filter((_, i) => i >= first && (i === first || rng.uniform() < 0.2))
    .map(({ time }) => ({ time, vt_symbol: own, weight: Math.round(rng.uniform() * 100) / 100 }));
  const kwargs = {
    interval: market.interval,
    lot_size: 1e-6,
    benchmark,
    extended_hours: market.extended ?? false,
    metrics_freq: market.freq ?? 'session',
    ...more,
  };
  const strategy = {
    universe_model: { class: 'StaticUniverse', kwargs: { symbols: [own] } },
    portfolio_model: { class: 'ScheduledTargets', kwargs: { targets } },
  };
  const bars = [
    ...walk(rng, own, times, 0.05),
    ...walk(rng, benchmark, barTimes(market, market.other, sessions + 3), 0.1),
  ];
  return {
    document: { strategy: { class: 'FrameworkAlgorithm', kwargs: strategy }, backtest: { engine: 'event', kwargs } },
    bars,
    calendar: calendarFor(market.exchange),
  };
}

/** What disagrees between rows, metrics, plots and page of one seeded run; empty where all is well. */
export function checkSheet(market: DrawnMarket, seed: number): string[] {
  const { document, bars, calendar } = drawRun(market, seed);
  const run = reportedRun(document, bars);
  const found: string[] = [];
  const differ = (what: string, a: unknown, b: unknown): void => {
    const same =
      typeof a === 'number' && typeof b === 'number'
        ? Math.abs(a - b) <= CLOSE_ENOUGH * Math.max(1, Math.abs(a))
        : a === b;
    if (!same) found.push(`${market.name}, seed ${seed}: ${what}: ${String(a)} and ${String(b)}`);
  };
  for (const older of [false, true])
    checkOne(run, market, calendar, older, (what, a, b) => differ(older ? `${what}, older engine` : what, a, b));
  return found;
}

function checkOne(
  run: ReportedRun,
  { freq, interval }: DrawnMarket,
  calendar: Calendar,
  older: boolean,
  differ: (what: string, a: unknown, b: unknown) => void,
): void {
  const { metrics } = run;
  const [plot] = run.plot('returns', older).data;
  const returns = [...plot!.y];
  const own = returnsOfRows(run, freq === 'bar');
  differ('number of returns', returns.length, own.returns.length);
  own.returns.forEach((value, i) => differ(`return ${i}`, returns[i], value));
  own.dates.forEach((date, i) => differ(`date of return ${i}`, plot!.x[i], date));
  differ('total return', returns.reduce((all, value) => all * (1 + value), 1) - 1, metrics.total_return);
  differ('maximum drawdown', worstOf(returns), metrics.max_drawdown);
  const perYear =
    interval === '1w' ? 52 : calendar.sessionsPerYear * (freq === 'bar' ? Math.ceil(calendar.sessionMinutes / 60) : 1);
  const spread = deviation(returns);
  differ('volatility', spread === null ? null : spread * Math.sqrt(perYear), metrics.volatility_ann);
  checkPage(run.text(older), metrics, run, differ);
}

/** Returns of the rows as a reader of them would work them out: the last row of each session date after E_0. */
function returnsOfRows(run: ReportedRun, everyRow: boolean): { returns: number[]; dates: string[] } {
  const rows = run.rows('equity').filter((row) => run.firstDecision !== null && String(row['ts']) >= run.firstDecision);
  const kept = rows.filter((row, i) => everyRow || i === 0 || rows[i + 1]?.['session_date'] !== row['session_date']);
  return {
    returns: kept.slice(1).map((row, i) => Number(row['equity']) / Number(kept[i]!['equity']) - 1),
    dates: kept.slice(1).map((row) => String(row[everyRow ? 'ts' : 'session_date'])),
  };
}

function worstOf(returns: readonly number[]): number {
  let [equity, peak, worst] = [1, 1, 0];
  for (const value of returns) {
    equity *= 1 + value;
    peak = Math.max(peak, equity);
    worst = Math.min(worst, equity / peak - 1);
  }
  return worst;
}

/**
 * The page prints the deepest drawdown of its table as the metrics have it, months that compound to the total return,
 * and the dates of its first and last row.
 */
function checkPage(
  text: string,
  metrics: Metrics,
  run: ReportedRun,
  differ: (what: string, a: unknown, b: unknown) => void,
): void {
  const rows = run.rows('equity');
  const deepest = /Recovered To valley, \w+ To recovery, \w+ (\S+%)/.exec(text)?.[1];
  differ('deepest drawdown of the table', deepest ?? percent(0), percent(metrics.max_drawdown));
  const shown = (date: unknown): string =>
    new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })
      .format(new Date(String(date)))
      .replace('Sept', 'Sep');
  differ(
    'period',
    /Period (.*?) Bars /.exec(text)?.[1],
    `${shown(rows[0]!['session_date'])} to ${shown(rows.at(-1)!['session_date'])}`,
  );
  const years = [...text.matchAll(/ (20\d\d)((?: (?:[−\d.]+|–)){13})(?= )/g)].map(
    (match) => Number(match[2]!.trim().split(' ').at(-1)!.replace('−', '-')) / 100,
  );
  const chained = years.reduce((all, year) => all * (1 + year), 1) - 1;
  differ('years of the page', Math.abs(chained - metrics.total_return!) < 0.0006 * years.length + 1e-12, true);
}
