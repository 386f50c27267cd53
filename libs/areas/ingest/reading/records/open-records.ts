import type { DuckDBConnection } from '@duckdb/node-api';
import { type Compression, DELIMITERS, type FileFormat } from '../formats.ts';
import { openBytes } from './byte-source.ts';
import { openArrow, openParquet } from './columnar.ts';
import { openDelimited } from './delimited.ts';
import { openJsonArray, openNdjson } from './json.ts';
import { parseError, type ParseOptions, type RecordSource } from './source-record.ts';

export interface FileToRead {
  readonly path: string;
  readonly format: FileFormat;
  readonly compression: Compression;
  readonly parse: ParseOptions;
}

/** Opens a file by its format. `duckdb` is asked for a connection where the format needs one. */
export async function openRecords({ path, format, compression, parse }: FileToRead, duckdb: () => Promise<DuckDBConnection>): Promise<RecordSource> {
  if (format === 'parquet' || format === 'arrow') {
    if (compression !== 'none') throw parseError(0, `${format} files carry their own compression; send them as they are.`);
    return format === 'parquet' ? openParquet(await duckdb(), path) : openArrow(path);
  }
  const bytes = await openBytes(path, compression);
  if (format === 'ndjson') return openNdjson(bytes, parse);
  if (format === 'json') return openJsonArray(bytes, parse);
  return openDelimited(bytes, parse.delimiter ?? DELIMITERS[format], parse);
}
