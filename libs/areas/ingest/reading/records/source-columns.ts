import type { SourceColumn, SourceColumnType } from './source-record.ts';

const INDEX_LEVEL = /^__index_level_\d+__$/;

/** A header as it is meant: without the angle brackets of MetaStock, the sign of a commented header, a trailing asterisk, and the numbers of alphavantage. */
export function plainHeader(written: string): string {
  const text = written.trim();
  const inner = /^<([^<>]+)>$/.exec(text)?.[1] ?? text;
  return inner
    .replace(/^#\s*(?=\S)/, '')
    .replace(/\*+$/, '')
    .replace(/^\d{1,2}[ab]?\. /, '')
    .trim();
}

/** Columns with a name of their own each, by position. A nameless first one is the index that pandas writes, where the format has one. */
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
