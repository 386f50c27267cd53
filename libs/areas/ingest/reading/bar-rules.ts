import { parseVtSymbol, SymbolError } from '#kernel';
import { INTERVAL_MS, type Interval } from '#quant/bars';
import { type Calendar, calendarFor, offsetAt } from '#quant/calendars';
import { periodOf, periodSessions } from '#quant/market-data';
import type { BoundColumns, MappingTarget } from './bar-columns.ts';
import { compileDateFormat } from './values/date-format.ts';
import { type NumberFault, parseNumber } from './values/parse-number.ts';
import { type EpochUnit, parseWritten, toInstant, type WrittenTime } from './values/parse-timestamp.ts';

/** Codes that send a row to quarantine, in the order in which a row lists them (data.md 7.4, 14 V1). */
export const REJECTIONS = [
  'bad_record', 'missing_required', 'bad_number', 'not_finite', 'price_not_positive', 'high_low_inverted', 'high_too_low', 'low_too_high', 'volume_negative',
  'ts_unparseable', 'ts_future', 'ts_before_epoch', 'ts_misaligned', 'tz_nonexistent', 'tz_ambiguous', 'off_session', 'bad_symbol', 'unknown_exchange', 'unknown_symbol', 'bad_interval',
] as const;
export type Rejection = (typeof REJECTIONS)[number];
export type BarWarning = 'zero_volume' | 'off_session';

export interface BarRuleOptions {
  readonly timezone: string | null;
  readonly fold: 0 | 1 | null;
  readonly nullTokens: readonly string[];
  readonly thousands: string | null;
  readonly decimal: string;
  readonly epochUnit: EpochUnit | null;
  /** strptime format of timestamps; null: ISO 8601, YYYYMMDD and epochs. */
  readonly dateFormat: string | null;
  readonly session: 'warn' | 'strict' | 'ignore';
  /** Intervals that the target table holds. */
  readonly intervals: readonly Interval[];
  readonly exchanges: readonly string[];
  /** Symbols of futures and commodities, whose prices may be negative. */
  readonly negativeAllowed: readonly string[];
  /** Null: unknown symbols are created. */
  readonly knownSymbols: readonly string[] | null;
  /** What the clock said when the run began, ms UTC. */
  readonly now: number;
}

export interface CheckedBar {
  vtSymbol: string;
  interval: Interval;
  /** Microseconds UTC. */
  timestamp: number;
  sessionDay: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  vwap: number;
  tradeCount: number;
  currency: string | null;
  warnings: BarWarning[];
}

interface SymbolFacts { readonly vtSymbol: string; readonly calendar: Calendar; readonly negative: boolean; readonly known: boolean }

const DAY_US = 86_400e6;
const REMEMBERED_TIMES = 20_000;
const FIRST_INSTANT = Date.UTC(1900, 0, 1) * 1_000;

/** x >= y within 1e-9 relative (data.md 14, V2). */
function atLeast(x: number, y: number): boolean {
  return x >= y - 1e-9 * Math.abs(y);
}

/** Checks records against the rules of 7.4, one after the other. Not re-entrant: the returned bar is valid until the next call. */
export class BarRules {
  readonly #columns: BoundColumns;
  readonly #options: BarRuleOptions;
  readonly #symbols = new Map<string, SymbolFacts | 'bad_symbol' | 'unknown_exchange'>();
  readonly #nulls: ReadonlySet<string>;
  readonly #negative: ReadonlySet<string>;
  readonly #known: ReadonlySet<string> | null;
  readonly #labels = new Map<string, number>();
  readonly #times = new Map<string, WrittenTime | null>();
  readonly #parseTime: (text: string) => WrittenTime | null;
  #codes = new Set<Rejection>();

  constructor(columns: BoundColumns, options: BarRuleOptions) {
    this.#columns = columns;
    this.#options = options;
    this.#nulls = new Set(options.nullTokens.map((token) => token.trim()));
    this.#negative = new Set(options.negativeAllowed);
    this.#known = options.knownSymbols && new Set(options.knownSymbols);
    this.#parseTime = options.dateFormat === null ? (text) => parseWritten(text, options.epochUnit) : compileDateFormat(options.dateFormat);
  }

