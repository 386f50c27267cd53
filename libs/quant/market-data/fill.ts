import { DAY_MS, type Calendar } from '../calendars/index.ts';
import { type BarTable, NUMBER_COLUMNS } from './bar-table.ts';
import { type AnyInterval, dateOfDay, expectedLabels } from './intervals.ts';

export type Fill = 'forward' | 'null' | 'zero';

/**
 * Adds the labels of the calendar's grid that have no bar, between the first and last bar, marked `filled`. `forward`
 * copies the close into the prices with volume 0, at most `maxFill` times in a row, and stops at `delistedDay`. Source:
 * data.md 8.3 and 14, B4.
 */
export function fillGaps(
  table: BarTable,
  interval: AnyInterval,
  calendar: Calendar,
  fill: Fill,
  options: { maxFill: number; delistedDay?: number },
): BarTable {
  const stored = table.time.length;
  if (stored === 0) return table;
  const last = table.time[stored - 1]!;
  const columns = Object.fromEntries(NUMBER_COLUMNS.map((name) => [name, [] as number[]])) as unknown as Record<
    (typeof NUMBER_COLUMNS)[number],
    number[]
  >;
  const partial: number[] = [];
  const filled: number[] = [];
  let row = 0;
  let run = 0;
  const copy = (): void => {
    for (const name of NUMBER_COLUMNS) columns[name].push(table[name][row]!);
    partial.push(table.partial?.[row] ?? 0);
    filled.push(0);
    run = 0;
    row++;
  };
  for (const { time, session } of expectedLabels(
    calendar,
    interval,
    dateOfDay(table.sessionDay[0]!),
    dateOfDay(table.sessionDay[stored - 1]!),
  )) {
    while (row < stored && table.time[row]! < time) copy();
    if (row < stored && table.time[row] === time) copy();
    else if (row > 0 && time < last) {
      const day = session.label / DAY_MS;
      run++;
      if (
        fill === 'forward' &&
        (run > options.maxFill || (options.delistedDay !== undefined && day >= options.delistedDay))
      )
        continue;
      const value = fill === 'forward' ? table.close[row - 1]! : fill === 'zero' ? 0 : Number.NaN;
      for (const name of ['open', 'high', 'low', 'close'] as const) columns[name].push(value);
      columns.time.push(time);
      columns.sessionDay.push(day);
      columns.volume.push(fill === 'null' ? Number.NaN : 0);
      columns.vwap.push(fill === 'zero' ? 0 : Number.NaN);
      columns.tradeCount.push(fill === 'zero' ? 0 : Number.NaN);
      partial.push(0);
      filled.push(1);
    }
  }
  while (row < stored) copy();
  const arrays = Object.fromEntries(
    NUMBER_COLUMNS.map((name) => [name, Float64Array.from(columns[name])]),
  ) as unknown as BarTable;
  return { ...arrays, partial: Uint8Array.from(partial), filled: Uint8Array.from(filled) };
}
