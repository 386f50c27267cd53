import { Injectable } from '@nestjs/common';
import type { DuckDBListValue } from '@duckdb/node-api';
import type { WorkspaceContext } from '#platform/context';
import { LakeReader } from '#platform/lake';

export interface QuarantinedRow {
  /** 1-based physical line of the file; row number of binary formats. */
  readonly line: number;
  readonly raw: string;
  readonly codes: string[];
  readonly message: string;
}

/** Rows that runs refused, out of the lake. */
@Injectable()
export class Quarantine {
  readonly #lake: LakeReader;

  constructor(lake: LakeReader) {
    this.#lake = lake;
  }

  /** In the order of the file, after a line. */
  async rows(ctx: WorkspaceContext, runId: string, afterLine: number | null, limit: number): Promise<QuarantinedRow[]> {
    const pinned = await this.#lake.pin(ctx, { namespace: 'bronze_quarantine', table: 'rejected_rows' });
    if (!pinned) return [];
    const read = await this.#lake.read(ctx, pinned, {
      columns: ['line', 'raw', 'codes', 'message'], orderBy: [{ column: 'line' }], limit,
      where: [{ column: 'run_id', op: '=', value: runId }, ...(afterLine === null ? [] : [{ column: 'line', op: '>' as const, value: afterLine }])],
    });
    const lines = read.numbers('line');
    const raws = read.values('raw');
    const codes = read.values('codes') as DuckDBListValue[];
    const messages = read.values('message');
    return Array.from(lines, (line, i) => ({ line, raw: String(raws[i]), codes: codes[i]!.items.map(String), message: String(messages[i]) }));
  }
}

/** A CSV cell of text that no spreadsheet takes for a formula (data.md 11). */
export function csvText(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
