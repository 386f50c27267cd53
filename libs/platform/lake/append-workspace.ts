import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import {
  batchDuplicatesSql,
  checkIncoming,
  LINE_COLUMN,
  mergeSql,
  outgoingSql,
  parquetList,
  stageSql,
} from './append-sql.ts';
import type { EntityCoverage } from './dataset-versions.repository.ts';
import { type LakeSchema, quoteName } from './lake-schema.ts';
import type { DataFile, LakeTable } from './lake-table.ts';
import { bucketOf } from './partition-spec.ts';
import { writePartitions } from './partition-files.ts';
import { relationSql } from './relation-sql.ts';

export interface RowStamp {
  readonly workspaceId: string;
  readonly projectId: string | null;
  readonly runId: string | null;
  /** Milliseconds UTC: `_ingested_at` of every row of the commit. */
  readonly now: number;
}

export interface Deduplication {
  readonly duplicates: number;
  /** Rows whose key was seen with other values, in the batch or stored. */
  readonly conflicts: number;
  readonly conflictFirstLine: number | null;
}

/** The steps of one append on one DuckDB connection, whose temporary tables carry the rows from step to step. */
export class AppendWorkspace {
  readonly #connection: DuckDBConnection;
  readonly #table: LakeTable;
  readonly #warehouse: string;

  constructor(connection: DuckDBConnection, table: LakeTable, warehouse: string) {
    this.#connection = connection;
    this.#table = table;
    this.#warehouse = warehouse;
  }

