import { hashCanonical, parseDate, parseInstant } from '#kernel';
import { INTERVAL_MS, datasetHash, type BarSeries } from '../bars/index.ts';
import {
  barOpen,
  calendarFor,
  DAY_MS,
  mondayOf,
  type Calendar,
  writtenText,
  type YearHours,
} from '../calendars/index.ts';
import type { BacktestKwargs, RunWarning } from '../recipe/index.ts';
import { requirePostable, sortActions } from './action-rules.ts';
import { BacktestFailure } from './failure.ts';
import type { BacktestInput, CorporateAction, RunIdentity } from './types.ts';

export const ENGINE_VERSION = '2.0.0';

const MOST_ROWS = 20_000_000;
export const FIRST_OF_SESSION = 1;
export const CLOSES_SESSION = 2;

/**
 * Bars of one symbol with what the calendar says about each of them. Bars after `end` and outside sessions are gone.
 */
export interface PreparedSymbol {
  readonly bars: BarSeries;
  readonly calendar: Calendar;
  /** Instant at which the bar becomes known, ms. */
  readonly known: Float64Array;
  /** Instant at which it opens, ms. */
  readonly opened: Float64Array;
  /** Session date in days since 1970-01-01. */
  readonly day: Int32Array;
  /** FIRST_OF_SESSION | CLOSES_SESSION. */
  readonly flags: Uint8Array;
  /** Index of the first bar at or after `start`. */
  readonly startIndex: number;
}

export interface PreparedRun {
  readonly symbols: readonly PreparedSymbol[];
  /** Of metrics: the recipe's, else that of the first universe symbol. */
  readonly calendar: Calendar;
  readonly actions: readonly CorporateAction[];
  /** Placed and filtered as every symbol is; null where none came. */
  readonly benchmark: PreparedSymbol | null;
  readonly warnings: readonly RunWarning[];
  readonly bars: number;
  readonly first: number;
  readonly last: number;
}

function isoDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function take(bars: BarSeries, keep: Int32Array): BarSeries {
  const pick = (column: Float64Array): Float64Array => Float64Array.from(keep, (i) => column[i]!);
  return {
    vtSymbol: bars.vtSymbol,
    time: pick(bars.time),
    open: pick(bars.open),
    high: pick(bars.high),
    low: pick(bars.low),
    close: pick(bars.close),
    volume: pick(bars.volume),
  };
}

function cut(bars: BarSeries, length: number): BarSeries {
  if (length === bars.time.length) return bars;
  const head = (column: Float64Array): Float64Array => column.subarray(0, length);
  return {
    vtSymbol: bars.vtSymbol,
    time: head(bars.time),
    open: head(bars.open),
    high: head(bars.high),
    low: head(bars.low),
    close: head(bars.close),
    volume: head(bars.volume),
  };
}

/** Close of the last session of the week, NaN when it has none. */
function weekClose(calendar: Calendar, label: number): number {
  const monday = mondayOf(Math.floor(label / DAY_MS)) * DAY_MS;
  return calendar.sessions(isoDate(monday), isoDate(monday + 6 * DAY_MS)).at(-1)?.close ?? Number.NaN;
}

/** Columns of a symbol while its bars are placed in time. */
class Placing {
  readonly known: Float64Array;
  /** Of daily and weekly bars; intraday ones open at their label. */
  readonly opened: Float64Array;
  readonly day: Int32Array;
  readonly flags: Uint8Array;
  /** Indexes of the bars that stay, only once one was left out. */
  kept: Int32Array | null = null;
  count = 0;
  dropped = 0;
  /** Index of the first bar left out. */
  firstDropped = -1;

  constructor(total: number, intraday: boolean) {
    this.known = new Float64Array(total);
    this.opened = new Float64Array(intraday ? 0 : total);
    this.day = new Int32Array(total);
    this.flags = new Uint8Array(total);
  }

  keepDay(index: number, opened: number, known: number, day: number): void {
    this.opened[this.count] = opened;
    this.keep(index, known, day, true);
  }

  keep(index: number, known: number, day: number, closes: boolean): void {
    const at = this.count++;
    this.known[at] = known;
    this.day[at] = day;
    this.flags[at] = (at === 0 || this.day[at - 1] !== day ? FIRST_OF_SESSION : 0) | (closes ? CLOSES_SESSION : 0);
    if (this.kept !== null) this.kept[at] = index;
  }

