import { createHash } from 'node:crypto';
import { calendarFor, type Calendar, type Session } from '#quant/calendars';

/** A bar as posted, with what the calendar says of it. */
export interface Bar {
  symbol: string;
  label: number;
  /** Instant at which the bar begins: an order lives in it that was accepted then or before (ADR 20). */
  opens: number;
  /** Instant at which the bar is known. */
  known: number;
  session: string;
  /** The last session in the bar: of a week not the one that names it. */
  ends: string;
  firstOfSession: boolean;
  lastOfSession: boolean;
  open: number;
  high: number;
  low: number;
  close: number;
  /** NaN = unknown. */
  volume: number;
}
export interface SliceOfBars {
  time: number;
  session: string;
  bars: Bar[];
}
export interface PostedBar {
  vt_symbol: string;
  time: string;
  open: number;
  high: number;
  low: number;
  close: number;
  volume?: number | null;
}

const MS: Record<string, number> = {
  '1s': 1000,
  '5s': 5000,
  '10s': 10000,
  '1m': 60000,
  '5m': 300000,
  '15m': 900000,
  '1h': 3600000,
};
const DAY = 86_400_000;
export const exchangeOf = (symbol: string): string => symbol.slice(symbol.lastIndexOf('.') + 1);
export const isoDate = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/**
 * Label of a `time` text: the date of a daily bar, the first session in the week of a weekly one (data.md 14, V5), the
 * instant of an intraday one.
 */
export function labelOf(time: string, symbol: string, interval: string): number {
  if (interval === '1w') {
    const date = Date.parse(isoDate(labelOf(time, symbol, '1d')));
    const monday = date - ((new Date(date).getUTCDay() + 6) % 7) * DAY;
    return calendarFor(exchangeOf(symbol)).sessions(isoDate(monday), isoDate(monday + 6 * DAY))[0]?.label ?? date;
  }
  if (/^\d{4}-\d{2}-\d{2}$/.test(time)) return Date.parse(`${time}T00:00:00Z`);
  const instant = Date.parse(/(Z|[+-]\d{2}:?\d{2})$/.test(time) ? time : `${time}Z`);
  if (interval !== '1d') return instant;
  return calendarFor(exchangeOf(symbol)).sessionAt(instant)?.label ?? Date.parse(`${time.slice(0, 10)}T00:00:00Z`);
}

export function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface Place {
  session: Session | undefined;
  known: number;
  opens: number;
  last: boolean;
  ends?: string;
}

/**
 * Of a bar with this label: its session (of a week its first, which is its label), the instants at which it begins and
 * is known, and whether the session ends with it.
 */
function place(calendar: Calendar, label: number, interval: string, extendedHours: boolean): Place {
  if (interval === '1d') {
    const session = calendar.sessionByLabel(label) ?? (calendar.lenient ? dateless(calendar, label) : undefined);
    return { session, known: session?.close ?? 0, opens: session?.open ?? 0, last: true };
  }
  if (interval === '1w') {
    const monday = label - ((new Date(label).getUTCDay() + 6) % 7) * DAY;
    const week = calendar.sessions(isoDate(monday), isoDate(monday + 6 * DAY));
    return {
      session: week[0],
      known: week.at(-1)?.close ?? 0,
      opens: week[0]?.open ?? 0,
      last: true,
      ends: week.at(-1)?.date,
    };
  }
  const known = label + MS[interval]!;
  const regular = calendar.sessionAt(label);
  const date = localDate(calendar, label);
  // Under extended hours a session is its wider window, to the last bar of it.
  const session = regular ?? (extendedHours ? calendar.sessionByLabel(Date.parse(date)) : undefined);
  const window = session && extendedHours ? calendar.extended(session) : session;
  if (session && window && label >= window.open && label < window.close)
    return { session, known, opens: label, last: known >= window.close };
  if (calendar.lenient)
    return {
      session: { date, label: Date.parse(date), open: label, close: label, early: false },
      known,
      opens: label,
      last: false,
    };
  return { session: undefined, known, opens: label, last: false };
}