  /** Reads the staged files into the table's types and hashes the rows. */
  async stage(paths: readonly string[]): Promise<void> {
    const described = await this.#connection.runAndReadAll(
      `DESCRIBE SELECT * FROM read_parquet(${parquetList(paths)})`,
    );
    const names = described.getColumnsObject()['column_name'] as string[];
    await this.#connection.run(stageSql(this.#schema, checkIncoming(this.#schema, names), paths));
  }

  async rows(table: 'incoming' | 'outgoing'): Promise<number> {
    return Number(await this.#scalar(`SELECT count(*) FROM ${table}`));
  }

  /** Values of the partition fields that the batch touches, to prune the look-up of stored keys. */
  async touchedSymbols(column: string): Promise<string[]> {
    const reader = await this.#connection.runAndReadAll(`SELECT DISTINCT ${quoteName(column)} FROM incoming`);
    return reader.getRows().map(([value]) => String(value));
  }

  async timeRange(column: string): Promise<[number, number] | null> {
    const row = (
      await this.#connection.runAndReadAll(
        `SELECT min(epoch_ms(${quoteName(column)})), max(epoch_ms(${quoteName(column)})) FROM incoming`,
      )
    ).getRows()[0]!;
    return row[0] === null ? null : [Number(row[0]), Number(row[1])];
  }

  /** Leaves one row per key in the batch, and of those only what the table does not hold. */
  async deduplicate(
    stored: readonly DataFile[],
    dedupe: 'revision' | 'skip',
    workspaceId: string,
  ): Promise<Deduplication> {
    const { identifier } = this.#schema;
    const before = await this.rows('incoming');
    await this.#connection.run(batchDuplicatesSql(identifier));
    let [conflicts, firstLine] = await this.#conflicts('SELECT count(*), min(line) FROM superseded WHERE differs');
    await this.#connection.run('DELETE FROM incoming WHERE rowid IN (SELECT row_id FROM superseded)');
    if (stored.length > 0) {
      const unrevised = stored.every(({ bounds }) => bounds['revision']?.[1] === '1');
      await this.#connection.run(mergeSql(identifier, relationSql(this.#schema, stored, this.#warehouse), unrevised), {
        workspace: workspaceId,
      });
      const [changed, line] = await this.#conflicts(
        `SELECT count(*), min(${LINE_COLUMN}) FROM merged WHERE _row_hash <> stored_hash`,
      );
      conflicts += changed;
      if (line !== null && (firstLine === null || line < firstLine)) firstLine = line;
      await this.#connection.run(
        `DELETE FROM merged WHERE ${dedupe === 'skip' ? 'stored_hash IS NOT NULL' : 'stored_hash = _row_hash'}`,
      );
      await this.#connection.run('DROP TABLE incoming');
      await this.#connection.run('ALTER TABLE merged RENAME TO incoming');
    }
    return { duplicates: before - (await this.rows('incoming')), conflicts, conflictFirstLine: firstLine };
  }

  /** Stamps the rows and works out their partitions. */
  async stamp(stamp: RowStamp): Promise<void> {
    const spec = this.#table.partition;
    for (const [i, field] of spec.entries()) {
      if (field.transform !== 'bucket') continue;
      const values = await this.touchedSymbols(field.column);
      await this.#connection.run(`CREATE TEMP TABLE buckets_${i} (value VARCHAR, bucket INTEGER)`);
      const appender = await this.#connection.createAppender(`buckets_${i}`);
      for (const value of values) {
        appender.appendVarchar(value);
        appender.appendInteger(bucketOf(value, field.buckets));
        appender.endRow();
      }
      appender.closeSync();
    }
    await this.#connection.run(outgoingSql(this.#schema, spec, this.#table.sort), {
      workspace: stamp.workspaceId,
      project: stamp.projectId,
      run: stamp.runId,
      now: BigInt(stamp.now) * 1_000n,
    });
  }

  writeFiles(commitId: string, attempt: number): Promise<DataFile[]> {
    return writePartitions(this.#connection, this.#table, this.#warehouse, commitId, attempt);
  }

  /** Sum mod 2^128 of the row hashes that were written. */
  async rowHashSum(): Promise<bigint> {
    const limbs = [1, 9, 17, 25].map(
      (from) => `CAST(coalesce(sum(CAST('0x' || substr(_row_hash, ${from}, 8) AS UBIGINT)), 0) AS VARCHAR)`,
    );
    const row = (await this.#connection.runAndReadAll(`SELECT ${limbs.join(', ')} FROM outgoing`)).getRows()[0]!;
    return row.reduce<bigint>((sum, limb) => (sum << 32n) + BigInt(String(limb)), 0n) % (1n << 128n);
  }

  /** What the written rows cover, per symbol and interval; empty for tables without them. */
  async coverage(): Promise<EntityCoverage[]> {
    const names = new Set(this.#schema.fields.map(({ name }) => name));
    if (!['vt_symbol', 'interval', 'timestamp', 'revision'].every((name) => names.has(name))) return [];
    const rows = (
      await this.#connection.runAndReadAll(
        `SELECT vt_symbol, interval, min(epoch_ms(timestamp)), max(epoch_ms(timestamp)), count(*) FILTER (revision = 1)
          FROM outgoing GROUP BY ALL ORDER BY ALL`,
      )
    ).getRows();
    return rows.map(([symbol, interval, start, end, keys]) => ({
      entityId: String(symbol),
      interval: String(interval),
      start: Number(start),
      end: Number(end),
      newKeys: Number(keys),
    }));
  }

  async dispose(): Promise<void> {
    const tables = [
      'incoming',
      'superseded',
      'merged',
      'outgoing',
      ...this.#table.partition.map((_, i) => `buckets_${i}`),
    ];
    for (const table of tables) await this.#connection.run(`DROP TABLE IF EXISTS ${table}`);
  }

  get #schema(): LakeSchema {
    return this.#table.schema;
  }

  async #conflicts(sql: string): Promise<[number, number | null]> {
    const row = (await this.#connection.runAndReadAll(sql)).getRows()[0]!;
    return [Number(row[0]), row[1] === null ? null : Number(row[1])];
  }

  async #scalar(sql: string): Promise<DuckDBValue> {
    return (await this.#connection.runAndReadAll(sql)).getRows()[0]![0]!;
  }
}
