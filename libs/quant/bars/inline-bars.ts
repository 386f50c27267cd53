import { DomainError, ValidationError, formatVtSymbol, parseVtSymbol, type FieldError } from '#kernel';
import { calendarFor } from '../calendars/index.ts';
import type { BarSeries, Interval } from './bars.ts';

/** A bar as a request carries it. `time`: the session date of a daily bar, or the RFC 3339 instant of the bar's open (no offset = UTC). */
export interface InlineBar {
  vt_symbol: string;
  time: string;
  open: number;
  high: number;
  low: number;
  close: number;
  volume?: number | null;
}

export interface CheckedBar { vtSymbol: string; time: number; open: number; high: number; low: number; close: number; volume: number }

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/;
const HAS_OFFSET = /(Z|[+-]\d{2}:?\d{2})$/;
const SHOWN = 20;
const LARGEST = 1e15;

/** Milliseconds UTC of an RFC 3339 instant; without an offset it is UTC. NaN when it is none. */
export function parseInstant(text: string): number {
  if (!INSTANT.test(text)) return Number.NaN;
  return Date.parse(HAS_OFFSET.test(text) ? text : `${text}Z`);
}

/** 00:00Z of a calendar date `YYYY-MM-DD`; NaN when there is no such day. */
export function parseDate(text: string): number {
  if (!DATE.test(text)) return Number.NaN;
  const value = Date.parse(`${text}T00:00:00.000Z`);
  return Number.isNaN(value) || new Date(value).toISOString().slice(0, 10) !== text ? Number.NaN : value;
}

/**
 * Label of a bar from its `time` text: 00:00Z of the session date for daily and weekly bars, the bar's open otherwise. NaN when the text fits neither.
 * A daily bar written with an instant is the session that contains it; midnight is taken as the date as written.
 */
export function barLabel(text: string, vtSymbol: string, interval: Interval): number {
  const daily = interval === '1d' || interval === '1w';
  const date = parseDate(text);
  if (!Number.isNaN(date)) return daily ? date : Number.NaN;
  const instant = parseInstant(text);
  if (Number.isNaN(instant) || !daily) return instant;
  if (/[T ]00:00(:00(\.0+)?)?(Z|[+-]\d{2}:?\d{2})?$/.test(text)) return parseDate(text.slice(0, 10));
  return calendarFor(vtSymbol.slice(vtSymbol.lastIndexOf('.') + 1)).sessionAt(instant)?.label ?? Number.NaN;
}

function shapeErrors(bar: InlineBar, pointer: string): FieldError[] {
  const errors: FieldError[] = [];
  if (typeof bar.vt_symbol !== 'string') errors.push({ pointer: `${pointer}/vt_symbol`, code: 'bad_symbol', message: 'must be a text TICKER.EXCHANGE' });
  if (typeof bar.time !== 'string') errors.push({ pointer: `${pointer}/time`, code: 'bad_time', message: 'must be a date or an RFC 3339 instant' });
  for (const field of ['open', 'high', 'low', 'close'] as const)
    if (typeof bar[field] !== 'number' || !Number.isFinite(bar[field]) || Math.abs(bar[field]) > LARGEST) errors.push({ pointer: `${pointer}/${field}`, code: 'bad_number', message: 'must be a finite number up to 1e15' });
  const volume = bar.volume;
  if (volume !== null && volume !== undefined && (typeof volume !== 'number' || !Number.isFinite(volume) || Math.abs(volume) > LARGEST))
    errors.push({ pointer: `${pointer}/volume`, code: 'bad_number', message: 'must be a finite number up to 1e15, or null' });
  return errors;
}

/** What is wrong with the numbers of a bar: code and words, or null. */
function barFault(bar: CheckedBar): [code: string, message: string] | null {
  if (!(bar.open > 0 && bar.high > 0 && bar.low > 0 && bar.close > 0)) return ['price_not_positive', 'prices must be above 0'];
  if (bar.high < bar.low) return ['high_low_inverted', 'high is below low'];
  if (bar.open > bar.high || bar.close > bar.high) return ['high_too_low', 'open or close is above high'];
  if (bar.open < bar.low || bar.close < bar.low) return ['low_too_high', 'open or close is below low'];
  if (bar.volume < 0) return ['negative_volume', 'volume is below 0'];
  return null;
}

