import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { Xoshiro128, type BarSeries, type Interval } from '#quant';

/** One input: the same rows as columns for us and as one CSV file per symbol for the peers. */
export interface EngineCase {
  name: string;
  interval: Interval;
  series: BarSeries[];
  files: string[];
  bars: number;
}

const SAMPLE = join(import.meta.dirname, '..', '..', 'node_modules', 'vega-datasets', 'data', 'sp500-2000.csv');
const SEED = 42;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const FIRST_MINUTE = Date.UTC(2020, 0, 1);
const HEAD = 'time,open,high,low,close,volume\n';

interface Row {
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

function sample(): Row[] {
  const records = parse<Record<string, string>>(readFileSync(SAMPLE), { columns: true });
  return records.map((record) => ({
    time: Date.parse(record['date']!),
    open: Number(record['open']),
    high: Number(record['high']),
    low: Number(record['low']),
    close: Number(record['close']),
    volume: Number(record['volume']),
  }));
}

/** Nearest price with 6 decimals, as the sample has them. */
function rounded(price: number): number {
  return Number(price.toFixed(6));
}

/**
 * Another symbol of the sample's kind: its prices times a seeded random walk of 1 % a day, from a first price between
 * 20 and 200.
 */
function perturbed(rows: readonly Row[], k: number): Row[] {
  const random = new Xoshiro128(SEED, `bench.symbol.${k}`);
  let factor = (20 + 180 * random.uniform()) / rows[0]!.open;
  return rows.map((bar) => {
    factor *= Math.exp(0.01 * random.normal() - 0.00005);
    const scaled = (price: number): number => rounded(price * factor);
    return {
      time: bar.time,
      open: scaled(bar.open),
      high: scaled(bar.high),
      low: scaled(bar.low),
      close: scaled(bar.close),
      volume: bar.volume,
    };
  });
}

/**
 * Seeded one-minute bars of a market that never closes, around 100: a random walk with a drift that lasts for about a
 * hundred bars, just strong enough that the strategy earns its costs. Without it the costs of some 9 000 round trips
 * leave nothing to trade with, and the rest of the bars stand idle.
 */
function minutes(count: number): Row[] {
  const random = new Xoshiro128(SEED, 'bench.minutes');
  const rows: Row[] = [];
  let close = 100;
  let drift = 0;
  for (let i = 0; i < count; i++) {
    const open = rounded(close * Math.exp(0.0002 * random.normal()));
    const noise = 0.0008 * random.normal();
    drift = 0.99 * drift + 0.0000101 * random.normal();
    const pull = 0.0001 * Math.log(100 / close);
    close = rounded(open * Math.exp(drift + pull + noise));
    const high = rounded(Math.max(open, close) * (1 + 0.0004 * random.uniform()));
    const low = rounded(Math.min(open, close) * (1 - 0.0004 * random.uniform()));
    rows.push({ time: FIRST_MINUTE + i * MINUTE_MS, open, high, low, close, volume: 1e9 });
  }
  return rows;
}

function toSeries(vtSymbol: string, rows: readonly Row[]): BarSeries {
  const column = (field: keyof Row): Float64Array => Float64Array.from(rows, (bar) => bar[field]);
  return {
    vtSymbol,
    time: column('time'),
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: column('volume'),
  };
}

function toCsv(rows: readonly Row[], interval: Interval): string {
  const label =
    interval === '1d'
      ? (ms: number) => new Date(ms).toISOString().slice(0, 10)
      : (ms: number) => new Date(ms).toISOString().slice(0, 19);
  return (
    HEAD +
    rows
      .map(
        (bar) =>
          `${label(bar.time)},${bar.open.toFixed(6)},${bar.high.toFixed(6)},${bar.low.toFixed(6)},${bar.close.toFixed(6)},${bar.volume}`,
      )
      .join('\n')
  );
}

function build(
  scratch: string,
  name: string,
  interval: Interval,
  symbols: readonly (readonly [string, readonly Row[]])[],
): EngineCase {
  const directory = join(scratch, 'csv');
  mkdirSync(directory, { recursive: true });
  const files = symbols.map(([vtSymbol, rows]) => {
    const file = join(directory, `${vtSymbol}.${rows.length}.csv`);
    writeFileSync(file, toCsv(rows, interval));
    return file;
  });
  const series = symbols.map(([vtSymbol, rows]) => toSeries(vtSymbol, rows));
  return { name, interval, series, files, bars: series.reduce((sum, bars) => sum + bars.time.length, 0) };
}

/** `count` symbols of daily bars: the S&P 500 as it is, then seeded relatives of it. */
export function dailyCase(scratch: string, count: number): EngineCase {
  const rows = sample();
  if (rows.length !== 5_105 || rows[0]!.time % DAY_MS !== 0)
    throw new Error(`The sample has ${rows.length} rows, not the 5 105 sessions it is known for.`);
  const symbols = Array.from(
    { length: count },
    (_, k) =>
      [k === 0 ? 'A000.CBOE' : `B${String(k).padStart(3, '0')}.CBOE`, k === 0 ? rows : perturbed(rows, k)] as const,
  );
  return build(scratch, `${count} x ${rows.length} days`, '1d', symbols);
}

export function minuteCase(scratch: string, count: number): EngineCase {
  return build(scratch, `1 x ${count} minutes`, '1m', [['MINUTE.BINANCE', minutes(count)]]);
}
