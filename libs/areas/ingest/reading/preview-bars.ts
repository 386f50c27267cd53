import type { DuckDBConnection } from '@duckdb/node-api';
import type { BoundColumns } from './bar-columns.ts';
import type { CheckedBar } from './checked-row.ts';
import { columnWarnings } from './file-warnings.ts';
import { guessColumn, type GuessedColumn } from './guess-type.ts';
import { type Head, HEAD_MS, readHead } from './head.ts';
import { type FileOfBars, missingColumn, openBars, wrongOptions } from './open-bars.ts';
import { type Proposal, propose } from './propose.ts';
import { tooManyReplaced } from './replaced-rows.ts';
import { type RefusalCount, type RunWarning, Tally } from './tally.ts';

const SHOWN_ROWS = 50;

export interface PreviewTask extends FileOfBars {
  readonly maxReplacedRatio: number;
}

export interface Preview {
  readonly columns: GuessedColumn[];
  /** Header -> column, as a run would map it; null for what it leaves out. */
  readonly mapping: { readonly columns: Record<string, string | null>; readonly constants: Record<string, string> };
  readonly rows: Record<string, string | null>[];
  readonly validation: {
    readonly rows_read: number;
    readonly rows_ok: number;
    readonly reasons: Record<string, number>;
    readonly refusals: RefusalCount[];
    readonly warnings: RunWarning[];
  };
  readonly proposal: Proposal;
}

/**
 * The first rows of a file as a run would see them. Throws 422 with line for a file that cannot be read, and for
 * options that it contradicts.
 */
export async function previewBars(connection: DuckDBConnection, task: PreviewTask): Promise<Preview> {
  const opened = await openBars(connection, task);
  try {
    const { source, columns } = opened;
    const head = await readHead(opened, HEAD_MS);
    const { records } = head;
    return {
      columns: source.columns.map(({ name }, i) =>
        guessColumn(
          name,
          records.map(({ values }) => values[i] ?? null),
          task.rules.nullTokens,
        ),
      ),
      mapping: { columns: mappedColumns(columns), constants: { ...task.mapping.constants } },
      rows: records
        .slice(0, SHOWN_ROWS)
        .map(({ values }) => Object.fromEntries(columns.headers.map((name, i) => [name, values[i] ?? null]))),
      validation: validate(head, task),
      proposal: propose(opened, records, task),
    };
  } finally {
    await opened.source.close();
  }
}

function mappedColumns({ headers, position }: BoundColumns): Record<string, string | null> {
  const targets = new Map(Object.entries(position).map(([target, at]) => [at, target]));
  return Object.fromEntries(headers.map((name, i) => [name, targets.get(i) ?? null]));
}

function validate({ opened, records, checked }: Head, task: PreviewTask): Preview['validation'] {
  const tally = new Tally();
  for (const fault of [missingColumn(opened, task), wrongOptions(opened, task.rules, records)]) {
    if (fault)
      tally.warn(fault.code, null, 1, { message: [fault.message, fault.options.hint].filter(Boolean).join(' ') });
  }
  checked.forEach((row, i) => {
    const line = records[i]!.position;
    if (Array.isArray(row)) tally.reject(row, line);
    else for (const warning of row.warnings) tally.warn(warning, line);
  });
  warnOfReplaced(checked, records.length, (i) => records[i]!.position, task.maxReplacedRatio, tally);
  columnWarnings(opened, tally);
  return {
    rows_read: records.length,
    rows_ok: records.length - tally.rowsRejected,
    reasons: tally.reasons(),
    refusals: tally.refusals(),
    warnings: tally.warnings(),
  };
}

/**
 * Rows that a later one with the same key and other values would replace: told as a run would tell them, or fail of
 * them.
 */
function warnOfReplaced(
  checked: Head['checked'],
  rowsRead: number,
  lineOf: (row: number) => number,
  maxRatio: number,
  tally: Tally,
): void {
  const last = new Map<string, string>();
  const replaced: number[] = [];
  for (let i = checked.length - 1; i >= 0; i--) {
    const row = checked[i]!;
    if (Array.isArray(row)) continue;
    const key = `${row.vtSymbol} ${row.interval} ${row.timestamp}`;
    const values = valuesOf(row);
    const kept = last.get(key);
    if (kept === undefined) last.set(key, values);
    else if (kept !== values) replaced.push(i);
  }
  if (replaced.length === 0) return;
  const line = lineOf(replaced.at(-1)!);
  if (tooManyReplaced(rowsRead, replaced.length, maxRatio))
    tally.warn('too_many_replaced', line, replaced.length, {
      message:
        `Rows with one symbol, interval and timestamp replace each other; a run would fail above ` +
        `validation.max_replaced_ratio ${maxRatio}.`,
    });
  else tally.warn('dup_conflict', line, replaced.length);
}

function valuesOf({ open, high, low, close, volume, vwap, tradeCount, currency }: CheckedBar): string {
  return [open, high, low, close, volume, vwap, tradeCount, currency].join();
}
