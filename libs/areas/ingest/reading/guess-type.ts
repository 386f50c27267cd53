import { parseWritten } from './values/parse-timestamp.ts';

export interface GuessedColumn {
  readonly name: string;
  readonly type: 'string' | 'int' | 'long' | 'double' | 'boolean' | 'date' | 'timestamptz';
  readonly nullable: boolean;
}

const INTEGER = /^[+-]?(0|[1-9]\d{0,17})$/;
const NUMBER = /^[+-]?(0|[1-9]\d*|)(\.\d*)?([eE][+-]?\d{1,4})?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:/;

/** The narrowest type that every value of a sample has. Digits with a leading zero stay text: they name something. */
export function guessColumn(
  name: string,
  values: readonly (string | null)[],
  nullTokens: readonly string[],
): GuessedColumn {
  const nulls = new Set(nullTokens);
  const known = values.flatMap((value) =>
    value === null || value === undefined || nulls.has(value.trim()) ? [] : [value.trim()],
  );
  return { name, type: typeOf(known), nullable: known.length < values.length };
}

function typeOf(values: readonly string[]): GuessedColumn['type'] {
  if (values.length === 0) return 'string';
  const all = (test: (value: string) => boolean): boolean => values.every(test);
  if (all((value) => INTEGER.test(value)))
    return all((value) => Math.abs(Number(value)) <= 2_147_483_647) ? 'int' : 'long';
  if (all((value) => NUMBER.test(value) && /\d/.test(value))) return 'double';
  if (all((value) => /^(true|false)$/i.test(value))) return 'boolean';
  if (all((value) => DATE.test(value) && parseWritten(value, null) !== null)) return 'date';
  return all((value) => (DATE.test(value) || MOMENT.test(value)) && parseWritten(value, null) !== null)
    ? 'timestamptz'
    : 'string';
}
