import { SymbolError, type VtSymbol } from '#kernel';
import type { Interval } from '#quant/bars';
import { type Calendar, calendarFor } from '#quant/calendars';
import { actionsOf } from './action-cells.ts';
import type { BoundColumns } from './bar-columns.ts';
import { BarTimes, type TimeTexts } from './bar-times.ts';
import { type MappingTarget, shortName } from './mapping-targets.ts';
import type { SourceRecord } from './records/source-record.ts';
import { SymbolTexts } from './symbol-texts.ts';
import type { FileAction } from './file-actions.ts';
import type { NamedFile } from './presets/index.ts';
import { type NumberFault, parseNumber } from './values/parse-number.ts';
import type { EpochUnit, WrittenTime } from './values/parse-timestamp.ts';

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
  /** What an intraday stamp marks, and a daily one where a session's close is the next one's open. */
  readonly label: 'start' | 'end';
  /** Exchange of tickers that name none; null: they are refused. */
  readonly exchange: string | null;
  /** Ending of a ticker -> exchange. */
  readonly suffixes: Readonly<Record<string, string>>;
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
  /** Splits and dividends that the row states. */
  actions: readonly FileAction[];
}

/** One thing that is wrong with a row: its code, where it stands, and what is said there. */
export interface Refusal {
  readonly code: Rejection;
  /** Header of the file, or the target where no column fills it; null where the whole row is meant. */
  readonly column: string | null;
  /** As written; null where nothing is. */
  readonly value: string | null;
  /** What would do, where the code does not say it. */
  readonly why?: string;
}

/** What has been found wrong or odd about a row so far. */
export interface Verdict {
  refuse(code: Rejection, target: MappingTarget, value?: string, why?: string): void;
  readonly warnings: BarWarning[];
}

/** What a vendor's preset adds to the rules; functions do not cross into a thread, so it is looked up there. */
export interface VendorRules {
  readonly intervals?: Readonly<Record<string, Interval>>;
  readonly suffixes?: Readonly<Record<string, string | null>>;
  readonly exchange?: string;
  readonly fromName?: (stem: string) => NamedFile | null;
}

/** Where a symbol may be said when neither a column nor a constant has it. */
export interface SymbolSources {
  /** Beside the rows, as written. */
  readonly stated?: string | null;
  /** Name of the upload. */
  readonly filename?: string | null;
}

interface SymbolFacts { readonly vtSymbol: string; readonly calendar: Calendar; readonly negative: boolean; readonly known: boolean }
interface SymbolFault { readonly code: 'bad_symbol' | 'unknown_exchange'; readonly why: string }

/** x >= y within 1e-9 relative (data.md 14, V2). */
function atLeast(x: number, y: number): boolean {
  return x >= y - 1e-9 * Math.abs(y);
}

/** Checks records against the rules of 7.4, one after the other. Not re-entrant: the returned bar is valid until the next call. */
export class BarRules {
  readonly #columns: BoundColumns;
  readonly #options: BarRuleOptions;
  readonly #vendor: VendorRules;
  readonly #symbols = new Map<string, SymbolFacts | SymbolFault>();
  readonly #names = new Map<string, SymbolFacts | SymbolFault>();
  readonly #texts: SymbolTexts;
  readonly #nulls: ReadonlySet<string>;
  readonly #negative: ReadonlySet<string>;
  readonly #known: ReadonlySet<string> | null;
  readonly #times: BarTimes;
  readonly #named: SymbolSources;
  #values: readonly (string | null)[] = [];
  #refusals: Refusal[] = [];
  /** Whether every row so far that is of an intraday interval has a date and no time of day; null before the first. */
  datesOnly: boolean | null = null;
  /** Rows whose time could be read, and those where it could not. */
  momentsRead = 0;
  momentsFailed = 0;

