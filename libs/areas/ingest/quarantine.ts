import { Injectable } from '@nestjs/common';
import type { DuckDBListValue } from '@duckdb/node-api';
import type { WorkspaceContext } from '#platform/context';
import { LakeReader } from '#platform/lake';
import { PLACE_END } from './reading/bar-stage.ts';

export interface QuarantinedRow {
  /** 1-based physical line of the file; row number of binary formats; `member:line` of an archive. */
  readonly line: number | string;
  /** Where the row stands among those that the run read. */
  readonly position: number;
  readonly raw: string;
  readonly codes: string[];
  readonly message: string;
}

/** Rows that runs refused, out of the lake. */
@Injectable()
export class Quarantine {
  constructor(private readonly lake: LakeReader) {}

  /** In the order of the file, after a line. */
  async rows(ctx: WorkspaceContext, runId: string, afterLine: number | null, limit: number): Promise<QuarantinedRow[]> {
    const pinned = await this.lake.pin(ctx, { namespace: 'bronze_quarantine', table: 'rejected_rows' });
    if (!pinned) return [];
    const read = await this.lake.read(ctx, pinned, {
      columns: ['line', 'raw', 'codes', 'message'],
      orderBy: [{ column: 'line' }],
      limit,
      where: [
        { column: 'run_id', op: '=', value: runId },
        ...(afterLine === null ? [] : [{ column: 'line', op: '>' as const, value: afterLine }]),
      ],
    });
    const lines = read.numbers('line');
    const raws = read.values('raw');
    const codes = read.values('codes') as DuckDBListValue[];
    const messages = read.values('message');
    return Array.from(lines, (position, i) => {
      const [place, message] = parted(String(messages[i]));
      return { line: place ?? position, position, raw: String(raws[i]), codes: codes[i]!.items.map(String), message };
    });
  }
}

function parted(text: string): [string | null, string] {
  const end = text.indexOf(PLACE_END);
  return end < 0 ? [null, text] : [text.slice(0, end), text.slice(end + 1)];
}

/** A CSV cell of text that no spreadsheet takes for a formula (data.md 11). */
export function csvText(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
