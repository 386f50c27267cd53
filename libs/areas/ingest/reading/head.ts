import type { DuckDBConnection } from '@duckdb/node-api';
import { hasActions } from './bar-columns.ts';
import type { CheckedBar, Refusal } from './checked-row.ts';
import { type FileOfBars, missingColumn, type OpenedBars, openBars, wrongOptions } from './open-bars.ts';
import type { SourceRecord } from './records/source-record.ts';

/** Rows that preview and start of a run look at. */
export const HEAD_ROWS = 10_000;
/** Time that they read rows. */
export const HEAD_MS = 2_000;

/** The first rows of a file, checked. */
export interface Head {
  readonly opened: OpenedBars;
  readonly records: readonly SourceRecord[];
  /** One a record: the bar, or what refuses it. */
  readonly checked: readonly (CheckedBar | Refusal[])[];
  /** The file ends within the head. */
  readonly whole: boolean;
}

/** Reads and checks the head of an opened file, at most so long (ms). */
export async function readHead(opened: OpenedBars, maxMs: number): Promise<Head> {
  const until = performance.now() + maxMs;
  const records: SourceRecord[] = [];
  const checked: (CheckedBar | Refusal[])[] = [];
  let whole = true;
  for await (const batch of opened.batches()) {
    for (const record of batch.slice(0, HEAD_ROWS - records.length)) {
      records.push(record);
      checked.push(opened.rules.check(record));
    }
    if (records.length < HEAD_ROWS && performance.now() < until) continue;
    whole = false;
    break;
  }
  return { opened, records, checked, whole };
}

/** What the start of a run wants to know of a file. */
export interface HeadFacts {
  /** Interval of the first good row; null when there is none. */
  readonly interval: string | null;
  /** The run may make corporate actions of what the file states. */
  readonly actions: boolean;
}

/**
 * Refuses what the head of a file shows to be wrong with the request. Throws 422, also for a file that cannot be read.
 */
export async function checkHead(connection: DuckDBConnection, task: FileOfBars): Promise<HeadFacts> {
  const opened = await openBars(connection, task);
  try {
    // A file that cannot be read is told before what it lacks.
    const { records, checked } = await readHead(opened, HEAD_MS);
    const wrong = missingColumn(opened, task) ?? wrongOptions(opened, task.rules, records);
    if (wrong) throw wrong;
    const good = checked.find((row): row is CheckedBar => !Array.isArray(row));
    return { interval: good?.interval ?? null, actions: hasActions(opened.columns) };
  } finally {
    await opened.source.close();
  }
}
