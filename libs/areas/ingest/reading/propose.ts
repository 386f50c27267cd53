import { INTERVAL_MS, type Interval } from '#quant/bars';
import { calendarFor, offsetAt } from '#quant/calendars';
import { stemOf } from './file-names.ts';
import type { FileOfBars, OpenedBars } from './open-bars.ts';
import { type MappingTarget, plainName } from './mapping-targets.ts';
import { type FileShape, type Preset, presetOf, recognisePreset } from './presets/index.ts';
import { type NumberStyle, proposeDateFormat, proposeNumberStyle } from './propose-parse.ts';
import type { SourceRecord } from './records/source-record.ts';
import { parseTimeOfDay } from './values/time-of-day.ts';
import { parseWritten, type WrittenTime } from './values/parse-timestamp.ts';
import { compileDateFormat } from './values/date-format.ts';

/** Options of a run that a preview proposes beside what it was asked with. */
export interface Proposal {
  readonly preset: string | null;
  readonly columns: Record<string, string>;
  readonly constants: Record<string, string>;
  /** How dates and numbers are written that are not read without. */
  readonly parse: { readonly date_format?: string } & Partial<NumberStyle>;
}

const DAY_MS = 86_400_000;
const CLOCK_ROWS = 50;

type Parse = (text: string) => WrittenTime | null;

/** Files of arrays, and such without a header, name nothing; this is the order that everybody writes them in. */
const USUAL_ORDER = ['timestamp', 'open', 'high', 'low', 'close', 'volume'] as const;

/** What a file looks like to the presets. */
export function shapeOf({ source }: OpenedBars, records: readonly SourceRecord[], filename: string | null): FileShape {
  const { columns, facts } = source;
  return {
    headers: columns.map(({ name }) => plainName(name)),
    written: columns.map(({ written }) => written),
    headed: facts.header !== 'missing',
    first: records[0]?.values ?? [],
    filename,
    stated: facts.symbol !== null,
  };
}

/**
 * The preset that the file is of, columns of a file that names none, interval and symbol as far as the file or its name
 * says them.
 */
export function propose(opened: OpenedBars, records: readonly SourceRecord[], task: FileOfBars): Proposal {
  const { columns: bound, source } = opened;
  const preset =
    task.preset === null ? recognisePreset(shapeOf(opened, records, task.filename)) : presetOf(task.preset);
  const nameless =
    source.facts.header === 'missing' && !preset?.positions && Object.keys(task.mapping.columns).length === 0;
  const at = nameless ? 0 : columnOf('timestamp', opened, preset, {});
  const dateFormat =
    preset?.parse.date_format === undefined && at >= 0
      ? proposeDateFormat(columnTexts(records, [at]), task.rules)
      : null;
  const format = task.rules.dateFormat ?? preset?.parse.date_format ?? dateFormat;
  const parse =
    format === null ? (text: string) => parseWritten(text, task.rules.epochUnit) : compileDateFormat(format);
  const columns = nameless ? usualOrder(opened, records, parse) : {};
  const numbers = NUMBERS.map((target) => columnOf(target, opened, preset, columns)).filter((column) => column >= 0);
  const style = proposeNumberStyle(columnTexts(records, numbers), task.rules);
  const constants: Record<string, string> = {};
  const named = task.filename === null ? null : (preset?.fromName?.(stemOf(task.filename)) ?? null);
  const has = (target: 'vt_symbol' | 'interval'): boolean =>
    bound.position[target] >= 0 || task.mapping.constants[target] !== undefined || names(preset, opened, target);
  const exchange = proposedExchange(opened, records, task, preset);
  if (!has('interval')) {
    const zone =
      task.rules.timezone ?? calendarFor(task.rules.exchange ?? preset?.exchange ?? exchange ?? 'LOCAL').timezone;
    const interval = named?.interval ?? intervalOf(moments(opened, records, parse, preset, columns), zone);
    if (interval !== null) constants['interval'] = interval;
  }
  if (exchange !== null) constants['exchange'] = exchange;
  return {
    preset: preset?.name ?? null,
    columns,
    constants,
    parse: { ...(dateFormat === null ? {} : { date_format: dateFormat }), ...style },
  };
}

const NUMBERS = ['open', 'high', 'low', 'close', 'volume'] as const;

function columnTexts(records: readonly SourceRecord[], columns: readonly number[]): string[] {
  return records.flatMap(({ values }) => columns.map((column) => values[column] ?? ''));
}

/** Position of the column that fills a target by binding, preset or proposal; -1 where none does. */
function columnOf(
  target: MappingTarget,
  { columns: bound, source }: OpenedBars,
  preset: Preset | null,
  proposed: Record<string, string>,
): number {
  if (bound.position[target] >= 0) return bound.position[target];
  if (source.facts.header === 'missing' && preset?.positions) return preset.positions.indexOf(target);
  return source.columns.findIndex(({ name }) => (preset?.columns[plainName(name)] ?? proposed[name]) === target);
}

