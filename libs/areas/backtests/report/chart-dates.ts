import type { EquityColumns, TearSheetRun } from './tear-sheet-input.ts';

/**
 * Where the rows of a chart stand on its axis: intraday at their instants, others at their session dates, as a close in
 * the evening would look like one of the day after.
 */
export function chartDates(run: TearSheetRun, { ts, session }: EquityColumns): Float64Array {
  if (run.interval !== '1d' && run.interval !== '1w') return ts;
  let first = 0;
  return session.map((label, row) => {
    if (label !== session[first]) first = row;
    // Closes of several exchanges on one date stay apart.
    return label + ts[row]! - ts[first]!;
  });
}