  /** The bar as it will be stored, or the codes that refuse it. */
  check(record: readonly (string | null)[]): CheckedBar | Rejection[] {
    this.#codes = new Set();
    const symbolText = this.#text(record, 'vt_symbol');
    const intervalText = this.#text(record, 'interval');
    const timeText = this.#text(record, 'timestamp');
    const open = this.#price(record, 'open');
    const high = this.#price(record, 'high');
    const low = this.#price(record, 'low');
    const close = this.#price(record, 'close');
    if (symbolText === null || intervalText === null || timeText === null) this.#codes.add('missing_required');
    const volume = this.#number(this.#text(record, 'volume'));
    const vwap = this.#number(this.#text(record, 'vwap'));
    const tradeCount = this.#integer(this.#text(record, 'trade_count'));
    const pricesKnown = this.#codes.size === 0;
    const symbol = this.#symbol(symbolText);
    const interval = this.#interval(intervalText);
    const warnings: BarWarning[] = [];
    const time = timeText === null ? undefined : this.#time(timeText, this.#text(record, 'fold'), interval, symbol, warnings);
    if (pricesKnown) this.#prices(open, high, low, close, symbol?.negative ?? false);
    if (volume < 0) this.#codes.add('volume_negative');
    if (volume === 0) warnings.push('zero_volume');
    if (this.#codes.size > 0 || !symbol || !interval || !time) return REJECTIONS.filter((code) => this.#codes.has(code));
    return {
      vtSymbol: symbol.vtSymbol, interval, timestamp: time.timestamp, sessionDay: time.sessionDay, open, close, volume, vwap, tradeCount, currency: this.#text(record, 'currency'), warnings,
      high: Math.max(high, open, close), low: Math.min(low, open, close),
    };
  }

  #text(record: readonly (string | null)[], column: MappingTarget): string | null {
    const at = this.#columns.position[column];
    const value = at >= 0 ? record[at] : this.#columns.constants[column];
    if (value === null || value === undefined || this.#nulls.has(value)) return null;
    // Trimming every cell would cost more than reading it; only blanks at an end can hide a null token.
    const blank = value.charCodeAt(0) <= 32 || value.charCodeAt(value.length - 1) <= 32;
    return blank && this.#nulls.has(value.trim()) ? null : value;
  }

  #price(record: readonly (string | null)[], column: MappingTarget): number {
    const text = this.#text(record, column);
    if (text === null) this.#codes.add('missing_required');
    return this.#number(text);
  }

  #number(text: string | null): number {
    if (text === null) return Number.NaN;
    const value = parseNumber(text, this.#options.thousands, this.#options.decimal);
    if (typeof value === 'number') return value;
    this.#codes.add(value satisfies NumberFault);
    return Number.NaN;
  }

