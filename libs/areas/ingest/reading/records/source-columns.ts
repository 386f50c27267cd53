import type { DomainError } from '#kernel';
import { badInput, type SourceColumn, type SourceColumnType } from './source-record.ts';

const INDEX_LEVEL = /^__index_level_\d+__$/;

/**
 * A header as it is meant: without the angle brackets of MetaStock, the sign of a commented header, a trailing
 * asterisk, and the numbers of alphavantage.
 */
export function plainHeader(written: string): string {
  const text = written.trim();
  const inner = /^<([^<>]+)>$/.exec(text)?.[1] ?? text;
  return inner
    .replace(/^#\s*(?=\S)/, '')
    .replace(/\*+$/, '')
    .replace(/^\d{1,2}[ab]?\. /, '')
    .trim();
}

/**
 * Columns with a name of their own each, by position. A nameless first one is the index that pandas writes, where the
 * format has one.
 */
export function nameColumns(
  written: readonly string[],
  facts: {
    readonly types?: readonly SourceColumnType[];
    readonly index?: ReadonlySet<string>;
    readonly namelessIndex?: boolean;
  } = {},
): SourceColumn[] {
  const plain = written.map((text) => plainHeader(text));
  const taken = new Set(plain);
  const seen = new Set<string>();
  const unused = (name: string): string => {
    let free = name;
    for (let n = 2; taken.has(free); n++) free = `${name}_${n}`;
    taken.add(free);
    return free;
  };
  return written.map((text, i) => {
    const name = plain[i]!;
    const repeats = name !== '' && seen.has(name);
    seen.add(name);
    return {
      name: name === '' ? unused(`column_${i + 1}`) : repeats ? unused(`${name}_2`) : name,
      written: text,
      type: facts.types?.[i] ?? 'text',
      repeats,
      index:
        INDEX_LEVEL.test(name) ||
        (facts.index?.has(text) ?? false) ||
        (i === 0 && name === '' && facts.namelessIndex === true),
    };
  });
}

/** How pandas writes the name of a column that has two levels, as yfinance's have: `('Close', 'AAPL')`. */
const TWO_LEVELS = /^\('([^']*)', '([^']*)'\)$/;
const BAR_NAMES = new Set(['open', 'high', 'low', 'close']);

/**
 * The names of columns of two levels, and the one symbol that the other level has; null where there are none. Throws
 * 422 `bad_input` for several symbols side by side.
 */
export function twoLevels(written: readonly string[]): { names: string[]; symbol: string | null } | null {
  const levels = written.map((text) => TWO_LEVELS.exec(text));
  const bars = (level: 1 | 2): number =>
    levels.filter((pair) => pair && BAR_NAMES.has(pair[level]!.toLowerCase())).length;
  const named = bars(1) >= bars(2) ? 1 : 2;
  if (bars(named) === 0) return null;
  const other = named === 1 ? 2 : 1;
  const symbols = [
    ...new Set(levels.flatMap((pair) => (pair && pair[named] !== '' && pair[other] !== '' ? [pair[other]!] : []))),
  ];
  if (symbols.length > 1) throw sideBySide(symbols);
  return {
    names: written.map((text, i) => levels[i]?.[named] || levels[i]?.[other] || text),
    symbol: symbols[0] ?? null,
  };
}

/** 422 `bad_input`: the columns of several symbols in one row. */
export function sideBySide(symbols: readonly string[]): DomainError {
  return badInput(
    `The file has the columns of ` +
      `${symbols.length} symbols side by side (${symbols.slice(0, 3).join(', ')}${symbols.length > 3 ? ', …' : ''}).`,
    undefined,
    'Send one file per symbol, or one row per symbol and time: df.stack("Ticker", future_stack=True).to_csv().',
  );
}
