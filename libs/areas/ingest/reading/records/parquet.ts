import { open } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { zonesOfSchema } from './arrow.ts';
import { columnarRecord, indexNames, notedZones } from './columnar.ts';
import { nameColumns, twoLevels } from './source-columns.ts';
import {
  badInput,
  checkHeaders,
  NO_FACTS,
  type RecordSource,
  type SourceColumn,
  type SourceColumnType,
  type SourceRecord,
} from './source-record.ts';
import { timestampText } from './timestamp-text.ts';

const MAX_NOTE_BYTES = 1_048_576;
const MICROSECONDS = 2;
const ZONED = 'TIMESTAMP WITH TIME ZONE';

/**
 * Rows of a Parquet file, every value as DuckDB writes it as text; instants in UTC, or by the clock of the zone that
 * the writer noted for the column.
 */
export async function openParquet(connection: DuckDBConnection, path: string): Promise<RecordSource> {
  await checkFooter(path);
  const from = `read_parquet('${path.replaceAll("'", "''")}')`;
  const described = (await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`)).getColumnsObject();
  const written = described['column_name'] as string[];
  const types = described['column_type'] as string[];
  const notes = await notesOf(connection, path);
  const noted = new Map([...notedZones(notes.get('pandas')), ...zonesOfSchema(notes.get('ARROW:schema'))]);
  const levels = twoLevels(written);
  const columns = nameColumns(levels?.names ?? written, {
    types: types.map((type) => columnType(type)),
    index: indexNames(notes.get('pandas')),
  }).map((column, i) => ({ ...column, written: written[i]! }));
  checkHeaders(columns);
  const zones = written.map((name, i) => (types[i] === ZONED ? noted.get(name) : undefined));
  const selected = written.map((name, i) => {
    const quoted = `"${name.replaceAll('"', '""')}"`;
    return `CAST(${zones[i] === undefined ? quoted : `epoch_us(${quoted})`} AS VARCHAR)`;
  });
  return {
    columns,
    headers: columns.map(({ name }) => name),
    facts: { ...NO_FACTS, symbol: levels?.symbol ?? null },
    batches: () => parquetBatches(connection, `SELECT ${selected.join(', ')} FROM ${from}`, columns, zones),
    close: async () => undefined,
  };
}

function columnType(type: string): SourceColumnType {
  if (type === 'DATE') return 'date';
  if (type.startsWith('TIMESTAMP')) return 'timestamp';
  if (/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/.test(type)) return 'integer';
  if (/^(FLOAT|DOUBLE|DECIMAL\()/.test(type)) return 'number';
  if (type === 'BOOLEAN') return 'boolean';
  return type === 'VARCHAR' || type === 'BLOB' || type.startsWith('ENUM(') ? 'text' : 'other';
}

/** What the writers of frames note of their columns. */
async function notesOf(connection: DuckDBConnection, path: string): Promise<ReadonlyMap<string, string>> {
  const read = await connection.runAndReadAll(
    `SELECT decode(key), decode(value) FROM parquet_kv_metadata('${path.replaceAll("'", "''")}')
     WHERE key IN ('pandas'::BLOB, 'ARROW:schema'::BLOB) AND octet_length(value) < ${MAX_NOTE_BYTES}`,
  );
  return new Map(read.getRows() as [string, string][]);
}

async function* parquetBatches(
  connection: DuckDBConnection,
  sql: string,
  columns: readonly SourceColumn[],
  zones: readonly (string | undefined)[],
): AsyncGenerator<readonly SourceRecord[]> {
  const result = await connection.stream(sql);
  let line = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return;
    yield chunk.getRows().map((row) =>
      columnarRecord(
        ++line,
        columns,
        (row as (string | null)[]).map((text, i) =>
          zones[i] === undefined || text === null ? text : timestampText(BigInt(text), MICROSECONDS, zones[i]),
        ),
      ),
    );
  }
}

/**
 * The footer lies between the last row group and the end of the file: a length beyond the file is refused before
 * anything is allocated.
 */
async function checkFooter(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(8);
    if (size >= 12) await file.read(tail, 0, 8, size - 8);
    if (size < 12 || tail.toString('latin1', 4) !== 'PAR1' || tail.readUInt32LE(0) > size - 12)
      throw badInput('The Parquet footer is damaged.');
  } finally {
    await file.close();
  }
}
