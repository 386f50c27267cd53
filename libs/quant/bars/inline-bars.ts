import {
  type BarColumns,
  counted,
  DomainError,
  type FieldError,
  formatVtSymbol,
  parseDate,
  parseInstant,
  parseMoment,
  parseVtSymbol,
  SymbolError,
  ValidationError,
  type WrittenMoment,
} from '#kernel';
import {
  calendarFor,
  type Calendar,
  sessionLabel,
  stampFault,
  type StampRules,
  writtenText,
} from '../calendars/index.ts';
import { clampedRange, faultOf } from './bar-faults.ts';
import type { BarSeries, Interval } from './bars.ts';

/**
 * A bar as a request carries it. `time`: the session date of a daily bar, or the RFC 3339 instant of the bar's open (no
 * offset = UTC).
 */
export interface InlineBar {
  vt_symbol: string;
  time: string;
  open: number;
  high: number;
  low: number;
  close: number;
  volume?: number | null;
}

const SHOWN = 20;
const LARGEST = 1e15;
const NUMBERS = ['open', 'high', 'low', 'close', 'volume'] as const;

/** Bars that come with a request may have any instant inside their session. */
const STAMPS: StampRules = { inside: true };

const isOfSessions = (interval: Interval): interval is '1d' | '1w' => interval === '1d' || interval === '1w';

/**
 * Label of a bar from its `time` text: of a daily bar 00:00Z of its session, of a weekly one that of the first session
 * of its week (`sessionLabel`), the bar's open otherwise, UTC where it names no offset. NaN when the text fits none.
 */
export function barLabel(text: string, vtSymbol: string, interval: Interval): number {
  const stamp = parseMoment(text);
  if (stamp === null) return Number.NaN;
  return isOfSessions(interval) ? sessionLabel(stamp, calendarOf(vtSymbol), interval, STAMPS) : parseInstant(text);
}

function calendarOf(vtSymbol: string): Calendar {
  return calendarFor(vtSymbol.slice(vtSymbol.lastIndexOf('.') + 1));
}

interface Fault {
  row: number;
  code: string;
  message: string;
}

/** Throws 422 `bad_symbol` or `unknown_exchange` with the first row that has the symbol. */
function normalSymbols({ symbols, symbol }: BarColumns): string[] {
  return symbols.map((text, index) => {
    try {
      return formatVtSymbol(parseVtSymbol(text));
    } catch (error) {
      if (!(error instanceof SymbolError)) throw error;
      throw new DomainError(422, error.code, {
        detail: error.message,
        errors: [
          { pointer: `/data/inline/${symbol.indexOf(index)}/vt_symbol`, code: error.code, message: error.message },
        ],
      });
    }
  });
}

function stampAt({ time, offset }: BarColumns, row: number): WrittenMoment {
  const minutes = offset[row]!;
  return Number.isNaN(minutes)
    ? { wall: time[row]!, offset: null }
    : { wall: time[row]! + minutes * 60_000, offset: minutes * 60_000 };
}

/** Labels of all rows. Throws 422 `validation_failed` with the first 20 pointers to times and numbers that are none. */
function checkedLabels(columns: BarColumns, names: readonly string[], interval: Interval): Float64Array {
  const calendars = names.map(calendarOf);
  const labels = new Float64Array(columns.length);
  const errors: FieldError[] = [];
  const refuse = (row: number, message: string): number =>
    errors.push({ pointer: `/data/inline/${row}/time`, code: 'bad_time', message });
  for (let row = 0; row < columns.length && errors.length < SHOWN; row++) {
    const stamp = stampAt(columns, row);
    if (isOfSessions(interval)) {
      const calendar = calendars[columns.symbol[row]!]!;
      const label = (labels[row] = sessionLabel(stamp, calendar, interval, STAMPS));
      if (Number.isNaN(label)) refuse(row, stampFault(stamp, calendar, interval, STAMPS));
    } else {
      labels[row] = columns.time[row]!;
      if (columns.isDate[row] === 1)
        refuse(row, `${writtenText(stamp)} must be the RFC 3339 instant of the bar's open`);
    }
    for (const name of NUMBERS) {
      const value = columns[name][row]!;
      if (!(Math.abs(value) <= LARGEST) && !(name === 'volume' && Number.isNaN(value)))
        errors.push({
          pointer: `/data/inline/${row}/${name}`,
          code: 'bad_number',
          message: 'must be a finite number up to 1e15',
        });
    }
  }
  if (errors.length > 0) throw new ValidationError(errors.slice(0, SHOWN), 'Some inline bars have the wrong shape.');
  return labels;
}

/**
 * Rows in ascending order of their labels; of those with one label only the first in the order sent. The others are
 * told.
 */
function ascending(rows: Uint32Array, labels: Float64Array, repeated: (row: number) => void): Uint32Array {
  let strictly = true;
  for (let i = 1; i < rows.length && strictly; i++) strictly = labels[rows[i]!]! > labels[rows[i - 1]!]!;
  if (strictly) return rows;
  rows.sort((a, b) => labels[a]! - labels[b]! || a - b);
  let kept = 1;
  for (let i = 1; i < rows.length; i++) {
    if (labels[rows[i]!] === labels[rows[kept - 1]!]) repeated(rows[i]!);
    else rows[kept++] = rows[i]!;
  }
  return rows.subarray(0, kept);
}

