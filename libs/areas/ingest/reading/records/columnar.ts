import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DataType, RecordBatchReader, type Field, type RecordBatch } from 'apache-arrow';
import { z } from 'zod';
import { isZone, offsetAt } from '#quant/calendars';
import { checkArrowLayout } from './arrow-layout.ts';
import { nameColumns } from './source-columns.ts';
import { badInput, BATCH_ROWS, checkHeaders, NO_FACTS, type RecordSource, type SourceRecord } from './source-record.ts';

const MAX_NOTE_BYTES = 1_048_576;
const PandasNote = z.object({ columns: z.array(z.object({ field_name: z.string().nullish(), metadata: z.object({ timezone: z.string().optional() }).nullish().catch(null) })) });

/** Rows of a Parquet file, every value as DuckDB writes it as text; instants in UTC, or by the clock of the zone that pandas noted for the column. */
export async function openParquet(connection: DuckDBConnection, path: string): Promise<RecordSource> {
  await checkFooter(path);
  const from = `read_parquet('${path.replaceAll("'", "''")}')`;
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`);
  const headers = described.getColumnsObject()['column_name'] as string[];
  const named = nameColumns(headers);
  checkHeaders(named);
  const types = described.getColumnsObject()['column_type'] as string[];
  const noted = await pandasZones(connection, path);
  const zones = headers.map((name, i) => (types[i] === 'TIMESTAMP WITH TIME ZONE' ? noted.get(name) : undefined));
  const columns = headers.map((name, i) => {
    const quoted = `"${name.replaceAll('"', '""')}"`;
    return `CAST(${zones[i] === undefined ? quoted : `epoch_us(${quoted})`} AS VARCHAR)`;
  });
  return { headers: named.map(({ name }) => name), columns: named, facts: NO_FACTS, batches: () => parquetBatches(connection, `SELECT ${columns.join(', ')} FROM ${from}`, headers, zones), close: async () => undefined };
}

/** Parquet keeps instants only; the zone in which pandas meant them stands in a note of its own. Empty where there is none, or none that can be read. */
async function pandasZones(connection: DuckDBConnection, path: string): Promise<ReadonlyMap<string, string>> {
  const read = await connection.runAndReadAll(`SELECT decode(value) FROM parquet_kv_metadata('${path.replaceAll("'", "''")}') WHERE key = 'pandas'::BLOB AND octet_length(value) < ${MAX_NOTE_BYTES} LIMIT 1`);
  const note = PandasNote.safeParse(parsed(read.getRows()[0]?.[0]));
  return new Map((note.data?.columns ?? []).flatMap(({ field_name: name, metadata }) => (name && metadata?.timezone && isZone(metadata.timezone) ? [[name, metadata.timezone] as const] : [])));
}

function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

async function* parquetBatches(connection: DuckDBConnection, sql: string, headers: readonly string[], zones: readonly (string | undefined)[]): AsyncGenerator<readonly SourceRecord[]> {
  const result = await connection.stream(sql);
  let line = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return;
    yield chunk.getRows().map((row) => record(++line, headers, (row as (string | null)[]).map((text, i) => (zones[i] === undefined || text === null ? text : timestampText(Number(text), zones[i])))));
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
    const headers = fields.map(({ name }) => name ?? '');
    const columns = nameColumns(headers);
    checkHeaders(columns);
    return { headers: columns.map(({ name }) => name), columns, facts: NO_FACTS, batches: () => arrowBatches(reader as AsyncIterable<RecordBatch>, fields, headers), close: async () => void stream.destroy() };
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
  if (DataType.isTimestamp(type)) return timestampText(Number(value) * 1_000, type.timezone ?? null);
  return DataType.isDecimal(type) ? scaledText(String(value), type.scale) : String(value);
}

/** The wall clock of the column's own zone with its offset, as the date of a daily bar is the one written there; no offset where the column names no zone. */
function timestampText(micros: number, zone: string | null): string {
  const ms = Math.floor(micros / 1_000);
  const minutes = zone !== null && isZone(zone) ? Math.round(offsetAt(zone, ms) / 60_000) : 0;
  const clock = new Date(ms + minutes * 60_000).toISOString().slice(0, -1) + String(Math.floor(micros - ms * 1_000)).padStart(3, '0');
  if (zone === null) return clock;
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${clock}${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

/** The text of an integer divided by a power of ten. */
function scaledText(integer: string, scale: number): string {
  if (scale <= 0) return integer + '0'.repeat(-scale);
  const digits = integer.replace('-', '').padStart(scale + 1, '0');
  return `${integer.startsWith('-') ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function record(line: number, headers: readonly string[], values: readonly (string | null)[]): SourceRecord {
  return { line, position: line, values, get raw() { return JSON.stringify(Object.fromEntries(headers.map((name, i) => [name, values[i] ?? null]))); } };
}
