import type { MessagePort } from 'node:worker_threads';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type Answer, refusalOf } from '#kernel';
import { checkHead, type HeadFacts } from './head.ts';
import { inspectBars, type SymbolHistory } from './inspect-bars.ts';
import type { FileOfBars } from './open-bars.ts';
import { type Preview, previewBars, type PreviewTask } from './preview-bars.ts';
import { type BarFile, readBars, type ReadOutcome, type ReadProgress } from './read-bars.ts';
import { type ReplacedRows, replacedRows } from './replaced-rows.ts';
import type { RunWarning } from './tally.ts';
import { synthesiseBars, type SyntheticBars } from './synthesise-bars.ts';

/**
 * What crosses into the thread. `spill`: a directory for DuckDB's temporary files. `cancel[0] = 1` ends the task at the
 * next batch.
 */
export type IngestTask =
  | { kind: 'read'; spill: string; bars: BarFile; port: MessagePort; cancel: Int32Array }
  | { kind: 'synthesise'; spill: string; bars: SyntheticBars; port: MessagePort; cancel: Int32Array }
  | { kind: 'inspect'; spill: string; accepted: string[]; histories: SymbolHistory[] }
  | { kind: 'replaced'; spill: string; accepted: string[] }
  | { kind: 'head'; spill: string; file: FileOfBars }
  | { kind: 'preview'; spill: string; file: PreviewTask };

export type IngestAnswer = ReadOutcome | RunWarning[] | Preview | HeadFacts | ReplacedRows;

export default async function ingest(task: IngestTask): Promise<Answer<IngestAnswer>> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: '384MB',
    temp_directory: join(task.spill, 'duckdb'),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    return { ok: true, value: await perform(task) };
  } catch (error) {
    return refusalOf(error);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }

  async function perform(task: IngestTask): Promise<IngestAnswer> {
    switch (task.kind) {
      case 'read':
        return readBars(
          connection,
          task.bars,
          (progress) => task.port.postMessage(progress satisfies ReadProgress),
          () => Atomics.load(task.cancel, 0) === 1,
        );
      case 'synthesise':
        return synthesiseBars(
          connection,
          task.bars,
          (progress) => task.port.postMessage(progress satisfies ReadProgress),
          () => Atomics.load(task.cancel, 0) === 1,
        );
      case 'inspect':
        return inspectBars(connection, task.accepted, task.histories);
      case 'replaced':
        return replacedRows(connection, task.accepted);
      case 'head':
        return checkHead(connection, task.file);
      case 'preview':
        return previewBars(connection, task.file);
    }
  }
}
