import type { Readable } from 'node:stream';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { DomainError } from '#kernel';
import { type Compression, DELIMITERS, type FileFormat } from '../formats.ts';
import { openArchiveRecords } from './archive-records.ts';
import { openArrow } from './arrow.ts';
import { openBytes } from './byte-source.ts';
import { openDelimited } from './delimited.ts';
import { brokenArchive, brokenColumns, readable } from './foreign-errors.ts';
import { openJson, openNdjson } from './json.ts';
import { openParquet } from './parquet.ts';
import { badInput, type ParseOptions, type RecordSource } from './source-record.ts';

export interface FileToRead {
  readonly path: string;
  readonly format: FileFormat;
  readonly compression: Compression;
  readonly parse: ParseOptions;
}

/**
 * Opens a file by its format; an archive by its members. `duckdb` is asked for a connection where the format needs one.
 * Throws 422 `bad_input` for damaged bytes, here or while rows are read.
 */
export async function openRecords(
  { path, format, compression, parse }: FileToRead,
  duckdb: () => Promise<DuckDBConnection>,
): Promise<RecordSource> {
  if (compression === 'zip') return openArchiveRecords(path, (kind, bytes) => openText(bytes, kind, parse));
  if (format === 'parquet' || format === 'arrow') {
    if (compression !== 'none') throw ownCompression(format);
    const connection = format === 'parquet' ? await duckdb() : null;
    return readable(() => (connection ? openParquet(connection, path) : openArrow(path)), brokenColumns);
  }
  const bytes = await openBytes(path, compression);
  try {
    return await openText(bytes, format, parse);
  } catch (error) {
    bytes.destroy();
    throw error;
  }
}

async function openText(bytes: Readable, format: FileFormat, parse: ParseOptions): Promise<RecordSource> {
  if (format === 'parquet' || format === 'arrow') throw ownCompression(format);
  return readable(() => {
    if (format === 'ndjson') return openNdjson(bytes, parse);
    if (format === 'json') return openJson(bytes, parse);
    // What is told to be CSV may have any delimiter.
    return openDelimited(bytes, parse.delimiter ?? (format === 'csv' ? null : DELIMITERS[format]), parse);
  }, brokenArchive);
}

function ownCompression(format: FileFormat): DomainError {
  return badInput(`A ${format} file carries its own compression; send it as it is.`);
}
