import type { Interval } from '#quant/bars';
import type { Calendar } from '#quant/calendars';
import { actionsOf } from './action-cells.ts';
import type { BoundColumns } from './bar-columns.ts';
import type { BarRuleOptions, SymbolSources, VendorRules } from './bar-rule-options.ts';
import { type BarTime, BarTimes } from './bar-times.ts';
import {
  type BarWarning,
  type CheckedBar,
  type Refusal,
  type Rejection,
  REJECTIONS,
  type Verdict,
} from './checked-row.ts';
import { stemOf } from './file-names.ts';
import { type MappingTarget, shortName } from './mapping-targets.ts';
import type { SourceRecord } from './records/source-record.ts';
import { RowSymbols, type SymbolFacts } from './row-symbols.ts';
import { type NumberFault, parseNumber } from './values/parse-number.ts';

/** x >= y within 1e-9 relative (data.md 14, V2). */
function atLeast(x: number, y: number): boolean {
  return x >= y - 1e-9 * Math.abs(y);
}

/**
 * Checks records against the rules of 7.4, one after the other. Not re-entrant: the returned bar is valid until the
 * next call.
 */
export class BarRules {
  readonly #columns: BoundColumns;
  readonly #options: BarRuleOptions;
  readonly #vendor: VendorRules;
  readonly #symbols: RowSymbols;
  readonly #nulls: ReadonlySet<string>;
  readonly #times: BarTimes;
  readonly #filename: string | null;
  readonly #intervals = new Map<string, string | null>();
  #values: readonly (string | null)[] = [];
  #refusals: Refusal[] = [];
  readonly #verdict: Verdict = {
    warnings: [],
    refuse: (code, target, value, why) => this.#refuse(code, target, value, why),
  };
  /** Whether every row so far that is of an intraday interval has a date and no time of day; null before the first. */
  datesOnly: boolean | null = null;
  /** Rows whose time could be read, and those where it could not. */
  momentsRead = 0;
  momentsFailed = 0;

  constructor(columns: BoundColumns, options: BarRuleOptions, vendor: VendorRules = {}, named: SymbolSources = {}) {
    this.#columns = columns;
    this.#options = options;
    this.#vendor = vendor;
    this.#nulls = new Set(options.nullTokens.map((token) => token.trim()));
    this.#times = new BarTimes(options);
    this.#filename = named.filename ?? null;
    this.#symbols = new RowSymbols(options, vendor, named);
  }

  /** The bar as it will be stored, or what refuses it, in the order of the codes. */
  check(record: SourceRecord): CheckedBar | Refusal[] {
    if (record.fault) return [{ code: record.fault, column: null, value: record.raw }];
    this.#values = record.values;
    this.#refusals = [];
    const intervalText = this.#intervalText(record.member);
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
    const pricesKnown =
      this.#refusals.length === 0 ||
      !this.#refusals.some(({ code }) => code === 'missing_required' || code === 'bad_number' || code === 'not_finite');
    const interval = this.#interval(intervalText);
    const warnings: BarWarning[] = [];
    this.#verdict.warnings = warnings;
    const time = timeText === null ? undefined : this.#time(timeText, interval, symbol?.calendar);
    if (pricesKnown) this.#prices(open, high, low, close, symbol?.negative ?? false);
    if (volume < 0) this.#refuse('volume_negative', 'volume');
    if (volume === 0) warnings.push('zero_volume');
    if (this.#refusals.length > 0 || !symbol || !interval || !time) return this.#inOrder();
    const actions = actionsOf(symbol.vtSymbol, interval, time.sessionDay, split, dividend, this.#text('currency'));
    return {
      vtSymbol: symbol.vtSymbol,
      interval,
      timestamp: time.timestamp,
      sessionDay: time.sessionDay,
      open,
      close,
      volume,
      vwap,
      tradeCount,
      currency: this.#text('currency'),
      warnings,
      actions,
      high: Math.max(high, open, close),
      low: Math.min(low, open, close),
    };
  }

  #time(timestamp: string, interval: Interval | undefined, calendar: Calendar | undefined): BarTime | undefined {
    const time =
      this.#columns.position.time >= 0 || this.#columns.constants.time !== undefined ? this.#text('time') : null;
    const written = this.#times.written(timestamp, time);
    if (interval !== undefined && interval !== '1d' && interval !== '1w')
      this.datesOnly = (this.datesOnly ?? true) && (written?.dateOnly ?? false);
    if (written) {
      this.momentsRead++;
      return this.#times.resolve(written, this.#text('fold'), interval, calendar, this.#verdict);
    }
    this.momentsFailed++;
    const { dateFormat } = this.#options;
    this.#refuse(
      'ts_unparseable',
      'timestamp',
      time === null ? undefined : `${timestamp} ${time}`,
      dateFormat === null
        ? 'not ISO 8601, YYYYMMDD or epoch; give parse.date_format, such as %d/%m/%Y'
        : `not written as parse.date_format says, ${dateFormat}`,
    );
    return undefined;
  }

  #inOrder(): Refusal[] {
    return REJECTIONS.flatMap((code) => this.#refusals.filter((refusal) => refusal.code === code));
  }

  #refuse(code: Rejection, target: MappingTarget, value?: string, why?: string): void {
    const at = this.#columns.position[target];
    const written = value ?? (at >= 0 ? this.#values[at] : this.#columns.constants[target]);
    this.#refusals.push({
      code,
      column: at >= 0 ? shortName(this.#columns.headers[at] ?? target) : target,
      value: written ?? null,
      ...(why === undefined ? {} : { why }),
    });
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
    if (!negative && !(open > 0 && high > 0 && low > 0 && close > 0))
      this.#refuse('price_not_positive', !(open > 0) ? 'open' : !(high > 0) ? 'high' : !(low > 0) ? 'low' : 'close');
    if (!atLeast(high, low)) {
      this.#refuse('high_low_inverted', 'high', undefined, `below the low of ${low}`);
      return;
    }
    if (!atLeast(high, Math.max(open, close)))
      this.#refuse(
        'high_too_low',
        'high',
        undefined,
        `below the ${open > close ? 'open' : 'close'} of ${Math.max(open, close)}`,
      );
    if (!atLeast(Math.min(open, close), low))
      this.#refuse(
        'low_too_high',
        'low',
        undefined,
        `above the ${open < close ? 'open' : 'close'} of ${Math.min(open, close)}`,
      );
  }

  /** From the column, the constant, what the file states beside its rows, or the name of the row's file. */
  #symbol(member: string | undefined): SymbolFacts | undefined {
    const text = this.#text('vt_symbol');
    const { position, constants } = this.#columns;
    const named = text === null && position.vt_symbol < 0 && constants.vt_symbol === undefined;
    const found = text !== null ? this.#symbols.ofText(text) : named ? this.#symbols.ofFile(member) : undefined;
    if (!found) {
      this.#missing('vt_symbol');
      return undefined;
    }
    if ('code' in found) {
      this.#refuse(found.code, 'vt_symbol', found.text, found.why);
      return undefined;
    }
    if (!found.known) this.#refuse('unknown_symbol', 'vt_symbol', found.vtSymbol);
    return found;
  }

  /** From the column, the constant, or the name of the row's file as the vendor gives it. */
  #intervalText(member: string | undefined): string | null {
    const { position, constants } = this.#columns;
    if (position.interval >= 0 || constants.interval !== undefined) return this.#text('interval');
    const name = member ?? this.#filename;
    if (name === null) return null;
    let interval = this.#intervals.get(name);
    if (interval === undefined)
      this.#intervals.set(name, (interval = this.#vendor.fromName?.(stemOf(name))?.interval ?? null));
    return interval;
  }

  #interval(text: string | null): Interval | undefined {
    if (text === null) return undefined;
    const word = this.#vendor.intervals?.[text.trim().toUpperCase()] ?? text.trim();
    const interval = this.#options.intervals.find((candidate) => candidate === word);
    if (!interval)
      this.#refuse('bad_interval', 'interval', undefined, `the table holds ${this.#options.intervals.join(', ')}`);
    return interval;
  }
}