  /**
   * Bars of one session that last `length` each, from this index to before the other; those that end at or after
   * `close` close it.
   */
  keepSession(time: Float64Array, from: number, to: number, length: number, day: number, close: number): void {
    const { known } = this;
    const first = this.count;
    for (let i = from, at = first; i < to; i++, at++) known[at] = time[i]! + length;
    this.count += to - from;
    this.day.fill(day, first, this.count);
    if (first === 0 || this.day[first - 1] !== day) this.flags[first] = FIRST_OF_SESSION;
    for (let at = this.count - 1; at >= first && known[at]! >= close; at--) this.flags[at]! |= CLOSES_SESSION;
    if (this.kept !== null) for (let i = from, at = first; i < to; i++, at++) this.kept[at] = i;
  }

  drop(index: number): void {
    if (this.dropped++ === 0) this.firstDropped = index;
    if (this.kept !== null) return;
    this.kept = new Int32Array(this.known.length);
    for (let i = 0; i < this.count; i++) this.kept[i] = i;
  }
}

/** Last label and last session date that `end` lets in. */
function endOf(end: string | null): { label: number; day: number } {
  if (end === null) return { label: Number.POSITIVE_INFINITY, day: Number.POSITIVE_INFINITY };
  const date = parseDate(end);
  return Number.isNaN(date)
    ? { label: parseInstant(end), day: Number.POSITIVE_INFINITY }
    : { label: Number.POSITIVE_INFINITY, day: date / DAY_MS };
}

/** Intraday bars, walking the sessions beside them; both ascend. */
function placeIntraday(
  placing: Placing,
  time: Float64Array,
  length: number,
  calendar: Calendar,
  options: BacktestKwargs,
): void {
  const last = endOf(options.end);
  const sessions =
    time.length === 0
      ? []
      : calendar.sessions(isoDate(time[0]! - 2 * DAY_MS), isoDate(time[time.length - 1]! + 2 * DAY_MS));
  let i = 0;
  for (const session of sessions) {
    const { open, close } = options.extended_hours ? calendar.extended(session) : session;
    const day = session.label / DAY_MS;
    for (; i < time.length && time[i]! < open; i++) {
      if (time[i]! > last.label) return;
      if (!calendar.lenient) placing.drop(i);
      else if (Math.floor(time[i]! / DAY_MS) > last.day) return;
      else placing.keep(i, time[i]! + length, Math.floor(time[i]! / DAY_MS), false);
    }
    if (i < time.length && time[i]! < close && day > last.day) return;
    const from = i;
    i = firstAtOrAfter(time, Math.min(close, last.label + 1), from);
    if (i > from) placing.keepSession(time, from, i, length, day, close);
    if (i < time.length && time[i]! > last.label) return;
  }
}

/**
 * Index of the first of the ascending values, from this index on, that is not below `bound`: in steps that double, then
 * by halves.
 */
function firstAtOrAfter(values: ArrayLike<number>, bound: number, from: number): number {
  let low = from;
  let step = 1;
  while (low + step < values.length && values[low + step]! < bound) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step, values.length);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

function requireAscending(vtSymbol: string, time: Float64Array): void {
  for (let i = 1; i < time.length; i++)
    if (time[i]! <= time[i - 1]!)
      throw new BacktestFailure('bad_input', `The bars of ${vtSymbol} are not ascending by time.`);
}

function placeDaily(placing: Placing, time: Float64Array, calendar: Calendar, options: BacktestKwargs): void {
  const last = endOf(options.end);
  const weekly = options.interval === '1w';
  let { firstDay, opens, closes }: YearHours = calendar.hoursOfYear(Math.floor((time[0] ?? 0) / DAY_MS));
  for (let i = 0; i < time.length; i++) {
    const label = time[i]!;
    const day = Math.floor(label / DAY_MS);
    if (label > last.label || day > last.day) return;
    if (day < firstDay || day >= firstDay + closes.length) ({ firstDay, opens, closes } = calendar.hoursOfYear(day));
    const close = weekly ? weekClose(calendar, label) : (closes[day - firstDay] ?? Number.NaN);
    if (close === close)
      placing.keepDay(i, weekly ? barOpen(calendar, '1w', label) : opens[day - firstDay]!, close, day);
    else if (calendar.lenient) placing.keepDay(i, calendar.regularOpen(label), calendar.regularClose(label), day);
    else placing.drop(i);
  }
}

