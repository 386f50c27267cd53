import { DomainError } from '#kernel';
import { type Prices, shortName } from './mapping-targets.ts';

/** Where the mapping names a header. */
export function pointerOf(header: string): string {
  return `/mapping/columns/${header.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** What a file has, for a message. */
export function listed(headers: readonly string[]): string {
  const shown = headers.slice(0, 20).map(shortName).join(', ');
  return headers.length > 20 ? `${shown} and ${headers.length - 20} more` : shown;
}

/** 422 `unknown_header`: the mapping names what the file does not have. */
export function unknownHeader(
  header: string,
  target: string,
  headers: readonly string[],
  headed: boolean,
): DomainError {
  const hint = headed
    ? 'Name a column that the file has; is the first line its header?'
    : 'The file has no header, so its columns are named column_1, column_2 and so on.';
  return new DomainError(422, 'unknown_header', {
    detail: `The file has no column ${header} to fill ${target}; it has: ${listed(headers)}.`,
    hint,
    errors: [
      {
        pointer: pointerOf(header),
        code: 'unknown_header',
        message: `names no column of the file; it has: ${listed(headers)}`,
      },
    ],
  });
}

/** 422 `contradictory_options`: a column of splits or dividends of prices that are adjusted for them, or may be. */
export function adjustedTwice(header: string, target: 'split' | 'dividend', prices: Prices | null): DomainError {
  const said =
    prices === null
      ? 'and nothing says whether the prices are adjusted for it'
      : `and the prices are ${prices}, so they would be adjusted twice`;
  const accepted = target === 'split' ? 'raw' : 'raw or split_adjusted';
  return new DomainError(422, 'contradictory_options', {
    detail: `The column ${header} is mapped to ${target}, ${said}.`,
    hint: `Say mapping.prices: ${accepted} if they are, else leave the column out.`,
    errors: [
      {
        pointer: '/mapping/prices',
        code: 'contradictory_options',
        message: `is ${prices ?? 'not given'}; with a column of ${target} accepted: ${accepted}`,
      },
    ],
  });
}

/** 422 `ambiguous_mapping`: two headers for one target. */
export function ambiguous(target: string, first: string, second: string): DomainError {
  const hint =
    target === 'timestamp'
      ? 'Name one of them in mapping.columns; a column of the time of day is mapped to `time`.'
      : 'Name one of them in mapping.columns.';
  return new DomainError(422, 'ambiguous_mapping', {
    detail: `The headers ${first} and ${second} both fill ${target}.`,
    hint,
    errors: [
      {
        pointer: '/mapping/columns',
        code: 'ambiguous_mapping',
        message: `must say which of ${first} and ${second} fills ${target}`,
      },
    ],
  });
}
