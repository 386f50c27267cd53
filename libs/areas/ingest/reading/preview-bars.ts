import type { DuckDBConnection } from '@duckdb/node-api';
import { bindColumns, type BoundColumns, type Mapping } from './bar-columns.ts';
import { type BarRuleOptions, BarRules } from './bar-rules.ts';
import { guessColumn, type GuessedColumn } from './guess-type.ts';
import { type RunWarning, Tally } from './read-bars.ts';
import { type FileToRead, openRecords } from './records/open-records.ts';
import type { SourceRecord } from './records/source-record.ts';

const SHOWN_ROWS = 50;
const CHECKED_ROWS = 10_000;

export interface PreviewTask {
  readonly file: FileToRead;
  readonly mapping: Mapping;
  readonly rules: BarRuleOptions;
}

export interface Preview {
  readonly columns: GuessedColumn[];
  /** Header -> column, as a run would map it; null for what it leaves out. */
  readonly mapping: { readonly columns: Record<string, string | null>; readonly constants: Record<string, string> };
  readonly rows: Record<string, string | null>[];
  readonly validation: { readonly rows_read: number; readonly rows_ok: number; readonly reasons: Record<string, number>; readonly warnings: RunWarning[] };
}

/** The first rows of a file as a run would see them. Throws 422 with line for a file that cannot be read. */
export async function previewBars(connection: DuckDBConnection, { file, mapping, rules }: PreviewTask): Promise<Preview> {
  const source = await openRecords(file, async () => connection);
  try {
    const columns = bindColumns(source.headers, mapping);
    const records: SourceRecord[] = [];
    for await (const batch of source.batches()) {
      records.push(...batch.slice(0, CHECKED_ROWS - records.length));
      if (records.length === CHECKED_ROWS) break;
    }
    return {
      columns: source.headers.map((name, i) => guessColumn(name, records.map(({ values }) => values[i] ?? null), rules.nullTokens)),
      mapping: { columns: mappedColumns(source.headers, columns), constants: { ...columns.constants } },
      rows: records.slice(0, SHOWN_ROWS).map(({ values }) => Object.fromEntries(source.headers.map((name, i) => [name, values[i] ?? null]))),
      validation: validate(records, new BarRules(columns, rules), columns),
    };
  } finally {
    await source.close();
  }
}

function mappedColumns(headers: readonly string[], { position }: BoundColumns): Record<string, string | null> {
  const targets = new Map(Object.entries(position).map(([target, at]) => [at, target]));
  return Object.fromEntries(headers.map((name, i) => [name, targets.get(i) ?? null]));
}

function validate(records: readonly SourceRecord[], rules: BarRules, columns: BoundColumns): Preview['validation'] {
  const tally = new Tally();
  for (const record of records) {
    const checked = record.fault ? [record.fault] : rules.check(record.values);
    if (Array.isArray(checked)) tally.reject(checked);
    else for (const warning of checked.warnings) tally.warn(warning, record.line);
  }
  if (columns.ignored.length > 0) tally.warn('column_ignored', 1, columns.ignored.length);
  return { rows_read: records.length, rows_ok: records.length - tally.rowsRejected, reasons: tally.reasons(), warnings: tally.warnings() };
}
