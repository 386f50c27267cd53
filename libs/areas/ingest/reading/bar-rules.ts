import { parseVtSymbol, SymbolError } from '#kernel';
import type { Interval } from '#quant/bars';
import { type Calendar, calendarFor } from '#quant/calendars';
import type { BoundColumns, MappingTarget } from './bar-columns.ts';
import { BarTimes } from './bar-times.ts';
import { type NumberFault, parseNumber } from './values/parse-number.ts';
import type { EpochUnit } from './values/parse-timestamp.ts';

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

/** What has been found wrong or odd about a row so far. */
export interface Verdict {
  readonly codes: Set<Rejection>;
  readonly warnings: BarWarning[];
}

interface SymbolFacts { readonly vtSymbol: string; readonly calendar: Calendar; readonly negative: boolean; readonly known: boolean }


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
  readonly #times: BarTimes;
  #codes = new Set<Rejection>();

  constructor(columns: BoundColumns, options: BarRuleOptions) {
    this.#columns = columns;
    this.#options = options;
    this.#nulls = new Set(options.nullTokens.map((token) => token.trim()));
    this.#negative = new Set(options.negativeAllowed);
    this.#known = options.knownSymbols && new Set(options.knownSymbols);
    this.#times = new BarTimes(options);
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
    const time = timeText === null ? undefined : this.#times.resolve(timeText, this.#text(record, 'fold'), interval, symbol?.calendar, { codes: this.#codes, warnings });
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
}
