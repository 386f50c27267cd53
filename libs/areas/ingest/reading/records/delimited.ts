import { once } from 'node:events';
import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { DomainError } from '#kernel';
import { utf8Bytes } from './byte-source.ts';
import { SNIFF_CHARS, sniffDelimited } from './sniff-delimited.ts';
import { nameColumns } from './source-columns.ts';
import {
  BATCH_ROWS,
  checkHeaders,
  lineTooLong,
  MAX_CELL_CHARS,
  MAX_LINE_BYTES,
  NO_FACTS,
  parseError,
  type ParseOptions,
  type RecordSource,
  type SourceRecord,
} from './source-record.ts';

interface Parsed {
  record: string[];
  raw: string;
  info: { lines: number };
}

/**
 * Rows of a delimited text. `delimiter`: null is found out, as are a header that is not told of and the lines above it.
 * Columns without a name are `column_1`, `column_2` and so on.
 */
export async function openDelimited(
  bytes: Readable,
  delimiter: string | null,
  options: ParseOptions,
): Promise<RecordSource> {
  const chunks = utf8Bytes(bytes, options.encoding);
  const { head, text } = await headOf(chunks);
  const layout = sniffDelimited(head, delimiter, options);
  if (layout.names.length === 0 && options.skipRows > 0 && head.trim() !== '' && head.length < SNIFF_CHARS)
    throw allSkipped(options.skipRows);
  const parser = parse({
    delimiter: layout.delimiter,
    quote: options.quote === '' ? false : options.quote,
    escape: options.escape,
    from_line: layout.firstLine,
    bom: true,
    info: true,
    raw: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_LINE_BYTES,
    // Files that were put together from several have several; guessed from the first line, the others would become part
    // of a cell.
    record_delimiter: ['\r\n', '\n', '\r'],
  });
  text.on('error', (error) => parser.destroy(error));
  // Errors are read from `errored` below; without a listener the process would end.
  parser.on('error', () => undefined);
  text.pipe(parser);

  async function next(): Promise<Parsed | null> {
    for (;;) {
      if (parser.errored) throw readableError(parser.errored);
      const parsed = parser.read() as Parsed | null;
      if (parsed !== null) return parsed;
      if (parser.readableEnded || parser.destroyed) return null;
      await Promise.race([once(parser, 'readable'), once(parser, 'end'), once(parser, 'close')]).catch(() => undefined);
    }
  }

  const toRecord = recordReader();
  for (let i = 0; i < layout.headerRecords; i++) {
    const header = await next();
    // A header that spans lines shifts the count for what follows.
    if (header) toRecord(header, header.record.length);
  }
  const columns = nameColumns(layout.names, { namelessIndex: layout.headerRecords > 0 });
  checkHeaders(columns);
  return {
    columns,
    headers: columns.map(({ name }) => name),
    facts: {
      ...NO_FACTS,
      header: layout.headerRecords > 0 || columns.length === 0 ? 'found' : 'missing',
      delimiter: layout.delimiter,
      symbol: layout.symbol,
    },
    async *batches() {
      for (;;) {
        const batch: SourceRecord[] = [];
        for (let parsed = await next(); parsed !== null; parsed = parser.read() as Parsed | null) {
          batch.push(toRecord(parsed, columns.length));
          if (batch.length === BATCH_ROWS) break;
        }
        if (batch.length === 0) return;
        yield batch;
      }
    },
    async close() {
      text.destroy();
      bytes.destroy();
      parser.destroy();
    },
  };
}

/** The first characters of a text, and a stream that begins with them again. */
async function headOf(chunks: AsyncGenerator<Buffer>): Promise<{ head: string; text: Readable }> {
  const first: Buffer[] = [];
  let bytes = 0;
  let ended = false;
  while (bytes < SNIFF_CHARS && !ended) {
    const next = await chunks.next();
    if (next.done) ended = true;
    else {
      first.push(next.value);
      bytes += next.value.length;
    }
  }
  const whole = async function* (): AsyncGenerator<Buffer> {
    yield* first.splice(0);
    if (!ended) yield* chunks;
  };
  const head = new TextDecoder('utf-8').decode(Buffer.concat(first)).slice(0, SNIFF_CHARS);
  return { head, text: Readable.from(whole()) };
}

/** Records with the physical line on which each begins. Not re-entrant: the lines are counted along. */
function recordReader(): (parsed: Parsed, columns: number) => SourceRecord {
  let twice = 0;
  return ({ record, raw, info }, columns) => {
    const trimmed = raw.replace(/[\r\n]+$/, '').replace(/^[\r\n]+/, '');
    const breaks = trimmed.match(/\r\n|\r|\n/g) ?? [];
    // `lines` is the line on which the record ends, but the parser takes CR LF inside quotes for two.
    for (const lineBreak of breaks) if (lineBreak.length === 2) twice++;
    const line = info.lines - twice - breaks.length;
    for (const cell of record)
      if (cell.length > MAX_CELL_CHARS)
        throw new DomainError(422, 'cell_too_long', {
          detail: `Line ${line} has a cell longer than 256 KiB.`,
          members: { line },
        });
    // Commas after the last column are common and harmless; more cells with content mean that the columns have shifted.
    const shifted = record.length > columns && record.slice(columns).some((cell) => cell.trim() !== '');
    return { line, position: line, raw: trimmed, values: record, ...(shifted ? { fault: 'bad_record' as const } : {}) };
  };
}

/** 422 `contradictory_options`: nothing is left of the file. */
function allSkipped(rows: number): DomainError {
  const message = `is ${rows}, and the file has no line after those; accepted: fewer`;
  return new DomainError(422, 'contradictory_options', {
    detail: `parse.skip_rows ${message}.`,
    errors: [{ pointer: '/parse/skip_rows', code: 'contradictory_options', message }],
  });
}

function readableError(error: unknown): unknown {
  if (!(error instanceof CsvError)) return error;
  const line = Number((error as CsvError & { lines?: number }).lines ?? 0);
  const { column } = error as CsvError & { column?: number };
  return error.code === 'CSV_MAX_RECORD_SIZE'
    ? lineTooLong(line)
    : parseError(line, error.message.replace(/ at line \d+.*$/, ''), column === undefined ? undefined : column + 1);
}
