import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { partitionValues } from './append-sql.ts';
import { fieldIdsOption, quoteName, quoteText } from './lake-schema.ts';
import type { DataFile, LakeTable } from './lake-table.ts';
import { partitionPath } from './partition-spec.ts';

/** Columns whose smallest and greatest value the catalogue keeps per file, to leave files out of reads. */
const BOUNDED_COLUMNS = ['vt_symbol', 'interval', 'timestamp', 'revision', 'source_id', 'run_id'];
const ROW_GROUP = 122_880;
const FILES_PER_ATTEMPT = 100_000;
const UNSETTLED = '.part';
const FLUSHED_AT_ONCE = 16;

/**
 * Writes one file per partition, flushed before it has its name `<commit>-<n>`. Every attempt counts n from a range of
 * its own, so a process that was thought dead cannot overwrite files that its successor committed.
 */
export async function writePartitions(
  connection: DuckDBConnection,
  table: LakeTable,
  warehouse: string,
  commitId: string,
  attempt: number,
): Promise<DataFile[]> {
  const { partition: spec, schema } = table;
  const keys = spec.map((_, i) => `_p${i}`);
  const bounded = BOUNDED_COLUMNS.filter((name) => schema.fields.some((field) => field.name === name));
  const measures = bounded.flatMap((name) => {
    const value = name === 'timestamp' ? 'epoch_ms(timestamp)' : quoteName(name);
    return [`CAST(min(${value}) AS VARCHAR)`, `CAST(max(${value}) AS VARCHAR)`];
  });
  const groups = (
    await connection.runAndReadAll(
      `SELECT ${[...keys, 'count(*)', ...measures].join(', ')} FROM outgoing GROUP BY ALL ORDER BY ALL`,
    )
  ).getRows();
  const files: DataFile[] = [];
  for (const [n, row] of groups.entries()) {
    const partition = partitionValues(spec, row);
    const directory = [table.location, 'data', partitionPath(spec, partition)].filter(Boolean).join('/');
    const path = `${directory}/${commitId}-${attempt * FILES_PER_ATTEMPT + n}.parquet`;
    const where = keys.map((key, i) => `${key} = ${Number(row[i])}`).join(' AND ') || 'true';
    await copyPartition(connection, table, `${join(warehouse, path)}${UNSETTLED}`, where);
    const bounds = Object.fromEntries(
      bounded.flatMap((name, i): [string, [string, string]][] => {
        const low: DuckDBValue | undefined = row[keys.length + 1 + 2 * i];
        const high: DuckDBValue | undefined = row[keys.length + 2 + 2 * i];
        return low === null || high === null ? [] : [[name, [String(low), String(high)]]];
      }),
    );
    files.push({ path, partition, rows: Number(row[keys.length]), bytes: 0, bounds });
  }
  return settle(files, warehouse);
}

async function copyPartition(
  connection: DuckDBConnection,
  { schema, sort }: LakeTable,
  target: string,
  where: string,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await rm(target, { force: true });
  const columns = schema.fields.map(({ name }) => quoteName(name)).join(', ');
  await connection.run(
    `COPY (SELECT ${columns} FROM outgoing WHERE
      ${where} ORDER BY ${sort.map(quoteName).join(', ')}) TO ${quoteText(target)}
     (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP}, FIELD_IDS ${fieldIdsOption(schema)})`,
  );
}

/** Flushes the files, gives them their names and flushes the directories. Returns them with their sizes. */
async function settle(files: readonly DataFile[], warehouse: string): Promise<DataFile[]> {
  const settled = await inBatches(files, async (file) => {
    const target = join(warehouse, file.path);
    const bytes = await flush(`${target}${UNSETTLED}`, 'r+');
    await rename(`${target}${UNSETTLED}`, target);
    return { ...file, bytes };
  });
  await inBatches([...new Set(files.map(({ path }) => dirname(join(warehouse, path))))], (directory) =>
    flush(directory, 'r'),
  );
  return settled;
}

/** Makes a file or directory durable. Returns its size in bytes. */
async function flush(path: string, mode: 'r' | 'r+'): Promise<number> {
  const file = await open(path, mode);
  try {
    await file.sync();
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += FLUSHED_AT_ONCE)
    results.push(...(await Promise.all(items.slice(from, from + FLUSHED_AT_ONCE).map(work))));
  return results;
}