/** Bare tickers of a column need an exchange: FX for pairs of currencies, else LOCAL, which says that nobody said. */
function proposedExchange(
  { columns, source }: OpenedBars,
  records: readonly SourceRecord[],
  { mapping, rules, filename }: FileOfBars,
  preset: Preset | null,
): string | null {
  if (rules.exchange !== null || preset?.exchange !== undefined) return null;
  const at =
    columns.position.vt_symbol >= 0
      ? columns.position.vt_symbol
      : source.columns.findIndex(({ name }) => preset?.columns[plainName(name)] === 'vt_symbol');
  const constant = mapping.constants['vt_symbol'];
  const texts = constant !== undefined ? [constant] : at >= 0 ? records.map(({ values }) => values[at] ?? '') : [];
  const suffixes = { ...preset?.suffixes, ...rules.suffixes };
  const bare = (text: string): boolean => {
    const upper = text.toUpperCase();
    if (
      Object.entries(suffixes).some(([ending, exchange]) => exchange !== null && upper.endsWith(ending.toUpperCase()))
    )
      return false;
    return !(upper.includes('.') && rules.exchanges.includes(upper.slice(upper.lastIndexOf('.') + 1)));
  };
  const bareTexts = texts.filter((text) => text !== '' && bare(text));
  const ticker = filename === null ? undefined : preset?.fromName?.(stemOf(filename))?.ticker;
  const pairs =
    bareTexts.length > 0
      ? bareTexts
      : at < 0 && constant === undefined && ticker !== undefined && preset?.name === 'metatrader'
        ? [ticker]
        : [];
  if (pairs.length > 0 && pairs.every(isPair)) return 'FX';
  return bareTexts.length > 0 ? 'LOCAL' : null;
}

const CURRENCIES = new Set(
  'AUD CAD CHF CNH CZK DKK EUR GBP HKD HUF JPY MXN NOK NZD PLN SEK SGD TRY USD ZAR'.split(' '),
);

function isPair(ticker: string): boolean {
  const upper = ticker.toUpperCase();
  return upper.length === 6 && CURRENCIES.has(upper.slice(0, 3)) && CURRENCIES.has(upper.slice(3));
}

function names(preset: Preset | null, { source }: OpenedBars, target: 'vt_symbol' | 'interval'): boolean {
  return source.columns.some(({ name }) => preset?.columns[plainName(name)] === target);
}

/** `column_1: timestamp` and so on, where a file without names has a moment and then numbers. */
function usualOrder({ source }: OpenedBars, records: readonly SourceRecord[], parse: Parse): Record<string, string> {
  const first = records[0]?.values ?? [];
  if (!parse(first[0] ?? '')) return {};
  const order = isClock(records) ? ['timestamp', 'time', ...USUAL_ORDER.slice(1)] : USUAL_ORDER;
  if (first.length < order.length - 1) return {};
  return Object.fromEntries(source.columns.slice(0, order.length).map(({ name }, i) => [name, order[i]!]));
}

/** Whether the second column is a time of day: `09:30`, or `093000` where that leaves columns for all prices. */
function isClock(records: readonly SourceRecord[]): boolean {
  return records.slice(0, CLOCK_ROWS).every(({ values }) => {
    const second = values[1] ?? '';
    return (
      parseTimeOfDay(second) !== null &&
      (/:/.test(second) ? values.length >= 6 : /^\d{6}$/.test(second) && values.length >= 7)
    );
  });
}

/** Wall clocks of the head in milliseconds, and whether any row has a time of day. */
function moments(
  opened: OpenedBars,
  records: readonly SourceRecord[],
  parse: Parse,
  preset: Preset | null,
  columns: Record<string, string>,
): { walls: number[]; daily: boolean } {
  const at = columnOf('timestamp', opened, preset, columns);
  const clock = columnOf('time', opened, preset, columns);
  let daily = true;
  const walls = records.flatMap(({ values }) => {
    const written = at < 0 ? null : parse(values[at] ?? '');
    if (!written) return [];
    const time = clock < 0 ? null : parseTimeOfDay(values[clock] ?? '');
    if (time && time.micros !== 0) daily = false;
    if (!written.dateOnly && time === null) daily = false;
    return [(written.wall + (time?.micros ?? 0) - (written.offset ?? 0)) / 1_000];
  });
  return { walls, daily };
}

/**
 * The interval by the commonest distance of neighbours, of a single moment by its midnight in `zone`; null when it is
 * none that is stored.
 */
function intervalOf({ walls, daily }: { walls: number[]; daily: boolean }, zone: string): Interval | null {
  const times = [...new Set(walls)].sort((a, b) => a - b);
  const counts = new Map<number, number>();
  for (let i = 1; i < times.length; i++)
    counts.set(times[i]! - times[i - 1]!, (counts.get(times[i]! - times[i - 1]!) ?? 0) + 1);
  const [distance] = [...counts].sort(([a, m], [b, n]) => n - m || a - b)[0] ?? [];
  if (distance === undefined) {
    const [only] = times;
    if (only === undefined) return null;
    return daily || (only + offsetAt(zone, only)) % DAY_MS === 0 ? '1d' : null;
  }
  const near = (days: number): boolean => Math.abs(distance - days * DAY_MS) <= 3_600_000;
  if (near(7)) return '1w';
  if ([1, 2, 3, 4].some(near)) return '1d';
  const found = Object.entries(INTERVAL_MS).find(([, length]) => length === distance);
  return found ? (found[0] as Interval) : null;
}
