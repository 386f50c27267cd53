import type { Readable } from 'node:stream';
import { decode } from './byte-source.ts';
import { nameColumns } from './source-columns.ts';
import { BATCH_ROWS, checkHeaders, lineTooLong, MAX_LINE_BYTES, NO_FACTS, parseError, type ParseOptions, type RecordSource, SAMPLE_ROWS, type SourceRecord } from './source-record.ts';

interface Element { line: number; raw: string }

/** Rows of newline-delimited JSON objects. A line that is no object is a row with a fault. */
export function openNdjson(bytes: Readable, options: ParseOptions): Promise<RecordSource> {
  return openObjects(jsonLines(decode(bytes, options.encoding)), bytes);
}

/** Rows of one JSON array of objects, read element by element. */
export function openJsonArray(bytes: Readable, options: ParseOptions): Promise<RecordSource> {
  return openObjects(arrayElements(decode(bytes, options.encoding)), bytes);
}

async function* jsonLines(text: AsyncIterable<string>): AsyncGenerator<Element> {
  let rest = '';
  let line = 0;
  for await (const chunk of text) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    if (rest.length > MAX_LINE_BYTES) throw lineTooLong(line + lines.length + 1);
    for (const raw of lines) {
      line++;
      if (raw.length > MAX_LINE_BYTES) throw lineTooLong(line);
      if (raw.trim() !== '') yield { line, raw: raw.replace(/\r$/, '') };
    }
  }
  if (rest.trim() !== '') yield { line: line + 1, raw: rest };
}

/** Splits the array by counting brackets outside of strings, so that a large file is never one value in memory. */
async function* arrayElements(text: AsyncIterable<string>): AsyncGenerator<Element> {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let line = 1;
  let column = 0;
  let startLine = 1;
  let element = '';
  let ended = false;
  for await (const chunk of text) {
    let from = 0;
    for (let i = 0; i < chunk.length; i++) {
      const char = chunk[i]!;
      column++;
      if (char === '\n') {
        line++;
        column = 0;
      }
      if (inString) {
        if (escaped) escaped = false;
        else if (char === '\\') escaped = true;
        else if (char === '"') inString = false;
        continue;
      }
      if (char === '"') inString = true;
      else if (char === '[' || char === '{') {
        depth++;
        if (depth === 1) {
          if (char !== '[' || ended) throw parseError(line, 'one JSON array of objects is expected.', column);
          from = i + 1;
          startLine = line;
        }
      } else if (char === ']' || char === '}') {
        depth--;
        if (depth < 0) throw parseError(line, `unexpected ${char}.`, column);
        ended = depth === 0;
      }
      if ((char === ',' && depth === 1) || ended) {
        if (depth === 0 && from > i) continue;
        element += chunk.slice(from, i);
        if (element.trim() !== '') yield { line: startLine + leadingBreaks(element), raw: element.trim() };
        element = '';
        from = i + 1;
        startLine = line;
        if (ended) {
          if (chunk.slice(i + 1).trim() !== '') throw parseError(line, 'there is text after the array.', column + 1);
          return;
        }
      }
    }
    if (depth > 0) element += chunk.slice(from);
    if (element.length > MAX_LINE_BYTES) throw lineTooLong(startLine);
  }
  if (!ended) throw parseError(line, 'the JSON array does not end.', column + 1);
}

function leadingBreaks(text: string): number {
  return text.slice(0, text.search(/\S/)).split('\n').length - 1;
}

async function openObjects(elements: AsyncGenerator<Element>, bytes: Readable): Promise<RecordSource> {
  const names = new Map<string, number>();
  const sample: { element: Element; object: Record<string, unknown> | null }[] = [];
  for (let next = await elements.next(); !next.done; next = await elements.next()) {
    const object = objectOf(next.value.raw);
    sample.push({ element: next.value, object });
    for (const name of Object.keys(object ?? {})) if (!names.has(name)) names.set(name, names.size);
    if (sample.length >= SAMPLE_ROWS) break;
  }
  const headers = [...names.keys()];
  const columns = nameColumns(headers);
  checkHeaders(columns);
  return {
    columns, headers: columns.map(({ name }) => name), facts: NO_FACTS,
    async *batches() {
      let batch: SourceRecord[] = [];
      for (const { element, object } of sample.splice(0)) {
        batch.push(toRecord(element, object, headers));
        if (batch.length === BATCH_ROWS) {
          yield batch;
          batch = [];
        }
      }
      for await (const element of elements) {
        batch.push(toRecord(element, objectOf(element.raw), headers));
        if (batch.length === BATCH_ROWS) {
          yield batch;
          batch = [];
        }
      }
      if (batch.length > 0) yield batch;
    },
    async close() {
      bytes.destroy();
    },
  };
}

function objectOf(raw: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(raw);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function toRecord({ line, raw }: Element, object: Record<string, unknown> | null, headers: readonly string[]): SourceRecord {
  if (!object) return { line, position: line, raw, values: [], fault: 'bad_record' };
  return { line, position: line, raw, values: headers.map((name) => textOf(object[name])) };
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
}
