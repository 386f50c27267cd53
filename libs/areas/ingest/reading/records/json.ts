import type { Readable } from 'node:stream';
import { decode } from './byte-source.ts';
import { areTimes, type JsonShape, shapeOf, valueAt } from './json-shapes.ts';
import { type Element, faultOf, jsonElements, jsonLines, startOfValue } from './json-text.ts';
import { isData } from './sniff-delimited.ts';
import { nameColumns } from './source-columns.ts';
import {
  badInput,
  BATCH_ROWS,
  checkHeaders,
  NO_FACTS,
  parseError,
  type ParseOptions,
  type RecordSource,
  SAMPLE_ROWS,
  type SourceFacts,
  type SourceRecord,
} from './source-record.ts';

/** A document whose rows lie within an object is read as a whole. */
const MAX_DOCUMENT_CHARS = 64 * 1_048_576;

type Cells = Readonly<Record<string, unknown>> | readonly unknown[];
type Facts = Partial<Pick<SourceFacts, 'symbol' | 'timezone'>>;

/** Takes an element apart; null for what is no row. */
type RowOf = (raw: string) => Cells | null;

/** Rows of newline-delimited JSON objects or arrays. A line that is neither is a row with a fault. */
export function openNdjson(bytes: Readable, options: ParseOptions): Promise<RecordSource> {
  return openRows(jsonLines(decode(bytes, options.encoding)), bytes, cellsOf, options);
}

/**
 * Rows of one JSON array of objects or arrays, read element by element; or of an object that holds them: a list such as
 * `bars` or `results`, a table of times such as alphavantage's, or columns as pandas and finnhub write them.
 */
export async function openJson(bytes: Readable, options: ParseOptions): Promise<RecordSource> {
  const text = decode(bytes, options.encoding);
  const first: string[] = [];
  for (;;) {
    const next = await text.next();
    if (next.done) break;
    first.push(next.value);
    if (next.value.trim() !== '') break;
  }
  const whole = async function* (): AsyncGenerator<string> {
    yield* first.splice(0);
    yield* text;
  };
  return first.at(-1)?.trimStart().startsWith('{')
    ? openDocument(await readWhole(whole()), bytes, options)
    : openRows(jsonElements(whole(), '['), bytes, cellsOf, options);
}

async function readWhole(text: AsyncIterable<string>): Promise<string> {
  let whole = '';
  for await (const chunk of text) {
    whole += chunk;
    if (whole.length > MAX_DOCUMENT_CHARS)
      throw badInput(
        'The JSON object is longer than 64 MiB.',
        undefined,
        'Send its list alone, as one array, or as newline-delimited JSON.',
      );
  }
  return whole;
}

async function openDocument(text: string, bytes: Readable, options: ParseOptions): Promise<RecordSource> {
  const document = parsedDocument(text);
  const shape = shapeOf(document);
  const facts: Facts = { symbol: shape.symbol, timezone: shape.timezone };
  if (shape.kind === 'single') return openRows(one({ line: 1, raw: text.trim() }), bytes, cellsOf, options, facts);
  const split = splitTable(document, shape);
  if (split) return openRows(columnRows(split), bytes, cellsOf, options, facts);
  if (shape.kind === 'columns')
    return openRows(
      columnRows(valueAt(document, shape.path) as Readonly<Record<string, object>>),
      bytes,
      cellsOf,
      options,
      facts,
    );
  const start = startOfValue(text, shape.path);
  const elements = jsonElements(
    one(text.slice(start)),
    shape.kind === 'list' ? '[' : '{',
    text.slice(0, start).split('\n').length,
  );
  if (shape.kind === 'list') return openRows(elements, bytes, cellsOf, options, facts, shape.names);
  const key = areTimes(Object.keys(valueAt(document, shape.path) as object)) ? 'timestamp' : '';
  return openRows(elements, bytes, (raw) => keyedCells(raw, key), options, facts);
}

/**
 * Pandas' `orient="split"`: the index stands beside the rows. Null for any other document, or an index of another
 * length.
 */
function splitTable(
  { index, data }: Readonly<Record<string, unknown>>,
  { names }: JsonShape,
): Record<string, readonly unknown[]> | null {
  if (
    !names ||
    !Array.isArray(index) ||
    !Array.isArray(data) ||
    index.length !== data.length ||
    !data.every((row) => Array.isArray(row))
  )
    return null;
  const rows = data as readonly (readonly unknown[])[];
  const key = areTimes(index.map(String)) ? 'timestamp' : '';
  return Object.fromEntries([
    [key, index as readonly unknown[]],
    ...names.map((name, i) => [name, rows.map((row) => row[i] ?? null)] as const),
  ]);
}

function parsedDocument(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    const before = text.slice(0, faultOf(text)).split('\n');
    throw parseError(before.length, 'the JSON ends or goes on otherwise than it may.', before.at(-1)!.length + 1);
  }
}