/** Rows of each symbol that are good in themselves, by normal name. */
function rowsBySymbol(
  columns: BarColumns,
  names: readonly string[],
  bad: (fault: Fault) => void,
): Map<string, Uint32Array> {
  const distinct = [...new Set(names)].sort();
  const slots = Uint32Array.from(names, (name) => distinct.indexOf(name));
  const counts = new Uint32Array(distinct.length);
  for (let row = 0; row < columns.length; row++) counts[slots[columns.symbol[row]!]!]!++;
  const rows = Array.from(counts, (count) => new Uint32Array(count));
  counts.fill(0);
  for (let row = 0; row < columns.length; row++) {
    const fault = faultOf(columns, row);
    const slot = slots[columns.symbol[row]!]!;
    if (fault) bad({ row, code: fault[0], message: fault[1] });
    else rows[slot]![counts[slot]!++] = row;
  }
  return new Map(distinct.map((name, slot) => [name, rows[slot]!.subarray(0, counts[slot])]));
}

export interface InlineOptions {
  /** `drop` leaves bad bars out; `clamp` moves a high or low that misses the bar's open or close by rounding. */
  readonly repair?: 'drop' | 'clamp' | null;
}

export interface InlineSeries {
  readonly series: BarSeries[];
  /** Bars left out. */
  readonly dropped: number;
  /** By symbol the bars whose high or low was moved. */
  readonly clamped: Readonly<Record<string, number>>;
}

/**
 * Bars of a request as series, one per symbol in code-point order, ascending by label. Checks of trading.md 9:
 * duplicate (symbol, time), high < low, open or close outside [low, high], price ≤ 0, negative volume. Throws 422
 * `validation_failed`, `bad_symbol`, `unknown_exchange`; `bad_bar` with the first 20 bad rows. With `repair: drop`
 * those are left out and counted (of duplicates the first stays), with `clamp` a high or low at most 1e-6 off is moved
 * first.
 */
export function barColumnsToSeries(
  sent: BarColumns,
  interval: Interval,
  { repair = null }: InlineOptions = {},
): InlineSeries {
  const names = normalSymbols(sent);
  const labels = checkedLabels(sent, names, interval);
  const range = repair === 'clamp' ? clampedRange(sent) : { high: sent.high, low: sent.low, rows: [] };
  const columns: BarColumns = { ...sent, high: range.high, low: range.low };
  const faults: Fault[] = [];
  const series: BarSeries[] = [];
  for (const [vtSymbol, good] of rowsBySymbol(columns, names, (fault) => faults.push(fault))) {
    const rows = ascending(good, labels, (row) =>
      faults.push({ row, code: 'duplicate', message: 'another bar has this symbol and time' }),
    );
    const column = (values: Float64Array): Float64Array => Float64Array.from(rows, (row) => values[row]!);
    if (rows.length > 0)
      series.push({
        vtSymbol,
        time: column(labels),
        open: column(columns.open),
        high: column(columns.high),
        low: column(columns.low),
        close: column(columns.close),
        volume: column(columns.volume),
      });
  }
  if (faults.length > 0 && repair !== 'drop') throw badBars(faults);
  const clamped: Record<string, number> = {};
  for (const row of range.rows)
    clamped[names[columns.symbol[row]!]!] = (clamped[names[columns.symbol[row]!]!] ?? 0) + 1;
  return { series, dropped: faults.length, clamped };
}

function badBars(faults: Fault[]): DomainError {
  const errors = faults
    .sort((a, b) => a.row - b.row)
    .slice(0, SHOWN)
    .map(({ row, code, message }) => ({ pointer: `/data/inline/${row}`, code, message }));
  const listed = errors.length === faults.length ? '' : `; the first ${errors.length} are listed`;
  return new DomainError(422, 'bad_bar', {
    detail: `${counted(faults.length, 'bar is', 'bars are')} not acceptable${listed}.`,
    errors,
    hint:
      'Correct them, or send data.repair: "drop" leaves them out, "clamp" moves a high or low that is off by at ' +
      'most a millionth.',
  });
}

/** The same from rows. */
export function inlineBarsToSeries(
  rows: readonly InlineBar[],
  interval: Interval,
  options: InlineOptions = {},
): InlineSeries {
  const symbols = [...new Set(rows.map((row) => row.vt_symbol))];
  const moments = rows.map((row) => parseMoment(row.time));
  const column = (name: (typeof NUMBERS)[number]): Float64Array =>
    Float64Array.from(rows, (row) => row[name] ?? Number.NaN);
  return barColumnsToSeries(
    {
      length: rows.length,
      symbols,
      symbol: Uint32Array.from(rows, (row) => symbols.indexOf(row.vt_symbol)),
      time: Float64Array.from(moments, (moment) => (moment ? moment.wall - (moment.offset ?? 0) : Number.NaN)),
      offset: Float32Array.from(moments, (moment) => (moment?.offset == null ? Number.NaN : moment.offset / 60_000)),
      isDate: Uint8Array.from(rows, (row) => (Number.isNaN(parseDate(row.time)) ? 0 : 1)),
      open: column('open'),
      high: column('high'),
      low: column('low'),
      close: column('close'),
      volume: column('volume'),
    },
    interval,
    options,
  );
}
