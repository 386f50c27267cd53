import { BacktestFailure, type DerivedComparison, comparisonRows, deriveComparison } from '#quant';
import { type PackedInput, unpackInput } from '../engine/engine-thread.ts';
import { toMillis } from './number-format.ts';
import { type ComparedColumns, comparedColumns, equityColumns, marksOf } from './stored-rows.ts';
import type { EquityColumns, TearSheetInput } from './tear-sheet-input.ts';

const DAY = 86_400_000;

/**
 * What the engine of an older version did not store, from what the run ran on: the session dates of its rows, and what
 * it is compared with. Warehouse bars may have been revised since; then the comparison would not be the run's own, and
 * there is none.
 */
export function olderRun(
  rows: Parameters<typeof equityColumns>[0],
  ranOn: PackedInput,
  { run, hashes }: Pick<TearSheetInput, 'run' | 'hashes'>,
): { equity: EquityColumns; compared: ComparedColumns | null } {
  const { ts, equity } = marksOf(rows);
  const derived = derive(ranOn, { time: ts, equity }, toMillis(run.first_decision));
  const session = derived
    ? Float64Array.from(derived.comparison.sessionDay, (day) => day * DAY)
    : ts.map((at) => Math.floor((at - 1) / DAY) * DAY);
  return {
    equity: { ...equityColumns(rows), session },
    compared:
      derived?.datasetHash === hashes.dataset_hash
        ? comparedColumns(Array.from(comparisonRows(derived.comparison), (row) => ({ ...row })))
        : null,
  };
}

/** Null where the bars are gone: the page then dates rows by the UTC day they end. */
function derive(
  ranOn: PackedInput,
  marks: { time: Float64Array; equity: Float64Array },
  firstDecision: number | null,
): DerivedComparison | null {
  try {
    return deriveComparison(unpackInput(ranOn), marks, firstDecision);
  } catch (error) {
    if (error instanceof BacktestFailure && error.code === 'no_data') return null;
    throw error;
  }
}
