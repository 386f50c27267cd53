import type { RunWarning } from './reading/tally.ts';

/** What those warnings mean that carry no message of their own; nothing that they tell of was refused. */
const MEANINGS: Readonly<Record<string, string>> = {
  column_ignored: 'columns are no part of a bar and were left out',
  dup_conflict: 'rows replace others of the same symbol and time with other values',
  outlier_return: 'bars move far more than their series usually does; they are kept, look at them',
  stale_price: 'bars repeat the price before them; they are kept, look at them',
  unknown_symbol: 'rows have a symbol that was not registered and now is',
};

/** One line for whoever watches a run: code, count, what it means, and which columns are meant. */
export function warningText({ code, count, columns = [], message = MEANINGS[code] }: RunWarning): string {
  const named = columns.length > 0 ? ` (${columns.join(', ')})` : '';
  return `${code}: ${count}${message === undefined ? '' : ` - ${message}`}${named}`;
}
