import { datasetHash } from '../bars/index.ts';
import { DAY_MS } from '../calendars/index.ts';
import { daysOf, sampleRows } from '../metrics/index.ts';
import { Comparison } from './comparison.ts';
import { prepareRun, type PreparedRun } from './prepare.ts';
import type { BacktestInput, ComparisonColumns } from './types.ts';

/** Equity rows of a stored run: instants, ms, and marks. */
export interface StoredMarks {
  readonly time: Float64Array;
  readonly equity: Float64Array;
}

export interface DerivedComparison {
  /** Of the bars as they are now: another one than the run's says that they were revised since. */
  readonly datasetHash: string;
  readonly comparison: ComparisonColumns;
}

/**
 * Session dates and comparison of a run whose engine (before 1.4) wrote neither, from what it ran on. `firstDecision`
 * is the instant of E_0, ms, null without one. Throws as `prepareRun`.
 */
export function deriveComparison(
  input: BacktestInput,
  { time, equity }: StoredMarks,
  firstDecision: number | null,
): DerivedComparison {
  const prepared = prepareRun(input);
  const options = input.recipe.backtest.kwargs;
  const sessionDay = sessionDays(prepared, time);
  const firstRow = firstDecision === null ? -1 : time.indexOf(firstDecision);
  const samples = sampleRows(daysOf(sessionDay), time.length, firstRow, prepared.calendar, options);
  const comparison = new Comparison(
    prepared,
    { equity: { length: time.length, time, sessionDay, equity }, samples },
    options,
  ).columns();
  return { datasetHash: datasetHash(prepared.symbols.map((symbol) => symbol.bars)), comparison };
}

/**
 * The latest date of the bars that become known at each row, never before an earlier row's; a row whose bars are gone
 * since has the UTC date it ends.
 */
function sessionDays({ symbols }: PreparedRun, time: Float64Array): Int32Array {
  const next = symbols.map((symbol) => symbol.startIndex);
  let latest = Number.NEGATIVE_INFINITY;
  return Int32Array.from(time, (at) => {
    let found = false;
    symbols.forEach(({ known, day }, id) => {
      while (next[id]! < known.length && known[next[id]!]! < at) next[id]!++;
      if (known[next[id]!] !== at) return;
      found = true;
      latest = Math.max(latest, day[next[id]!]!);
    });
    if (!found) latest = Math.max(latest, Math.floor((at - 1) / DAY_MS));
    return latest;
  });
}