/**
 * The engine-side bar checks of trading.md 9: duplicate (symbol, time), high < low, open or close outside [low, high], price ≤ 0, negative volume.
 * Throws 422 `bad_bar` with the first 20 bad rows, or with `repair: drop` leaves them out and counts them (of duplicates the first stays).
 */
export function validateBars(rows: readonly CheckedBar[], options: { repair?: 'drop' | null } = {}): { rows: CheckedBar[]; dropped: number } {
  const seen = new Set<string>();
  const good: CheckedBar[] = [];
  const errors: FieldError[] = [];
  let bad = 0;
  rows.forEach((bar, i) => {
    const key = `${bar.vtSymbol} ${bar.time}`;
    const fault = barFault(bar) ?? (seen.has(key) ? (['duplicate', 'another bar has this symbol and time'] as const) : null);
    if (fault) {
      bad++;
      if (errors.length < SHOWN) errors.push({ pointer: `/data/inline/${i}`, code: fault[0], message: fault[1] });
    } else {
      seen.add(key);
      good.push(bar);
    }
  });
  if (bad > 0 && options.repair !== 'drop')
    throw new DomainError(422, 'bad_bar', { detail: `${bad} bars are not acceptable; the first ${errors.length} are listed.`, errors, hint: 'Correct them, or send data.repair = "drop" to leave them out.' });
  return { rows: good, dropped: bad };
}

/** Columns of checked bars, one series per symbol in code-point order, ascending by time. */
export function barsToSeries(rows: readonly CheckedBar[]): BarSeries[] {
  const bySymbol = new Map<string, CheckedBar[]>();
  for (const row of rows) {
    const list = bySymbol.get(row.vtSymbol);
    if (list) list.push(row);
    else bySymbol.set(row.vtSymbol, [row]);
  }
  return [...bySymbol.keys()].sort().map((vtSymbol) => {
    const list = bySymbol.get(vtSymbol)!.sort((a, b) => a.time - b.time);
    return {
      vtSymbol,
      time: Float64Array.from(list, (bar) => bar.time),
      open: Float64Array.from(list, (bar) => bar.open),
      high: Float64Array.from(list, (bar) => bar.high),
      low: Float64Array.from(list, (bar) => bar.low),
      close: Float64Array.from(list, (bar) => bar.close),
      volume: Float64Array.from(list, (bar) => bar.volume),
    };
  });
}

/**
 * Inline request bars as series. Throws 422 `validation_failed` for a row of the wrong shape, `bad_symbol`, `unknown_exchange`, `bad_bar` (see validateBars).
 * `dropped` counts rows left out by `repair: drop`.
 */
export function inlineBarsToSeries(rows: readonly InlineBar[], interval: Interval, options: { repair?: 'drop' | null } = {}): { series: BarSeries[]; dropped: number } {
  const errors: FieldError[] = [];
  const names = new Map<string, string>();
  const parsed: CheckedBar[] = [];
  for (let i = 0; i < rows.length && errors.length < SHOWN; i++) {
    const row = rows[i]!;
    const pointer = `/data/inline/${i}`;
    const wrong = shapeErrors(row, pointer);
    if (wrong.length > 0) {
      errors.push(...wrong);
      continue;
    }
    let vtSymbol = names.get(row.vt_symbol);
    if (vtSymbol === undefined) names.set(row.vt_symbol, (vtSymbol = formatVtSymbol(parseVtSymbol(row.vt_symbol))));
    const time = barLabel(row.time, vtSymbol, interval);
    if (Number.isNaN(time)) {
      errors.push({ pointer: `${pointer}/time`, code: 'bad_time', message: interval === '1d' || interval === '1w' ? 'must be the session date, or an instant inside a session' : 'must be the RFC 3339 instant of the bar\'s open' });
      continue;
    }
    parsed.push({ vtSymbol, time, open: row.open, high: row.high, low: row.low, close: row.close, volume: row.volume ?? Number.NaN });
  }
  if (errors.length > 0) throw new ValidationError(errors.slice(0, SHOWN), 'Some inline bars have the wrong shape.');
  const checked = validateBars(parsed, options);
  return { series: barsToSeries(checked.rows), dropped: checked.dropped };
}
