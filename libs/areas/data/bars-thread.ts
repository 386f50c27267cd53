import { type Answer, answerOf } from '#kernel';
import { type BarTable, NUMBER_COLUMNS } from '#quant/market-data';
import { type BarStatistics, statisticsOf, type StatisticsWanted } from './bar-statistics.ts';
import { type BarSelection, type PageWanted, type SelectedPage, selectPage } from './select-bars.ts';

export type BarsTask =
  | { kind: 'page'; selection: BarSelection; wanted: PageWanted }
  | { kind: 'statistics'; selection: BarSelection; wanted: StatisticsWanted };

/** Entry of the worker thread that works through many bars. */
export default function barsThread(task: BarsTask): Answer<SelectedPage | BarStatistics> {
  return answerOf(() => {
    if (task.kind === 'statistics') return statisticsOf(task.selection, task.wanted);
    const page = selectPage(task.selection, task.wanted);
    return { ...page, table: ownTable(page.table) };
  });
}

/** Copies of the rows alone: a view would take all that it looks at with it. */
function ownTable(table: BarTable): BarTable {
  const columns = Object.fromEntries(
    NUMBER_COLUMNS.map((name) => [name, new Float64Array(table[name])]),
  ) as unknown as BarTable;
  return {
    ...columns,
    ...(table.partial ? { partial: new Uint8Array(table.partial) } : {}),
    ...(table.filled ? { filled: new Uint8Array(table.filled) } : {}),
  };
}
