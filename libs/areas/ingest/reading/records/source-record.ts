import { DomainError } from '#kernel';

/**
 * One row of a file as text, by column position; null where the file has none. `fault` when it could not be taken
 * apart.
 */
export interface SourceRecord {
  /** 1-based physical line of its file (of its member, in an archive); row number for binary formats. */
  readonly line: number;
  /**
   * Grows through the whole source, also from member to member, where `line` begins again; equal to `line` in a single
   * file.
   */
  readonly position: number;
  /** Name of the archive's member that has the row. */
  readonly member?: string;
  readonly raw: string;
  readonly values: readonly (string | null)[];
  readonly fault?: 'bad_record';
}

/** What a columnar file declares; `text` for text formats, whose values tell, and for whatever is written as text. */
export type SourceColumnType = 'text' | 'integer' | 'number' | 'boolean' | 'date' | 'timestamp' | 'other';

/** A column of a file, in its order. */
export interface SourceColumn {
  /**
   * Unique in its file, the key of `mapping.columns` and of preview rows: the written name without `<>`, trailing `*`
   * and the numbering of alphavantage (`1. open`); `column_3` where the third has no name; `Close_2` for the second
   * `Close`.
   */
  readonly name: string;
  /** As the file has it; empty where it names nothing. */
  readonly written: string;
  readonly type: SourceColumnType;
  /** An index of pandas: named so by its note, called `__index_level_N__`, or the nameless first column of a text. */
  readonly index: boolean;
  /** An earlier column has the same plain name, so that this one cannot be meant by that name alone. */
  readonly repeats: boolean;
}

/** What was found out about a file beside its columns. */
export interface SourceFacts {
  /** Whether the first line names the columns; null where no line does (JSON objects, columnar formats). */
  readonly header: 'found' | 'missing' | null;
  /** Of delimited text. */
  readonly delimiter: string | null;
  /**
   * The one symbol that the file states beside its rows, as written: yfinance's `Ticker` line, `symbol` of a JSON
   * answer.
   */
  readonly symbol: string | null;
  /** The zone that the file states beside its rows, as written. */
  readonly timezone: string | null;
  /** Of an archive, in the order in which they are read as one file. */
  readonly members: { readonly read: readonly string[]; readonly skipped: readonly string[] } | null;
}

/** A file opened for reading: its header is known, its rows are still to come. */
export interface RecordSource {
  /** `columns[i].name`. */
  readonly headers: readonly string[];
  readonly columns: readonly SourceColumn[];
  readonly facts: SourceFacts;
  batches(): AsyncIterable<readonly SourceRecord[]>;
  close(): Promise<void>;
}

/** How the bytes of a text file become cells (data.md 7.3). */
export interface ParseOptions {
  /** Null: found out. */
  readonly delimiter: string | null;
  readonly quote: string;
  readonly escape: string;
  readonly encoding: 'utf-8' | 'utf-16' | 'latin-1' | null;
  /** Null: found out. */
  readonly header: boolean | null;
  readonly skipRows: number;
}

export const BATCH_ROWS = 2_048;
export const MAX_LINE_BYTES = 1_048_576;
export const MAX_CELL_CHARS = 262_144;
export const MAX_COLUMNS = 2_000;
/** Records from which the columns of JSON are collected. */
export const SAMPLE_ROWS = 10_000;

/**
 * `column`: 1-based number of the cell in delimited text, of the character in JSON; 1 where a line as a whole is meant.
 */
export function parseError(line: number, detail: string, column = 1): DomainError {
  return new DomainError(422, 'parse_error', {
    detail: `Line ${line}, column ${column}: ${detail}`,
    members: { line, column },
  });
}

/** The file is not what its first bytes promise. */
export function badInput(detail: string, cause?: unknown, hint?: string): DomainError {
  return new DomainError(422, 'bad_input', {
    detail,
    ...(cause === undefined ? {} : { cause }),
    ...(hint === undefined ? {} : { hint }),
  });
}

export function lineTooLong(line: number): DomainError {
  return new DomainError(422, 'line_too_long', { detail: `Line ${line} is longer than 1 MiB.`, members: { line } });
}

export function checkHeaders(headers: readonly unknown[]): void {
  if (headers.length > MAX_COLUMNS)
    throw new DomainError(422, 'too_many_columns', {
      detail: `The file has ${headers.length} columns; at most ${MAX_COLUMNS} are read.`,
    });
}

/** Where a row is, as messages say it: `12`, or `AAPL.csv:12` in an archive. */
export function placeOf({ line, member }: Pick<SourceRecord, 'line' | 'member'>): string {
  return member === undefined ? String(line) : `${member}:${line}`;
}

export const NO_FACTS: SourceFacts = { header: null, delimiter: null, symbol: null, timezone: null, members: null };
