import type { DuckDBConnection } from '@duckdb/node-api';
import { bindColumns, type Mapping } from './bar-columns.ts';
import { type BarRuleOptions, BarRules, REJECTIONS } from './bar-rules.ts';
import { BarStage, type StageOrigin } from './bar-stage.ts';
import { type FileToRead, openRecords } from './records/open-records.ts';

export interface RunWarning { code: string; count: number; first_line: number | null }

export interface SymbolRows {
  readonly vtSymbol: string;
  readonly interval: string;
  rows: number;
  firstLine: number;
  /** Milliseconds UTC of the oldest and the newest bar. */
  start: number;
  end: number;
}

export interface ReadOutcome {
  rowsRead: number;
  rowsRejected: number;
  truncated: boolean;
  /** Rows per code. */
  reasons: Record<string, number>;
  warnings: RunWarning[];
  accepted: string[];
  rejected: string | null;
  symbols: SymbolRows[];
}

export interface ReadProgress { rowsRead: number; rowsRejected: number }

export interface BarFile {
  readonly file: FileToRead;
  readonly mapping: Mapping;
  readonly rules: BarRuleOptions;
  readonly origin: StageOrigin;
  readonly maxRows: number;
  readonly stageDirectory: string;
}

export type Cancelled = () => boolean;

/** Reads a file of bars, checks every row and stages it. Throws 422 for a file that cannot be read as a whole, and AbortError when `cancelled`. */
export async function readBars(connection: DuckDBConnection, task: BarFile, tell: (progress: ReadProgress) => void, cancelled: Cancelled): Promise<ReadOutcome> {
  const source = await openRecords(task.file, async () => connection);
  try {
    const columns = bindColumns(source.headers, task.mapping);
    const rules = new BarRules(columns, task.rules);
    const stage = await BarStage.open(connection, task.stageDirectory, task.origin);
    const tally = new Tally();
    let rowsRead = 0;
    let truncated = false;
    reading: for await (const batch of source.batches()) {
      if (cancelled()) throw new DOMException('The run was cancelled.', 'AbortError');
      for (const record of batch) {
        if (rowsRead === task.maxRows) {
          truncated = true;
          break reading;
        }
        rowsRead++;
        const checked = record.fault ? [record.fault] : rules.check(record.values);
        if (Array.isArray(checked)) {
          tally.reject(checked);
          stage.reject(record, checked);
        } else {
          for (const warning of checked.warnings) tally.warn(warning, record.line);
          tally.accept(checked.vtSymbol, checked.interval, checked.timestamp / 1_000, record.line);
          await stage.accept(checked, record.line);
        }
      }
      tell({ rowsRead, rowsRejected: tally.rowsRejected });
    }
    const files = await stage.finish();
    if (columns.ignored.length > 0) tally.warn('column_ignored', 1, columns.ignored.length);
    return { rowsRead, rowsRejected: tally.rowsRejected, truncated, reasons: tally.reasons(), warnings: tally.warnings(), symbols: [...tally.symbols.values()], ...files };
  } finally {
    await source.close();
  }
}

/** Counts of a run. */
export class Tally {
  rowsRejected = 0;
  readonly symbols = new Map<string, SymbolRows>();
  readonly #reasons = new Map<string, number>();
  readonly #warnings = new Map<string, { count: number; firstLine: number | null }>();

  reject(codes: readonly string[]): void {
    this.rowsRejected++;
    for (const name of codes) this.#reasons.set(name, (this.#reasons.get(name) ?? 0) + 1);
  }

  warn(code: string, line: number | null, count = 1): void {
    const seen = this.#warnings.get(code);
    if (seen) seen.count += count;
    else this.#warnings.set(code, { count, firstLine: line });
  }

  accept(vtSymbol: string, interval: string, time: number, line: number): void {
    const key = `${vtSymbol} ${interval}`;
    const seen = this.symbols.get(key);
    if (!seen) this.symbols.set(key, { vtSymbol, interval, rows: 1, firstLine: line, start: time, end: time });
    else {
      seen.rows++;
      if (time < seen.start) seen.start = time;
      if (time > seen.end) seen.end = time;
    }
  }

  reasons(): Record<string, number> {
    return Object.fromEntries(REJECTIONS.flatMap((code) => (this.#reasons.has(code) ? [[code, this.#reasons.get(code)!]] : [])));
  }

  warnings(): RunWarning[] {
    return [...this.#warnings].map(([code, { count, firstLine }]) => ({ code, count, first_line: firstLine }));
  }
}
