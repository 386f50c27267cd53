import { type FileHandle, open } from 'node:fs/promises';
import {
  type AsyncRecordBatchFileReader,
  DataType,
  type RecordBatch,
  RecordBatchReader,
  type Schema,
} from 'apache-arrow';
import { registerArrowCodecs } from './arrow-codecs.ts';
import { checkArrowLayout, checkSchemaMessage } from './arrow-layout.ts';
import { cellsOf, columnType } from './arrow-values.ts';
import { columnarRecord, indexNames } from './columnar.ts';
import { nameColumns } from './source-columns.ts';
import {
  badInput,
  BATCH_ROWS,
  checkHeaders,
  NO_FACTS,
  type RecordSource,
  type SourceColumn,
  type SourceRecord,
} from './source-record.ts';

registerArrowCodecs();

/** Rows of an Arrow IPC stream or file (Feather version 2), its buffers plain or compressed with lz4 or zstd. */
export async function openArrow(path: string): Promise<RecordSource> {
  await checkArrowLayout(path);
  const file = await open(path, 'r');
  try {
    const reader = await openReader(file);
    const { fields, metadata } = reader.schema;
    // A field's name may be left out.
    const columns = nameColumns(
      fields.map(({ name }) => name ?? ''),
      { types: fields.map(({ type }) => columnType(type)), index: indexNames(metadata.get('pandas')) },
    );
    checkHeaders(columns);
    return {
      columns,
      headers: columns.map(({ name }) => name),
      facts: NO_FACTS,
      batches: () => arrowBatches(reader.batches(), columns),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Zones of the columns in the Arrow schema that pyarrow and polars note in Parquet, in base64. Empty where there is
 * none, or none that can be read.
 */
export function zonesOfSchema(note: unknown): ReadonlyMap<string, string> {
  if (typeof note !== 'string') return new Map();
  try {
    const message = Buffer.from(note, 'base64');
    checkSchemaMessage(message);
    const { fields } = RecordBatchReader.from(message).open().schema;
    return new Map(
      fields.flatMap(({ name, type }) =>
        name && DataType.isTimestamp(type) && type.timezone ? [[name, type.timezone] as const] : [],
      ),
    );
  } catch {
    return new Map();
  }
}

interface OpenedArrow {
  readonly schema: Schema;
  readonly batches: () => AsyncIterable<RecordBatch>;
}

/** A file is read by its blocks, a stream from its beginning. */
async function openReader(file: FileHandle): Promise<OpenedArrow> {
  const magic = Buffer.alloc(6);
  await file.read(magic, 0, 6, 0);
  const isFile = magic.toString('latin1') === 'ARROW1';
  const reader = await (isFile
    ? RecordBatchReader.from(file)
    : RecordBatchReader.from(file.createReadStream({ start: 0, autoClose: false })));
  await reader.open();
  const { schema } = reader;
  if (!schema || schema.fields.length === 0) throw badInput('The Arrow file has no columns.');
  return {
    schema,
    batches: () => (reader.isFile() && reader.isAsync() ? blocks(reader) : (reader as AsyncIterable<RecordBatch>)),
  };
}

/** One block after the other: the reader's own iterator never ends over a block that holds no batch. */
async function* blocks(reader: AsyncRecordBatchFileReader): AsyncGenerator<RecordBatch> {
  for (let i = 0; i < reader.numRecordBatches; i++) {
    const batch = await reader.readRecordBatch(i);
    if (!batch) throw badInput(`Block ${i + 1} of the Arrow file holds no batch.`);
    yield batch;
  }
}

async function* arrowBatches(
  reader: AsyncIterable<RecordBatch>,
  columns: readonly SourceColumn[],
): AsyncGenerator<readonly SourceRecord[]> {
  let line = 0;
  for await (const batch of reader) {
    const cells = batch.schema.fields.map((field, i) => {
      const data = batch.data.children[i];
      if (!data || data.length !== batch.numRows)
        throw badInput(
          `The column ${JSON.stringify(columns[i]!.name)} of the Arrow file has other rows than its batch.`,
        );
      return cellsOf(field, data, columns[i]!.name, line + 1);
    });
    for (let from = 0; from < batch.numRows; from += BATCH_ROWS) {
      const rows: SourceRecord[] = [];
      for (let row = from; row < Math.min(from + BATCH_ROWS, batch.numRows); row++)
        rows.push(
          columnarRecord(
            ++line,
            columns,
            cells.map((cell) => cell(row)),
          ),
        );
      yield rows;
    }
  }
}
