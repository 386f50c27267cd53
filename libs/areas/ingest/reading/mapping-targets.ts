import { DomainError } from '#kernel';

/** Columns of a bar table that a file may fill. */
export const BAR_COLUMNS = [
  'vt_symbol',
  'interval',
  'timestamp',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'vwap',
  'trade_count',
  'currency',
] as const;
export type BarColumn = (typeof BAR_COLUMNS)[number];

/**
 * What helps to read a row without being stored with it: `time` is the time of day beside a date, `fold` tells which of
 * two local times is meant, `split` (new shares per old) and `dividend` (cash per share) of a bar's session become
 * corporate actions.
 */
export const READ_ONLY_TARGETS = ['time', 'fold', 'split', 'dividend'] as const;
export const MAPPING_TARGETS = [...BAR_COLUMNS, ...READ_ONLY_TARGETS] as const;
export type MappingTarget = (typeof MAPPING_TARGETS)[number];

/** What every bar needs (data.md 14, V3). */
export const REQUIRED_TARGETS = [
  'vt_symbol',
  'interval',
  'timestamp',
  'open',
  'high',
  'low',
  'close',
] as const satisfies readonly BarColumn[];

export const PRICES = ['raw', 'split_adjusted', 'adjusted'] as const;
/** What a file's prices have been adjusted for already. */
export type Prices = (typeof PRICES)[number];

export interface Mapping {
  /** Header -> target, or null to leave it out. */
  readonly columns: Readonly<Record<string, string | null>>;
  /** Target -> text for every row; `exchange` is the exchange of tickers that name none. */
  readonly constants: Readonly<Record<string, string>>;
  /** Ending of a ticker -> exchange. */
  readonly suffixes?: Readonly<Record<string, string>>;
  /** Absent: by the preset, else unknown. */
  readonly prices?: Prices;
}

export const REVISION = 'revision';
const WRITER_COLUMNS = new Set<string>([REVISION, 'session_date', 'source_id']);

export const SYNONYMS: Readonly<Record<string, MappingTarget>> = {
  date: 'timestamp',
  datetime: 'timestamp',
  time: 'timestamp',
  timestamp: 'timestamp',
  t: 'timestamp',
  o: 'open',
  open: 'open',
  h: 'high',
  high: 'high',
  l: 'low',
  low: 'low',
  c: 'close',
  close: 'close',
  v: 'volume',
  vol: 'volume',
  volume: 'volume',
  symbol: 'vt_symbol',
  ticker: 'vt_symbol',
  vtsymbol: 'vt_symbol',
  interval: 'interval',
  vwap: 'vwap',
  tradecount: 'trade_count',
  currency: 'currency',
  fold: 'fold',
  dividends: 'dividend',
  dividend: 'dividend',
  dividendamount: 'dividend',
  divcash: 'dividend',
  stocksplits: 'split',
  split: 'split',
  splits: 'split',
  splitcoefficient: 'split',
  splitfactor: 'split',
  splitratio: 'split',
};

/**
 * Names are compared without case, blanks and underscores (data.md 14, I2), and without the marks that vendors put
 * around them.
 */
export function plainName(name: string): string {
  return name
    .trim()
    .replace(/^<([^<>]+)>$/, '$1')
    .replace(/\*+$/, '')
    .toLowerCase()
    .replace(/[\s_]/g, '');
}

/** Throws 422 `reserved_column` for what only the writer sets, `unknown_column` for what a bar has not. */
export function checkTarget(name: string, pointer = '/mapping/columns'): asserts name is MappingTarget {
  if (name.startsWith('_') || WRITER_COLUMNS.has(name)) throw reservedColumn(name);
  if ((MAPPING_TARGETS as readonly string[]).includes(name)) return;
  throw new DomainError(422, 'unknown_column', {
    detail: `A bar has no column ${name}.`,
    hint: `Columns: ${MAPPING_TARGETS.join(', ')}.`,
    errors: [
      {
        pointer,
        code: 'unknown_column',
        message: `is ${JSON.stringify(name)}; accepted: ${MAPPING_TARGETS.join(', ')}`,
      },
    ],
  });
}

/** A header as messages show it: one may fill a whole cell. */
export function shortName(name: string): string {
  return name.length > 64 ? `${name.slice(0, 63)}…` : name;
}

export function reservedColumn(name: string): DomainError {
  return new DomainError(422, 'reserved_column', {
    detail: `The column ${shortName(name)} is set by the writer.`,
    hint: 'Leave it out, or map it to null in mapping.columns.',
  });
}
