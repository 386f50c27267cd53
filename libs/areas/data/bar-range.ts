import { DomainError, type FieldError, parseDate, parseInstant, ValidationError } from '#kernel';
import { type AnyInterval, intradayMs } from '#quant/market-data';
import type { BarTable } from '#quant/market-data';

const DAY_MS = 86_400_000;

/**
 * One end of a range: a plain date compares with session dates and is inclusive, an instant with timestamps
 * (data.md 14, B3).
 */
export type Bound = { readonly day: number } | { readonly instant: number };

export interface BarRange {
  readonly start: Bound | null;
  readonly end: Bound | null;
}

/**
 * Reads `start` and `end` of a request. Throws 422 `validation_failed` for what is neither date nor RFC 3339 instant,
 * `bad_range` when start is later.
 */
export function readRange(query: { start?: string | undefined; end?: string | undefined }): BarRange {
  const errors: FieldError[] = [];
  const bound = (name: 'start' | 'end'): Bound | null => {
    const text = query[name];
    if (text === undefined) return null;
    const day = parseDate(text);
    if (!Number.isNaN(day)) return { day: day / DAY_MS };
    const instant = parseInstant(text);
    if (!Number.isNaN(instant)) return { instant };
    errors.push({
      pointer: `query:${name}`,
      code: 'bad_time',
      message: 'must be a date YYYY-MM-DD or an RFC 3339 instant',
    });
    return null;
  };
  const range = { start: bound('start'), end: bound('end') };
  if (errors.length > 0) throw new ValidationError(errors);
  const { start, end } = range;
  const from = start && ('day' in start ? start.day * DAY_MS : start.instant);
  const to = end && ('day' in end ? end.day * DAY_MS + ('day' in (start ?? end) ? 0 : DAY_MS - 1) : end.instant);
  if (from !== null && to !== null && from > to)
    throw new DomainError(422, 'bad_range', {
      detail: 'start is later than end.',
      errors: [{ pointer: 'query:start', code: 'bad_range', message: 'must not be later than end' }],
    });
  return range;
}

/** Rows `[from, to)` whose label lies in the range; `table` is ascending. */
export function rowsInRange(
  table: BarTable,
  interval: AnyInterval,
  { start, end }: BarRange,
): { from: number; to: number } {
  // The label of a daily, weekly or monthly bar is its date; intraday bars belong to the session they were traded in.
  const labelled = intradayMs(interval) === undefined && interval !== 'tick';
  const dayOf = (row: number): number => (labelled ? table.time[row]! / DAY_MS : table.sessionDay[row]!);
  const rows = table.time.length;
  let from = 0;
  if (start)
    while (from < rows && ('day' in start ? dayOf(from) < start.day : table.time[from]! < start.instant)) from++;
  let to = rows;
  if (end) while (to > from && ('day' in end ? dayOf(to - 1) > end.day : table.time[to - 1]! >= end.instant)) to--;
  return { from, to };
}
