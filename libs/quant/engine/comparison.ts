import { dayTexts } from '../calendars/index.ts';
import { pairPeriods, type PairedReturns, type Pairing, type Pairs } from '../metrics/index.ts';
import type { BacktestKwargs, RunWarning } from '../recipe/index.ts';
import { heldUnit, unitPath, type UnitPath } from './held-unit.ts';
import type { PreparedRun } from './prepare.ts';
import { shown } from './shown-money.ts';
import type { ComparisonColumns, ComparisonRow, EquityColumns } from './types.ts';

/** A run's marks, and which of them are E_0..E_n of trading.md 7.9; none without a decision. */
export interface ComparedRun {
  readonly equity: Pick<EquityColumns, 'length' | 'time' | 'sessionDay' | 'equity'>;
  readonly samples: Int32Array;
}

const NO_BENCHMARK =
  'The benchmark has no bars in this run: there are no metrics against it. A run on inline bars reads no warehouse.';

type Options = Pick<BacktestKwargs, 'interval' | 'extended_hours' | 'metrics_freq' | 'benchmark'>;

/**
 * What a run is compared with: its universe bought in equal parts and held, and its benchmark. Every series is one unit
 * of its symbol, valued by `heldUnit`. The statistics pair it with the run's periods by session date; the rows show at
 * each instant what was known then.
 */
export class Comparison {
  readonly #prepared: PreparedRun;
  readonly #run: ComparedRun;
  readonly #options: Options;
  readonly #benchmark: UnitPath | null;
  readonly #pairs: Pairs | null;

  constructor(prepared: PreparedRun, run: ComparedRun, options: Options) {
    this.#prepared = prepared;
    this.#run = run;
    this.#options = options;
    const { benchmark } = prepared;
    this.#benchmark =
      benchmark === null || benchmark.known.length === 0 ? null : unitPath(benchmark, prepared, options);
    this.#pairs =
      this.#benchmark &&
      pairPeriods(samplesOf(run), { time: this.#benchmark.known, day: this.#benchmark.day }, pairingOf(options));
  }

  /** Returns of the benchmark over the periods that both have; null without a benchmark. */
  get paired(): PairedReturns | null {
    if (this.#benchmark === null || this.#pairs === null) return null;
    const { periods, from, to } = this.#pairs;
    const { known } = this.#benchmark;
    const asked = Int32Array.from(new Set([...from, ...to])).sort();
    const { value } = heldUnit(
      this.#benchmark,
      from.length === 0 ? 0 : known[from[0]!]!,
      Float64Array.from(asked, (bar) => known[bar]!),
    );
    const worth = new Map(Array.from(asked, (bar, i) => [bar, value[i]!]));
    return { periods, returns: Float64Array.from(periods, (_, i) => worth.get(to[i]!)! / worth.get(from[i]!)! - 1) };
  }

  /** What has to be said of the benchmark: that it has no bars, or not in every period. */
  warnings(): RunWarning[] {
    const { benchmark: vtSymbol } = this.#options;
    if (vtSymbol === null) return [];
    if (this.#benchmark === null)
      return [{ code: 'benchmark_without_data', message: NO_BENCHMARK, vt_symbol: vtSymbol, count: 1 }];
    const missing = Math.max(0, this.#run.samples.length - 1) - (this.#pairs?.periods.length ?? 0);
    if (missing === 0) return [];
    const [periods, they] = missing === 1 ? ['1 period', 'it is'] : [`${missing} periods`, 'they are'];
    const message = `The benchmark has no close at the start or at the end of ${periods}: ${they} in no statistic.`;
    return [{ code: 'benchmark_gaps', message, vt_symbol: vtSymbol, count: missing }];
  }

  /** A row per equity row, from the equity of the first decision; NaN without one. */
  columns(): ComparisonColumns {
    const { length, time, sessionDay } = this.#run.equity;
    return { length, time, sessionDay, buyAndHold: this.#buyAndHold(), benchmark: this.#benchmarkValue() };
  }

  #buyAndHold(): Float64Array {
    const { symbols } = this.#prepared;
    const total = new Float64Array(this.#run.equity.length);
    for (const symbol of symbols)
      this.#hold(unitPath(symbol, this.#prepared, this.#options), this.#first, symbols.length, total);
    return total;
  }

  #benchmarkValue(): Float64Array | null {
    if (this.#benchmark === null || this.#pairs === null) return null;
    const { periods, from } = this.#pairs;
    // With the run's first period both are bought at E_0; a benchmark that starts later is, at its own first period.
    const start = periods.length === 0 || periods[0] === 0 ? this.#first : this.#benchmark.known[from[0]!]!;
    const value = new Float64Array(this.#run.equity.length);
    this.#hold(this.#benchmark, start, 1, value);
    return value;
  }

  /** Adds to `total` the n-th part of the capital, held in this unit from the instant `from` on, and as cash before. */
  #hold(path: UnitPath, from: number, parts: number, total: Float64Array): void {
    const part = this.#capital / parts;
    const { value, price } = heldUnit(path, from, this.#run.equity.time);
    for (let row = 0; row < total.length; row++)
      total[row]! += Number.isNaN(value[row]!) ? part : (part * value[row]!) / price;
  }

  /** Instant of E_0, NaN without a decision. */
  get #first(): number {
    const { samples, equity } = this.#run;
    return samples.length === 0 ? Number.NaN : equity.time[samples[0]!]!;
  }

  get #capital(): number {
    const { samples, equity } = this.#run;
    return samples.length === 0 ? Number.NaN : equity.equity[samples[0]!]!;
  }
}

function samplesOf({ samples, equity: { time, sessionDay } }: ComparedRun): { time: Float64Array; day: Int32Array } {
  return {
    time: Float64Array.from(samples, (row) => time[row]!),
    day: Int32Array.from(samples, (row) => sessionDay[row]!),
  };
}

function pairingOf({ interval, metrics_freq: freq }: Options): Pairing {
  if (freq === 'bar') return 'instant';
  return interval === '1w' ? 'week' : 'session';
}

/** Rows as clients see them, oldest first; null where there is no such series. */
export function* comparisonRows({
  length,
  time,
  sessionDay,
  buyAndHold,
  benchmark,
}: ComparisonColumns): Generator<ComparisonRow, void, undefined> {
  const money = (value: number | undefined): number | null =>
    value === undefined || Number.isNaN(value) ? null : shown(value);
  const dateOf = dayTexts();
  for (let i = 0; i < length; i++)
    yield {
      session_date: dateOf(sessionDay[i]!),
      ts: new Date(time[i]!).toISOString(),
      buy_and_hold: money(buyAndHold[i]),
      benchmark: money(benchmark?.[i]),
    };
}