const localDate = (calendar: Calendar, instant: number): string =>
  new Intl.DateTimeFormat('en-CA', {
    timeZone: calendar.timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(instant);

/** A LOCAL day without a session: its hours are the regular ones of that date. */
function dateless(calendar: Calendar, label: number): Session {
  const close = calendar.regularClose(label);
  return { date: isoDate(label), label, open: close - calendar.sessionMinutes * 60_000, close, early: false };
}

/**
 * Open of the first own session of the symbol on or after the date; of intraday bars outside regular hours that of its
 * wider window.
 */
export function openOnOrAfter(symbol: string, date: string, kwargs: Record<string, any>): number {
  const calendar = calendarFor(exchangeOf(symbol));
  const session = calendar.sessions(date, isoDate(Date.parse(date) + 20 * DAY))[0];
  if (!session) return Number.POSITIVE_INFINITY;
  return kwargs.extended_hours && MS[kwargs.interval] ? calendar.extended(session).open : session.open;
}

export const nextDate = (date: string): string => isoDate(Date.parse(date) + DAY);

/** The bars of the universe up to `end`, off-session ones dropped and counted, in time order per symbol. */
export function placeBars(
  rows: PostedBar[],
  universe: string[],
  kwargs: Record<string, any>,
): { bars: Bar[]; dropped: Map<string, number> } {
  const interval: string = kwargs.interval;
  const bars: Bar[] = [];
  const dropped = new Map<string, number>();
  for (const row of rows) {
    const symbol = row.vt_symbol.toUpperCase();
    if (!universe.includes(symbol)) continue;
    const calendar = calendarFor(exchangeOf(symbol));
    const label = labelOf(row.time, symbol, interval);
    const { session, known, opens, last, ends } = place(calendar, label, interval, kwargs.extended_hours);
    if (!session) {
      dropped.set(symbol, (dropped.get(symbol) ?? 0) + 1);
      continue;
    }
    if (kwargs.end !== null && !withinEnd(session.date, label, kwargs.end)) continue;
    bars.push({
      symbol,
      label,
      opens,
      known,
      session: session.date,
      ends: ends ?? session.date,
      firstOfSession: true,
      lastOfSession: last,
      open: row.open,
      high: row.high,
      low: row.low,
      close: row.close,
      volume: row.volume ?? Number.NaN,
    });
  }
  bars.sort((a, b) => byCodePoint(a.symbol, b.symbol) || a.label - b.label);
  bars.forEach((bar, i) => {
    const previous = bars[i - 1];
    bar.firstOfSession = !previous || previous.symbol !== bar.symbol || previous.session !== bar.session;
  });
  return { bars, dropped };
}

const isDate = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text);
const withinEnd = (session: string, label: number, end: string): boolean =>
  isDate(end) ? session <= end : label < Date.parse(end);
export const atOrAfterStart = (slice: SliceOfBars, start: string | null): boolean =>
  start === null || (isDate(start) ? slice.session >= start : slice.bars.some((bar) => bar.label >= Date.parse(start)));

export function toSlices(bars: Bar[]): SliceOfBars[] {
  const times = [...new Set(bars.map((bar) => bar.known))].sort((a, b) => a - b);
  return times.map((time) => {
    const own = bars.filter((bar) => bar.known === time).sort((a, b) => byCodePoint(a.symbol, b.symbol));
    return {
      time,
      session: own
        .map((bar) => bar.session)
        .sort()
        .at(-1)!,
      bars: own,
    };
  });
}

/** ml.md 6.3: per symbol its name and a zero byte, per bar an int64 and five doubles, little-endian. */
export function referenceDatasetHash(bars: Bar[]): string {
  const digest = createHash('sha256');
  let symbol: string | undefined;
  for (const bar of bars) {
    if (bar.symbol !== symbol) digest.update(`${bar.symbol}\0`);
    symbol = bar.symbol;
    const row = Buffer.alloc(48);
    row.writeBigInt64LE(BigInt(bar.label), 0);
    [bar.open, bar.high, bar.low, bar.close].forEach((value, i) => row.writeDoubleLE(value, 8 + i * 8));
    if (Number.isNaN(bar.volume)) row.writeBigUInt64LE(0x7ff8000000000000n, 40);
    else row.writeDoubleLE(bar.volume, 40);
    digest.update(row);
  }
  return digest.digest('hex');
}
