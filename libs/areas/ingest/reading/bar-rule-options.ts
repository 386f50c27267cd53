import type { Interval } from '#quant/bars';
import type { NamedFile } from './presets/index.ts';
import type { EpochUnit } from './values/parse-timestamp.ts';

/** What the request and the registry say of a file's rows; crosses into a thread. */
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
