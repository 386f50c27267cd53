import type { Interval } from '#quant/bars';
import type { MappingTarget, Prices } from '../mapping-targets.ts';

export const PRESET_NAMES = [
  'yahoo',
  'stooq',
  'binance',
  'alphavantage',
  'tradingview',
  'metatrader',
  'polygon',
] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

/** What recognition sees of a file. */
export interface FileShape {
  /** Plain names in the file's order; `column1` and so on where there is no header. */
  readonly headers: readonly string[];
  /** As written. */
  readonly written: readonly string[];
  readonly headed: boolean;
  /** The first row. */
  readonly first: readonly (string | null)[];
  readonly filename: string | null;
  /** The file states one symbol beside its rows. */
  readonly stated: boolean;
}

/** What a vendor's file name says. */
export interface NamedFile {
  readonly ticker: string;
  readonly exchange?: string;
  /** Absent where the name has none, or one that is not stored. */
  readonly interval?: Interval;
}

/** How a vendor's files are read. Whatever the request says comes first. */
export interface Preset {
  readonly name: PresetName;
  /** Plain header -> target, before the usual names; null: fills nothing. */
  readonly columns: Readonly<Record<string, MappingTarget | null>>;
  /** Target of each column of a file without a header. */
  readonly positions?: readonly (MappingTarget | null)[];
  readonly parse: {
    readonly date_format?: string;
    readonly label?: 'start' | 'end';
    readonly null_tokens?: readonly string[];
  };
  /** Exchange of tickers that name none. */
  readonly exchange?: string;
  /** Ending of a ticker -> exchange; null: dropped. */
  readonly suffixes?: Readonly<Record<string, string | null>>;
  /** The vendor's word for an interval, in upper case. */
  readonly intervals?: Readonly<Record<string, Interval>>;
  /** What the prices have been adjusted for, by the plain headers. */
  prices(headers: ReadonlySet<string>): Prices;
  recognises(file: FileShape): boolean;
  fromName?(stem: string): NamedFile | null;
}

export function hasAll(headers: readonly string[], names: readonly string[]): boolean {
  return names.every((name) => headers.includes(name));
}

export const OHLC = ['open', 'high', 'low', 'close'] as const;