function prepareSymbol(
  series: BarSeries,
  options: BacktestKwargs,
  calendar: Calendar,
  warnings: RunWarning[],
): PreparedSymbol {
  const { time } = series;
  requireAscending(series.vtSymbol, time);
  const length = INTERVAL_MS[options.interval];
  const placing = new Placing(time.length, length !== undefined);
  if (length === undefined) placeDaily(placing, time, calendar, options);
  else placeIntraday(placing, time, length, calendar, options);
  const { count, kept, dropped } = placing;
  if (dropped > 0) {
    const stamp = time[placing.firstDropped]!;
    const example = length === undefined ? isoDate(stamp) : writtenText({ wall: stamp, offset: 0 });
    const left = dropped === 1 ? ['One bar lies', 'is'] : [`${dropped} bars lie`, 'are'];
    warnings.push({
      code: 'off_session',
      message: `${left[0]} outside the sessions of ${calendar.exchange} and ${left[1]} left out.`,
      vt_symbol: series.vtSymbol,
      count: dropped,
      example,
    });
  }
  const bars = kept === null ? cut(series, count) : take(series, kept.subarray(0, count));
  const day = placing.day.subarray(0, count);
  const opened = length === undefined ? placing.opened.subarray(0, count) : bars.time;
  return {
    bars,
    calendar,
    known: placing.known.subarray(0, count),
    opened,
    day,
    flags: placing.flags.subarray(0, count),
    startIndex: startIndex(bars, day, options.start),
  };
}

function startIndex(bars: BarSeries, day: Int32Array, start: string | null): number {
  if (start === null) return 0;
  const date = parseDate(start);
  const from = Number.isNaN(date) ? parseInstant(start) : date / DAY_MS;
  const values: ArrayLike<number> = Number.isNaN(date) ? bars.time : day;
  return firstAtOrAfter(values, from, 0);
}

/**
 * What is not known before the first slice is no history, though its session be one of before `start`: another
 * exchange's session may have begun already.
 */
function fromFirstSlice(symbol: PreparedSymbol, first: number): PreparedSymbol {
  const startIndex = Math.min(symbol.startIndex, firstAtOrAfter(symbol.known, first, 0));
  return startIndex === symbol.startIndex ? symbol : { ...symbol, startIndex };
}

function prepareBenchmark(
  input: BacktestInput,
  universe: readonly string[],
  warnings: RunWarning[],
): PreparedRun['benchmark'] {
  const series = input.benchmark;
  if (series === undefined) return null;
  return prepareSymbol(
    series,
    input.recipe.backtest.kwargs,
    calendarFor(exchangeOf(series.vtSymbol)),
    universe.includes(series.vtSymbol) ? [] : warnings,
  );
}

function exchangeOf(vtSymbol: string): string {
  return vtSymbol.slice(vtSymbol.lastIndexOf('.') + 1);
}

/**
 * What is said of symbols that this run does not trade has no effect, but for a benchmark: it is compared as its
 * actions made it.
 */
function warnUntraded(
  input: BacktestInput,
  universe: readonly string[],
  symbols: readonly PreparedSymbol[],
  warnings: RunWarning[],
): void {
  const { benchmark } = input.recipe.backtest.kwargs;
  const traded = new Set([...symbols.map(({ bars }) => bars.vtSymbol), ...(benchmark === null ? [] : [benchmark])]);
  const counts = new Map<string, number>();
  for (const { vt_symbol: symbol } of input.actions ?? [])
    if (!traded.has(symbol)) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  for (const [symbol, count] of counts)
    warnings.push({
      code: 'action_without_symbol',
      message: 'Corporate actions name a symbol that is not in this run.',
      vt_symbol: symbol,
      count,
    });
  for (const symbol of Object.keys(input.instruments ?? {}))
    if (!traded.has(symbol) && !universe.includes(symbol) && !counts.has(symbol))
      warnings.push({
        code: 'action_without_symbol',
        message: 'Instrument rules name a symbol that is not in this run.',
        vt_symbol: symbol,
        count: 1,
      });
}

/** Every symbol the recipe's universe names, where the model says so; else those that came with bars. */
function universeOf(input: BacktestInput): string[] {
  const named = input.recipe.strategy.kwargs.universe_model.kwargs['symbols'];
  return Array.isArray(named) ? (named as string[]) : input.series.map((bars) => bars.vtSymbol);
}