async function* one<T>(value: T): AsyncGenerator<T> {
  yield value;
}

/** Rows of arrays or objects that are one column each. */
async function* columnRows(table: Readonly<Record<string, object>>): AsyncGenerator<Element> {
  const columns = Object.entries(table).filter(([, cells]) => cells !== null && typeof cells === 'object');
  const keys = Object.keys(columns[0]?.[1] ?? {});
  const index = Array.isArray(columns[0]?.[1]) ? null : areTimes(keys) ? 'timestamp' : '';
  for (const [row, key] of keys.entries()) {
    const cells = columns.map(
      ([name, values]) => [name, (values as Readonly<Record<string, unknown>>)[key] ?? null] as const,
    );
    yield { line: row + 1, raw: JSON.stringify(Object.fromEntries(index === null ? cells : [[index, key], ...cells])) };
  }
}

async function openRows(
  elements: AsyncGenerator<Element>,
  bytes: Readable,
  rowOf: RowOf,
  options: ParseOptions,
  facts: Facts = {},
  names: JsonShape['names'] = null,
): Promise<RecordSource> {
  const sample: { element: Element; cells: Cells | null }[] = [];
  for (let next = await elements.next(); !next.done; next = await elements.next()) {
    sample.push({ element: next.value, cells: rowOf(next.value.raw) });
    if (sample.length >= SAMPLE_ROWS) break;
  }
  const layout = Array.isArray(sample.find(({ cells }) => cells !== null)?.cells)
    ? byPosition(
        sample.map(({ cells }) => cells),
        names,
        options,
      )
    : byName(sample.map(({ cells }) => cells));
  if (layout.headed) sample.shift();
  const columns = nameColumns(layout.written, { namelessIndex: !layout.arrays });
  checkHeaders(columns);
  const record = ({ line, raw }: Element, cells: Cells | null): SourceRecord => {
    const values = cells === null ? null : layout.valuesOf(cells);
    return values === null
      ? { line, position: line, raw, values: [], fault: 'bad_record' }
      : { line, position: line, raw, values };
  };
  return {
    columns,
    headers: columns.map(({ name }) => name),
    facts: { ...NO_FACTS, ...facts, header: layout.arrays ? (layout.headed || names ? 'found' : 'missing') : null },
    async *batches() {
      let batch: SourceRecord[] = [];
      for (const { element, cells } of sample.splice(0)) {
        batch.push(record(element, cells));
        if (batch.length === BATCH_ROWS) {
          yield batch;
          batch = [];
        }
      }
      for await (const element of elements) {
        batch.push(record(element, rowOf(element.raw)));
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

interface RowLayout {
  readonly written: readonly string[];
  readonly arrays: boolean;
  /** The first row names the columns. */
  readonly headed: boolean;
  /** Null for a row of the other kind, or with more cells than there are columns. */
  readonly valuesOf: (cells: Cells) => (string | null)[] | null;
}

function byName(rows: readonly (Cells | null)[]): RowLayout {
  const written = [
    ...new Set(rows.flatMap((cells) => (cells === null || Array.isArray(cells) ? [] : Object.keys(cells)))),
  ];
  return {
    written,
    arrays: false,
    headed: false,
    valuesOf: (cells) =>
      Array.isArray(cells)
        ? null
        : written.map((name) =>
            Object.hasOwn(cells, name) ? textOf((cells as Readonly<Record<string, unknown>>)[name]) : null,
          ),
  };
}

function byPosition(rows: readonly (Cells | null)[], names: JsonShape['names'], options: ParseOptions): RowLayout {
  const arrays = rows.filter((cells): cells is readonly unknown[] => Array.isArray(cells));
  const [first = []] = arrays;
  const namesItself =
    names === null &&
    options.header !== false &&
    arrays.length > 1 &&
    first.every((cell) => typeof cell === 'string') &&
    !isData(first as string[]);
  const width =
    names?.length ?? (namesItself ? first.length : arrays.reduce((most, { length }) => Math.max(most, length), 0));
  const written = names ?? (namesItself ? (first as string[]) : Array.from({ length: width }, () => ''));
  return {
    written,
    arrays: true,
    headed: namesItself && rows[0] === first,
    valuesOf: (cells) =>
      Array.isArray(cells) && cells.length <= width ? Array.from({ length: width }, (_, i) => textOf(cells[i])) : null,
  };
}

function cellsOf(raw: string): Cells | null {
  try {
    const value: unknown = JSON.parse(raw);
    return value !== null && typeof value === 'object' ? (value as Cells) : null;
  } catch {
    return null;
  }
}

/** A member `"2024-01-02": {…}` of a table of times, with its key as the first cell. */
function keyedCells(raw: string, key: string): Cells | null {
  const member = cellsOf(`{${raw}}`);
  const [entry] = member === null ? [] : Object.entries(member);
  return entry && entry[1] !== null && typeof entry[1] === 'object' ? { [key]: entry[0], ...entry[1] } : null;
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
}
