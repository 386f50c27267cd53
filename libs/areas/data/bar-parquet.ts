import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { DOUBLE, DuckDBDataChunk, type DuckDBType, type DuckDBValue, VARCHAR } from '@duckdb/node-api';
import { Injectable } from '@nestjs/common';
import { newId } from '#kernel';
import { LakeConfig } from '#platform/config';
import { DuckDBEngine } from '#platform/lake';
import type { BarPage } from './bar-pages.ts';
import { sourceNames } from './stored-bars.ts';

const CHUNK = 2_048;
const PRICES = ['open', 'high', 'low', 'close', 'volume', 'vwap'] as const;

/** A page of bars as a Parquet file: spooled first, because its footer comes last (data.md 4). */
@Injectable()
export class BarParquet {
  readonly #directory: string;

  constructor(
    private readonly engine: DuckDBEngine,
    lake: LakeConfig,
  ) {
    this.#directory = join(lake.staging, 'downloads');
  }

  /** The file's bytes; the file is gone once they are read or the reader gives up. */
  async stream(page: BarPage): Promise<Readable> {
    await mkdir(this.#directory, { recursive: true });
    const path = join(this.#directory, `${newId()}.parquet`);
    await this.engine.use(async (connection) => {
      const names = [
        'time',
        'day',
        ...PRICES,
        'trade_count',
        ...(page.storedFrom === null ? [] : ['revision', 'source_id']),
      ];
      const types: DuckDBType[] = names.map((name) => (name === 'source_id' ? VARCHAR : DOUBLE));
      await connection.run(
        `CREATE OR REPLACE TEMP TABLE page
          (${names.map((name) => `${name} ${name === 'source_id' ? 'VARCHAR' : 'DOUBLE'}`).join(', ')})`,
      );
      const appender = await connection.createAppender('page');
      const rows = page.table.time.length;
      for (let from = 0; from < rows; from += CHUNK) {
        appender.appendDataChunk(chunkOf(page, types, from, Math.min(from + CHUNK, rows)));
        await setImmediate();
      }
      appender.closeSync();
      const number = (name: string, type = 'DOUBLE'): string =>
        `CASE WHEN isnan(${name}) THEN NULL ELSE CAST(${name} AS ${type}) END AS ${name}`;
      const stored = page.storedFrom === null ? '' : ', source_id, CAST(revision AS INTEGER) AS revision';
      await connection.run(
        `COPY (SELECT make_timestamptz(CAST(round(time * 1000) AS BIGINT)) AS timestamp, DATE '1970-01-01' + CAST(day AS
          INTEGER) AS session_date, ${PRICES.map((name) => number(name)).join(', ')},
           ${number('trade_count', 'BIGINT')}${stored} FROM page ORDER BY time)
         TO '${path.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`,
      );
      await connection.run('DROP TABLE page');
    });
    const file = createReadStream(path);
    // Nothing is lost with a file that stays behind, and the answer is on its way already.
    file.once('close', () => {
      rm(path, { force: true }).catch(() => undefined);
    });
    return file;
  }
}

function chunkOf(
  { table, stored, storedFrom }: BarPage,
  types: readonly DuckDBType[],
  from: number,
  to: number,
): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(types, to - from);
  const columns: (readonly DuckDBValue[])[] = [
    table.time,
    table.sessionDay,
    ...PRICES.map((name) => table[name]),
    table.tradeCount,
  ].map((column) => Array.from(column.subarray(from, to)));
  const origin =
    storedFrom === null
      ? []
      : [
          Array.from(stored.revision.subarray(storedFrom + from, storedFrom + to)),
          sourceNames(stored, storedFrom + from, storedFrom + to),
        ];
  chunk.setColumns([...columns, ...origin]);
  return chunk;
}
