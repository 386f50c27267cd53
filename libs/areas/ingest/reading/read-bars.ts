import type { DuckDBConnection } from '@duckdb/node-api';
import { BarStage, type StageOrigin } from './bar-stage.ts';
import { type FileAction, FileActions } from './file-actions.ts';
import { columnWarnings } from './file-warnings.ts';
import { type FileOfBars, missingColumn, openBars, wrongOptions } from './open-bars.ts';
import { type RefusalCount, type RunWarning, type SymbolRows, Tally } from './tally.ts';

export interface ReadOutcome {
  rowsRead: number;
  rowsRejected: number;
  truncated: boolean;
  /** Rows per code. */
  reasons: Record<string, number>;
  refusals: RefusalCount[];
  warnings: RunWarning[];
  accepted: string[];
  rejected: string | null;
  symbols: SymbolRows[];
  /** Splits and dividends that the file states. */
  actions: FileAction[];
}

export interface ReadProgress {
  rowsRead: number;
  rowsRejected: number;
}

export interface BarFile extends FileOfBars {
  readonly origin: StageOrigin;
  readonly maxRows: number;
  readonly stageDirectory: string;
}

export type Cancelled = () => boolean;

/**
 * Reads a file of bars, checks every row and stages it. Throws 422 for a file that cannot be read as a whole or as the
 * options say, and AbortError when `cancelled`.
 */
export async function readBars(
  connection: DuckDBConnection,
  task: BarFile,
  tell: (progress: ReadProgress) => void,
  cancelled: Cancelled,
): Promise<ReadOutcome> {
  const opened = await openBars(connection, task);
  try {
    const missing = missingColumn(opened, task);
    if (missing) throw missing;
    const stage = await BarStage.open(connection, task.stageDirectory, task.origin);
    const tally = new Tally();
    const actions = new FileActions();
    let rowsRead = 0;
    let truncated = false;
    reading: for await (const batch of opened.batches()) {
      if (cancelled()) throw new DOMException('The run was cancelled.', 'AbortError');
      for (const record of batch) {
        if (rowsRead === task.maxRows) {
          truncated = true;
          break reading;
        }
        rowsRead++;
        const checked = opened.rules.check(record);
        if (Array.isArray(checked)) {
          tally.reject(checked, record.position);
          stage.reject(record, checked);
        } else {
          for (const warning of checked.warnings) tally.warn(warning, record.position);
          tally.accept(checked.vtSymbol, checked.interval, checked.timestamp / 1_000, record.position);
          actions.add(checked.actions);
          await stage.accept(checked, record.position);
        }
      }
      tell({ rowsRead, rowsRejected: tally.rowsRejected });
    }
    const wrong = wrongOptions(opened, task.rules, opened.sample);
    if (wrong) throw wrong;
    const files = await stage.finish();
    columnWarnings(opened, tally);
    return {
      rowsRead,
      rowsRejected: tally.rowsRejected,
      truncated,
      reasons: tally.reasons(),
      refusals: tally.refusals(),
      warnings: tally.warnings(),
      symbols: [...tally.symbols.values()],
      actions: actions.all(),
      ...files,
    };
  } finally {
    await opened.source.close();
  }
}
