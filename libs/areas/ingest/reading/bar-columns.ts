import { DomainError } from '#kernel';

/** Columns of a bar table that a file may fill. */
export const BAR_COLUMNS = ['vt_symbol', 'interval', 'timestamp', 'open', 'high', 'low', 'close', 'volume', 'vwap', 'trade_count', 'currency'] as const;
export type BarColumn = (typeof BAR_COLUMNS)[number];

/** `fold` tells which of two local times is meant. */
export type MappingTarget = BarColumn | 'fold';

export interface Mapping {
  /** Header -> column, or null to leave it out. */
  readonly columns: Readonly<Record<string, string | null>>;
  /** Column -> text for every row. */
  readonly constants: Readonly<Record<string, string>>;
}

const REVISION = 'revision';
const WRITER_COLUMNS = new Set([REVISION, 'session_date', 'source_id']);

const SYNONYMS: Readonly<Record<string, BarColumn>> = {
  date: 'timestamp', datetime: 'timestamp', time: 'timestamp', timestamp: 'timestamp', t: 'timestamp',
  o: 'open', open: 'open', h: 'high', high: 'high', l: 'low', low: 'low', c: 'close', close: 'close',
  v: 'volume', vol: 'volume', volume: 'volume', symbol: 'vt_symbol', ticker: 'vt_symbol', vtsymbol: 'vt_symbol',
  interval: 'interval', vwap: 'vwap', tradecount: 'trade_count', currency: 'currency',
};

/** Names are compared without case, blanks and underscores (data.md 14, I2). */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[\s_]/g, '');
}

/** Throws 422 `reserved_column` for what only the writer sets, `unknown_column` for what a bar has not. */
export function checkTarget(name: string): asserts name is MappingTarget {
  if (name.startsWith('_') || WRITER_COLUMNS.has(name)) throw reserved(name);
  if (name !== 'fold' && !(BAR_COLUMNS as readonly string[]).includes(name)) throw new DomainError(422, 'unknown_column', { detail: `A bar has no column ${name}.`, hint: `Columns: ${BAR_COLUMNS.join(', ')}.` });
}

export interface BoundColumns {
  /** Position of each target in a record, -1 where the file does not have it. */
  readonly position: Readonly<Record<MappingTarget, number>>;
  readonly constants: Readonly<Partial<Record<MappingTarget, string>>>;
  /** Headers that fill nothing. */
  readonly ignored: readonly string[];
}

/**
 * Which header fills which column: an explicit mapping first, then the usual names. `adj close` fills nothing.
 * Throws 422 `ambiguous_mapping` when two headers would fill one column and none is explicit, or two explicit ones do; `reserved_column` for
 * a header `revision` or with a leading underscore that is not mapped away.
 */
export function bindColumns(headers: readonly string[], mapping: Mapping): BoundColumns {
  const explicit = new Map(Object.entries(mapping.columns).map(([header, target]) => [plainName(header), target]));
  const position = Object.fromEntries([...BAR_COLUMNS, 'fold'].map((column) => [column, -1])) as Record<MappingTarget, number>;
  const chosen = new Set<string>();
  headers.forEach((header, i) => {
    const target = explicit.get(plainName(header));
    if (target === undefined || target === null) return;
    checkTarget(target);
    if (position[target] >= 0) throw ambiguous(target, headers[position[target]]!, header);
    position[target] = i;
    chosen.add(target);
  });
  const constants: Partial<Record<MappingTarget, string>> = {};
  for (const [name, value] of Object.entries(mapping.constants)) {
    checkTarget(name);
    if (chosen.has(name)) throw new DomainError(422, 'ambiguous_mapping', { detail: `The column ${name} is both mapped and constant.` });
    constants[name] = value;
    chosen.add(name);
  }
  const ignored: string[] = [];
  headers.forEach((header, i) => {
    const plain = plainName(header);
    if (explicit.get(plain)) return;
    // Only an explicit mapping makes it plain that the caller does not mean to set what the writer sets (data.md 14, V3).
    if (!explicit.has(plain) && (header.startsWith('_') || plain === REVISION)) throw reserved(header);
    const target = explicit.has(plain) ? undefined : plain === 'fold' ? 'fold' : Object.hasOwn(SYNONYMS, plain) ? SYNONYMS[plain] : undefined;
    if (target === undefined || chosen.has(target)) ignored.push(header);
    else if (position[target] >= 0) throw ambiguous(target, headers[position[target]]!, header);
    else position[target] = i;
  });
  return { position, constants, ignored };
}

function reserved(name: string): DomainError {
  return new DomainError(422, 'reserved_column', { detail: `The column ${name} is set by the writer.`, hint: 'Leave it out, or map it to null in mapping.columns.' });
}

function ambiguous(target: string, first: string, second: string): DomainError {
  return new DomainError(422, 'ambiguous_mapping', { detail: `The headers ${first} and ${second} both fill ${target}.`, hint: 'Name one of them in mapping.columns.' });
}