  constructor(columns: BoundColumns, options: BarRuleOptions, vendor: VendorRules = {}, named: SymbolSources = {}) {
    this.#columns = columns;
    this.#options = options;
    this.#vendor = vendor;
    this.#named = named;
    this.#nulls = new Set(options.nullTokens.map((token) => token.trim()));
    this.#negative = new Set(options.negativeAllowed);
    this.#known = options.knownSymbols && new Set(options.knownSymbols);
    this.#times = new BarTimes(options);
    this.#texts = new SymbolTexts({ exchanges: options.exchanges, exchange: options.exchange ?? vendor.exchange ?? null, suffixes: { ...vendor.suffixes, ...options.suffixes }, fromName: vendor.fromName });
  }

  /** The bar as it will be stored, or what refuses it, in the order of the codes. */
  check(record: SourceRecord): CheckedBar | Refusal[] {
    if (record.fault) return [{ code: record.fault, column: null, value: null }];
    this.#values = record.values;
    this.#refusals = [];
    const intervalText = this.#text('interval');
    const timeText = this.#text('timestamp');
    const open = this.#price('open');
    const high = this.#price('high');
    const low = this.#price('low');
    const close = this.#price('close');
    const symbol = this.#symbol(record.member);
    if (intervalText === null) this.#missing('interval');
    if (timeText === null) this.#missing('timestamp');
    const volume = this.#number('volume');
    const vwap = this.#number('vwap');
    const tradeCount = this.#integer('trade_count');
    const split = this.#amount('split');
    const dividend = this.#amount('dividend');
    const pricesKnown = !this.#refusals.some(({ code }) => code === 'missing_required' || code === 'bad_number' || code === 'not_finite');
    const interval = this.#interval(intervalText);
    const warnings: BarWarning[] = [];
    const texts: TimeTexts | null = timeText === null ? null : { timestamp: timeText, time: this.#text('time'), fold: this.#text('fold') };
    const verdict: Verdict = { warnings, refuse: (code, target, value, why) => this.#refuse(code, target, value, why) };
    const time = texts === null ? undefined : this.#times.resolve(texts, interval, symbol?.calendar, verdict);
    if (texts !== null) this.#observe(this.#times.written(texts), interval);
    if (pricesKnown) this.#prices(open, high, low, close, symbol?.negative ?? false);
    if (volume < 0) this.#refuse('volume_negative', 'volume');
    if (volume === 0) warnings.push('zero_volume');
    if (this.#refusals.length > 0 || !symbol || !interval || !time) return this.#inOrder();
    const actions = actionsOf(symbol.vtSymbol, interval, time.sessionDay, split, dividend, this.#text('currency'));
    return {
      vtSymbol: symbol.vtSymbol, interval, timestamp: time.timestamp, sessionDay: time.sessionDay, open, close, volume, vwap, tradeCount, currency: this.#text('currency'), warnings, actions,
      high: Math.max(high, open, close), low: Math.min(low, open, close),
    };
  }

  #observe(written: WrittenTime | null, interval: Interval | undefined): void {
    if (written) this.momentsRead++;
    else this.momentsFailed++;
    if (interval !== undefined && interval !== '1d' && interval !== '1w') this.datesOnly = (this.datesOnly ?? true) && (written?.dateOnly ?? false);
  }

  #inOrder(): Refusal[] {
    return REJECTIONS.flatMap((code) => this.#refusals.filter((refusal) => refusal.code === code));
  }

  #refuse(code: Rejection, target: MappingTarget, value?: string, why?: string): void {
    const at = this.#columns.position[target];
    const written = value ?? (at >= 0 ? this.#values[at] : this.#columns.constants[target]);
    this.#refusals.push({ code, column: at >= 0 ? shortName(this.#columns.headers[at] ?? target) : target, value: written ?? null, ...(why === undefined ? {} : { why }) });
  }

  #missing(target: MappingTarget): void {
    this.#refuse('missing_required', target);
  }

  #text(column: MappingTarget): string | null {
    const at = this.#columns.position[column];
    const value = at >= 0 ? this.#values[at] : this.#columns.constants[column];
    if (value === null || value === undefined || this.#nulls.has(value)) return null;
    // Trimming every cell would cost more than reading it; only blanks at an end can hide a null token.
    const blank = value.charCodeAt(0) <= 32 || value.charCodeAt(value.length - 1) <= 32;
    return blank && this.#nulls.has(value.trim()) ? null : value;
  }

  #price(column: MappingTarget): number {
    if (this.#text(column) !== null) return this.#number(column);
    this.#missing(column);
    return Number.NaN;
  }

  #number(column: MappingTarget): number {
    const text = this.#text(column);
    if (text === null) return Number.NaN;
    const value = parseNumber(text, this.#options.thousands, this.#options.decimal);
    if (typeof value === 'number') return value;
    this.#refuse(value satisfies NumberFault, column);
    return Number.NaN;
  }

  #integer(column: MappingTarget): number {
    const value = this.#number(column);
    if (Number.isNaN(value) || (Number.isInteger(value) && Math.abs(value) <= 2_147_483_647)) return value;
    this.#refuse('bad_number', column, undefined, 'a whole number');
    return Number.NaN;
  }

  #amount(column: 'split' | 'dividend'): number {
    const value = this.#number(column);
    if (value < 0) this.#refuse('bad_number', column, undefined, '0 or more');
    return value;
  }

