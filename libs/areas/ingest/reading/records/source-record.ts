import { DomainError } from '#kernel';

/** One row of a file as text, by column position; null where the file has none. `fault` when it could not be taken apart. */
export interface SourceRecord {
  /** 1-based physical line; row number for binary formats. */
  readonly line: number;
  readonly raw: string;
  readonly values: readonly (string | null)[];
  readonly fault?: 'bad_record';
}

/** A file opened for reading: its header is known, its rows are still to come. */
export interface RecordSource {
  readonly headers: readonly string[];
  batches(): AsyncIterable<readonly SourceRecord[]>;
  close(): Promise<void>;
}

export interface ParseOptions {
  readonly delimiter: string | null;
  readonly quote: string;
  readonly escape: string;
  readonly encoding: 'utf-8' | 'utf-16' | 'latin-1' | null;
  readonly header: boolean;
  readonly skipRows: number;
}

export const BATCH_ROWS = 2_048;
export const MAX_LINE_BYTES = 1_048_576;
export const MAX_CELL_CHARS = 262_144;
export const MAX_COLUMNS = 2_000;
/** Records from which the columns of JSON are collected. */
export const SAMPLE_ROWS = 10_000;

/** `column`: 1-based number of the cell in delimited text, of the character in JSON; 1 where a line as a whole is meant. */
export function parseError(line: number, detail: string, column = 1): DomainError {
  return new DomainError(422, 'parse_error', { detail: `Line ${line}, column ${column}: ${detail}`, members: { line, column } });
}

/** The file is not what its first bytes promise. */
export function badInput(detail: string, cause?: unknown): DomainError {
  return new DomainError(422, 'bad_input', { detail, ...(cause === undefined ? {} : { cause }) });
}

export function lineTooLong(line: number): DomainError {
  return new DomainError(422, 'line_too_long', { detail: `Line ${line} is longer than 1 MiB.`, members: { line } });
}

export function checkHeaders(headers: readonly string[]): void {
  if (headers.length > MAX_COLUMNS) throw new DomainError(422, 'too_many_columns', { detail: `The file has ${headers.length} columns; at most ${MAX_COLUMNS} are read.` });
}