  #integer(text: string | null): number {
    const value = this.#number(text);
    if (Number.isNaN(value) || (Number.isInteger(value) && Math.abs(value) <= 2_147_483_647)) return value;
    this.#codes.add('bad_number');
    return Number.NaN;
  }

  #prices(open: number, high: number, low: number, close: number, negative: boolean): void {
    if (!negative && !(open > 0 && high > 0 && low > 0 && close > 0)) this.#codes.add('price_not_positive');
    if (!atLeast(high, low)) {
      this.#codes.add('high_low_inverted');
      return;
    }
    if (!atLeast(high, Math.max(open, close))) this.#codes.add('high_too_low');
    if (!atLeast(Math.min(open, close), low)) this.#codes.add('low_too_high');
  }

  #symbol(text: string | null): SymbolFacts | undefined {
    if (text === null) return undefined;
    let facts = this.#symbols.get(text);
    if (!facts) this.#symbols.set(text, (facts = this.#look(text)));
    if (typeof facts === 'string') {
      this.#codes.add(facts);
      return undefined;
    }
    if (!facts.known) this.#codes.add('unknown_symbol');
    return facts;
  }

  #look(text: string): SymbolFacts | 'bad_symbol' | 'unknown_exchange' {
    try {
      const { ticker, exchange } = parseVtSymbol(text, { exchanges: this.#options.exchanges });
      const vtSymbol = `${ticker}.${exchange}`;
      return { vtSymbol, calendar: calendarFor(exchange), negative: this.#negative.has(vtSymbol) || exchange === 'CME', known: this.#known?.has(vtSymbol) ?? true };
    } catch (error) {
      if (error instanceof SymbolError) return error.code as 'bad_symbol' | 'unknown_exchange';
      throw error;
    }
  }

  #interval(text: string | null): Interval | undefined {
    if (text === null) return undefined;
    const interval = this.#options.intervals.find((candidate) => candidate === text.trim());
    if (!interval) this.#codes.add('bad_interval');
    return interval;
  }

  #time(text: string, fold: string | null, interval: Interval | undefined, symbol: SymbolFacts | undefined, warnings: BarWarning[]): { timestamp: number; sessionDay: number } | undefined {
    const written = this.#written(text);
    if (!written) {
      this.#codes.add('ts_unparseable');
      return undefined;
    }
    return interval === '1d' || interval === '1w' ? this.#label(written, interval, symbol, warnings) : this.#moment(written, fold, interval, symbol, warnings);
  }

  /** Files repeat their dates once per symbol. */
  #written(text: string): WrittenTime | null {
    let written = this.#times.get(text);
    if (written === undefined) {
      written = this.#parseTime(text);
      if (this.#times.size >= REMEMBERED_TIMES) this.#times.clear();
      this.#times.set(text, written);
    }
    return written;
  }

  /** Daily and weekly bars: the date as it is written, whatever its offset (V5). */
  #label(written: WrittenTime, interval: '1d' | '1w', symbol: SymbolFacts | undefined, warnings: BarWarning[]): { timestamp: number; sessionDay: number } | undefined {
    const midnight = written.wall % DAY_US === 0;
    if (!midnight) this.#codes.add('ts_misaligned');
    let timestamp = Math.floor(written.wall / DAY_US) * DAY_US;
    if (timestamp < FIRST_INSTANT) this.#codes.add('ts_before_epoch');
    else if (symbol) {
      if (interval === '1w') timestamp = this.#weekLabel(timestamp, symbol.calendar);
      const nextSession = this.#nextSession(symbol.calendar);
      if (timestamp > nextSession) this.#codes.add('ts_future');
      if (midnight && interval === '1d' && !symbol.calendar.sessionByLabel(timestamp / 1_000)) this.#offSession(symbol, warnings);
    }
    return { timestamp, sessionDay: timestamp / DAY_US };
  }

  #moment(written: WrittenTime, fold: string | null, interval: Interval | undefined, symbol: SymbolFacts | undefined, warnings: BarWarning[]): { timestamp: number; sessionDay: number } | undefined {
    const zone = this.#options.timezone ?? symbol?.calendar.timezone;
    if (zone === undefined) return undefined;
    const which = fold === '0' ? 0 : fold === '1' ? 1 : this.#options.fold;
    const timestamp = toInstant(written, zone, which);
    if (typeof timestamp === 'string') {
      this.#codes.add(timestamp);
      return undefined;
    }
    if (timestamp < FIRST_INSTANT) this.#codes.add('ts_before_epoch');
    if (timestamp > (this.#options.now + 300_000) * 1_000) this.#codes.add('ts_future');
    if (!symbol) return undefined;
    const { calendar } = symbol;
    const ms = timestamp / 1_000;
    const session = calendar.sessionAt(ms);
    const localDay = Math.floor((ms + offsetAt(calendar.timezone, ms)) / 86_400_000);
    const anchor = session ?? calendar.sessionByLabel(localDay * 86_400_000);
    const length = interval && INTERVAL_MS[interval];
    if (length !== undefined && (!Number.isInteger(ms) || (ms % length !== 0 && (!anchor || (ms - anchor.open) % length !== 0)))) this.#codes.add('ts_misaligned');
    if (!session) this.#offSession(symbol, warnings);
    return { timestamp, sessionDay: session ? session.label / 86_400_000 : localDay };
  }

  #offSession({ calendar }: SymbolFacts, warnings: BarWarning[]): void {
    if (calendar.lenient || this.#options.session === 'ignore') return;
    if (this.#options.session === 'strict') this.#codes.add('off_session');
    else warnings.push('off_session');
  }

  /** First session of the ISO week; the Monday is moved to it, any other date is misaligned. */
  #weekLabel(timestamp: number, calendar: Calendar): number {
    const label = timestamp / 1_000;
    const monday = Date.parse(`${periodOf('1w', label).from}T00:00:00Z`);
    const first = periodSessions(calendar, '1w', label)[0]?.label ?? monday;
    if (label !== monday && label !== first) this.#codes.add('ts_misaligned');
    return first * 1_000;
  }

  /** Label of the session that follows the present one, in microseconds. */
  #nextSession(calendar: Calendar): number {
    const known = this.#labels.get(calendar.exchange);
    if (known !== undefined) return known;
    const { now } = this.#options;
    const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
    const today = iso(now + offsetAt(calendar.timezone, now));
    const next = calendar.sessions(today, iso(now + 20 * 86_400_000)).find(({ date }) => date > today);
    const label = (next?.label ?? now) * 1_000;
    this.#labels.set(calendar.exchange, label);
    return label;
  }
}