  #prices(open: number, high: number, low: number, close: number, negative: boolean): void {
    if (!negative && !(open > 0 && high > 0 && low > 0 && close > 0)) this.#refuse('price_not_positive', !(open > 0) ? 'open' : !(high > 0) ? 'high' : !(low > 0) ? 'low' : 'close');
    if (!atLeast(high, low)) {
      this.#refuse('high_low_inverted', 'high', undefined, `below the low of ${low}`);
      return;
    }
    if (!atLeast(high, Math.max(open, close))) this.#refuse('high_too_low', 'high', undefined, `below the ${open > close ? 'open' : 'close'} of ${Math.max(open, close)}`);
    if (!atLeast(Math.min(open, close), low)) this.#refuse('low_too_high', 'low', undefined, `above the ${open < close ? 'open' : 'close'} of ${Math.min(open, close)}`);
  }

  /** From the column, the constant, what the file states beside its rows, or the name of the row's file. */
  #symbol(member: string | undefined): SymbolFacts | undefined {
    const text = this.#text('vt_symbol');
    const open = text === null && this.#columns.position.vt_symbol < 0 && this.#columns.constants.vt_symbol === undefined;
    const stated = open ? (this.#named.stated ?? null) : null;
    const key = text ?? stated ?? (open ? (member ?? this.#named.filename ?? null) : null);
    if (key === null) {
      this.#missing('vt_symbol');
      return undefined;
    }
    const cache = text === null ? this.#names : this.#symbols;
    let facts = cache.get(key);
    if (!facts) cache.set(key, (facts = this.#look(() => (text !== null ? this.#texts.ofText(key) : stated !== null ? this.#texts.ofStated(key) : this.#texts.ofFileName(key)))));
    if ('code' in facts) {
      this.#refuse(facts.code, 'vt_symbol', key, facts.why);
      return undefined;
    }
    if (!facts.known) this.#refuse('unknown_symbol', 'vt_symbol', facts.vtSymbol);
    return facts;
  }

  #look(parse: () => VtSymbol): SymbolFacts | SymbolFault {
    try {
      const { ticker, exchange } = parse();
      const vtSymbol = `${ticker}.${exchange}`;
      return { vtSymbol, calendar: calendarFor(exchange), negative: this.#negative.has(vtSymbol) || exchange === 'CME', known: this.#known?.has(vtSymbol) ?? true };
    } catch (error) {
      if (error instanceof SymbolError) return { code: error.code as SymbolFault['code'], why: error.message };
      throw error;
    }
  }

  #interval(text: string | null): Interval | undefined {
    if (text === null) return undefined;
    const word = this.#vendor.intervals?.[text.trim().toUpperCase()] ?? text.trim();
    const interval = this.#options.intervals.find((candidate) => candidate === word);
    if (!interval) this.#refuse('bad_interval', 'interval', undefined, `the table holds ${this.#options.intervals.join(', ')}`);
    return interval;
  }
}