/**
 * Filters the bars of the universe by `end` and by session, and places each in time. Throws BacktestFailure `no_data`
 * when nothing is left, `double_adjustment` for splits and dividends on data that is adjusted already,
 * `budget_exceeded` above 20 million rows.
 */
export function prepareRun(input: BacktestInput): PreparedRun {
  const options = input.recipe.backtest.kwargs;
  const universe = universeOf(input);
  const given = new Map(input.series.map((bars) => [bars.vtSymbol, bars]));
  requirePostable(input.actions ?? [], options.normalization);
  const warnings: RunWarning[] = [];
  const symbols: PreparedSymbol[] = [];
  let rows = 0;
  for (const vtSymbol of [...universe].sort()) {
    const series = given.get(vtSymbol);
    const prepared = series && prepareSymbol(series, options, calendarFor(exchangeOf(vtSymbol)), warnings);
    if (prepared === undefined || prepared.bars.time.length === 0)
      warnings.push({
        code: 'symbol_without_data',
        message: 'A symbol of the universe has no bars.',
        vt_symbol: vtSymbol,
      });
    else symbols.push(prepared);
    rows += prepared?.bars.time.length ?? 0;
  }
  for (const { vtSymbol, time } of input.series) {
    if (time.length === 0 || universe.includes(vtSymbol) || vtSymbol === options.benchmark) continue;
    warnings.push({
      code: 'bars_outside_universe',
      message: 'Bars of a symbol that is neither in the universe nor the benchmark have no effect.',
      vt_symbol: vtSymbol,
      count: time.length,
    });
  }
  if (rows > MOST_ROWS)
    throw new BacktestFailure('budget_exceeded', `A run reads at most ${MOST_ROWS} bars; this one has ${rows}.`);
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const symbol of symbols) {
    if (symbol.startIndex === symbol.known.length) continue;
    first = Math.min(first, symbol.known[symbol.startIndex]!);
    last = Math.max(last, symbol.known[symbol.known.length - 1]!);
  }
  if (first > last) throw new BacktestFailure('no_data', 'No bar of the universe is left between start and end.');
  warnUntraded(input, universe, symbols, warnings);
  const benchmark = prepareBenchmark(input, universe, warnings);
  return {
    symbols: symbols.map((symbol) => fromFirstSlice(symbol, first)),
    benchmark,
    calendar: calendarFor(options.calendar ?? exchangeOf(universe[0]!)),
    actions: sortActions(input.actions ?? []),
    warnings,
    bars: rows,
    first,
    last,
  };
}

function plainInstruments(input: BacktestInput): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [vtSymbol, rules] of Object.entries(input.instruments ?? {}))
    out[vtSymbol] = Object.fromEntries(
      Object.entries(rules).filter(([, value]) => value !== undefined && value !== null),
    );
  return out;
}

/** The hashes of trading.md 7.5 for data that is prepared. */
export function identify(input: BacktestInput, prepared: PreparedRun): RunIdentity {
  const dataset = datasetHash(prepared.symbols.map((symbol) => symbol.bars));
  const versions = Object.fromEntries(
    universeOf(input).map((vtSymbol) => [exchangeOf(vtSymbol), calendarFor(exchangeOf(vtSymbol)).version]),
  );
  const context = hashCanonical({
    actions: input.actions ?? [],
    instruments: plainInstruments(input),
    calendar_versions: versions,
  });
  const [start, end] = [new Date(prepared.first).toISOString(), new Date(prepared.last).toISOString()];
  const identity = {
    specHash: input.specHash,
    datasetHash: dataset,
    contextHash: context,
    seed: input.seed,
    start,
    end,
  };
  return { engine: 'event', engineVersion: ENGINE_VERSION, ...identity, runHash: runHash(identity) };
}

/** SHA-256(JCS{engine, engine_version, spec_hash, dataset_hash, context_hash, seed, start, end}). */
export function runHash(of: {
  specHash: string;
  datasetHash: string;
  contextHash: string;
  seed: number;
  start: string;
  end: string;
}): string {
  return hashCanonical({
    engine: 'event',
    engine_version: ENGINE_VERSION,
    spec_hash: of.specHash,
    dataset_hash: of.datasetHash,
    context_hash: of.contextHash,
    seed: of.seed,
    start: of.start,
    end: of.end,
  });
}

/**
 * What a run would be, without running it: for `reuse` and for the row that exists before the run does. Throws as
 * `prepareRun`.
 */
export function identifyRun(input: BacktestInput): RunIdentity {
  return identify(input, prepareRun(input));
}
