import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DataType, RecordBatchReader, type Field, type RecordBatch } from 'apache-arrow';
import { isZone, offsetAt } from '#quant/calendars';
import { checkArrowLayout } from './arrow-layout.ts';
import { badInput, BATCH_ROWS, checkHeaders, type RecordSource, type SourceRecord } from './source-record.ts';

/** Rows of a Parquet file, every value as DuckDB writes it as text; instants in UTC. */
export async function openParquet(connection: DuckDBConnection, path: string): Promise<RecordSource> {
  await checkFooter(path);
  const from = `read_parquet('${path.replaceAll("'", "''")}')`;
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`);
  const headers = described.getColumnsObject()['column_name'] as string[];
  checkHeaders(headers);
  const columns = headers.map((name) => `CAST("${name.replaceAll('"', '""')}" AS VARCHAR)`).join(', ');
  return { headers, batches: () => parquetBatches(connection, `SELECT ${columns} FROM ${from}`, headers), close: async () => undefined };
}

async function* parquetBatches(connection: DuckDBConnection, sql: string, headers: readonly string[]): AsyncGenerator<readonly SourceRecord[]> {
  const result = await connection.stream(sql);
  let line = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return;
    yield chunk.getRows().map((row) => record(++line, headers, row as (string | null)[]));
  }
}

/** The footer lies between the last row group and the end of the file: a length beyond the file is refused before anything is allocated. */
async function checkFooter(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(8);
    if (size >= 12) await file.read(tail, 0, 8, size - 8);
    if (size < 12 || tail.toString('latin1', 4) !== 'PAR1' || tail.readUInt32LE(0) > size - 12) throw badInput('The Parquet footer is damaged.');
  } finally {
    await file.close();
  }
}

/** Rows of an Arrow IPC stream or file. */
export async function openArrow(path: string): Promise<RecordSource> {
  await checkArrowLayout(path);
  const stream = createReadStream(path);
  try {
    const reader = await RecordBatchReader.from(stream);
    await reader.open();
    const { fields } = reader.schema;
    const headers = fields.map(({ name }) => name);
    checkHeaders(headers);
    return { headers, batches: () => arrowBatches(reader as AsyncIterable<RecordBatch>, fields, headers), close: async () => void stream.destroy() };
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

async function* arrowBatches(reader: AsyncIterable<RecordBatch>, fields: readonly Field[], headers: readonly string[]): AsyncGenerator<readonly SourceRecord[]> {
  let line = 0;
  for await (const batch of reader) {
    const columns = fields.map((field, i) => ({ field, vector: batch.getChildAt(i) }));
    for (let from = 0; from < batch.numRows; from += BATCH_ROWS) {
      const rows: SourceRecord[] = [];
      for (let row = from; row < Math.min(from + BATCH_ROWS, batch.numRows); row++) rows.push(record(++line, headers, columns.map(({ field, vector }) => arrowText(field, vector?.get(row)))));
      yield rows;
    }
  }
}

function arrowText(field: Field, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const type = DataType.isDictionary(field.type) ? field.type.dictionary : field.type;
  if (DataType.isDate(type)) return new Date(Number(value)).toISOString().slice(0, 10);
  if (DataType.isTimestamp(type)) return timestampText(Number(value), type.timezone ?? null);
  return DataType.isDecimal(type) ? scaledText(String(value), type.scale) : String(value);
}

/** The wall clock of the column's own zone with its offset, as the date of a daily bar is the one written there; no offset where the column names no zone. */
function timestampText(ms: number, zone: string | null): string {
  if (zone === null) return new Date(ms).toISOString().slice(0, -1);
  const minutes = Math.round((isZone(zone) ? offsetAt(zone, ms) : 0) / 60_000);
  const hours = String(Math.floor(Math.abs(minutes) / 60)).padStart(2, '0');
  return `${new Date(ms + minutes * 60_000).toISOString().slice(0, -1)}${minutes < 0 ? '-' : '+'}${hours}:${String(Math.abs(minutes) % 60).padStart(2, '0')}`;
}

/** The text of an integer divided by a power of ten. */
function scaledText(integer: string, scale: number): string {
  if (scale <= 0) return integer + '0'.repeat(-scale);
  const digits = integer.replace('-', '').padStart(scale + 1, '0');
  return `${integer.startsWith('-') ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function record(line: number, headers: readonly string[], values: readonly (string | null)[]): SourceRecord {
  return { line, values, get raw() { return JSON.stringify(Object.fromEntries(headers.map((name, i) => [name, values[i] ?? null]))); } };
}
