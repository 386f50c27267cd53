import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import {
  DateDay,
  Float64,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Struct,
  Field,
  Schema,
  TimestampMicrosecond,
  Utf8,
  vectorFromArray,
  type Data,
} from 'apache-arrow';
import { dateOfDay } from '#quant/market-data';
import type { BarPage } from './bar-pages.ts';
import type { BarsView } from './dto/bars.views.ts';
import { presentTime } from './present-time.ts';
import { sourceNames } from './stored-bars.ts';

export const MEDIA_TYPES = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
  arrow: 'application/vnd.apache.arrow.stream',
  parquet: 'application/vnd.apache.parquet',
} as const;
export type BarFormat = keyof typeof MEDIA_TYPES;

/** A few milliseconds of work. */
const ROWS_PER_PIECE = 1_024;
const PRICES = ['open', 'high', 'low', 'close'] as const;

const NUMBERS = [...PRICES, 'volume', 'vwap', 'tradeCount'] as const;
const NAMES: Readonly<Record<(typeof NUMBERS)[number], string>> = {
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  volume: 'volume',
  vwap: 'vwap',
  tradeCount: 'trade_count',
};

/** The rows as JSON objects of the shape of BarView. */
function jsonRow({ table, stored, storedFrom }: BarPage, row: number): string {
  let text = `{"timestamp":"${presentTime(table.time[row]!)}","session_date":"${dateOfDay(table.sessionDay[row]!)}"`;
  for (const name of NUMBERS)
    text += `,"${NAMES[name]}":${Number.isNaN(table[name][row]) ? 'null' : table[name][row]!}`;
  if (storedFrom !== null)
    text +=
      `,"source_id":${JSON.stringify(stored.source.names[stored.source.codes[storedFrom + row]!])},"revision":` +
      `${stored.revision[storedFrom + row]!}`;
  return `${text}${table.partial?.[row] ? ',"partial":true' : ''}${table.filled?.[row] ? ',"filled":true' : ''}}`;
}

/** Numbers as they are; the only text cells are ours, and none can begin a formula. */
function csvRow({ table, stored, storedFrom }: BarPage, row: number): string {
  let text = `${presentTime(table.time[row]!)},${dateOfDay(table.sessionDay[row]!)}`;
  for (const name of NUMBERS) text += `,${Number.isNaN(table[name][row]) ? '' : table[name][row]!}`;
  if (storedFrom !== null)
    return (
      `${text},${stored.source.names[stored.source.codes[storedFrom + row]!]!},` +
      `${stored.revision[storedFrom + row]!}\n`
    );
  return `${text},${table.partial?.[row] ? 'true' : ''},${table.filled?.[row] ? 'true' : ''}\n`;
}

/**
 * A stream of one of the formats that are text or Arrow. `head`: the members of the JSON document around its bars. With
 * `trailer` NDJSON ends with a line that tells it is whole.
 */
export function barStream(
  page: BarPage,
  format: Exclude<BarFormat, 'parquet'>,
  options: { head: BarsHead; trailer: boolean },
): Readable {
  switch (format) {
    case 'json':
      return Readable.from(jsonText(page, options.head));
    case 'ndjson':
      return Readable.from(ndjsonText(page, options.trailer));
    case 'csv':
      return Readable.from(csvText(page));
    case 'arrow':
      return Readable.from(arrowBytes(page));
  }
}

export type BarsHead = Omit<BarsView, 'count' | 'bars'>;

/** Pieces of some rows each, with room between them for the event loop. */
async function* pieces(
  page: BarPage,
  rowText: (page: BarPage, row: number) => string,
  separator: string,
): AsyncGenerator<string> {
  const rows = page.table.time.length;
  for (let from = 0; from < rows; from += ROWS_PER_PIECE) {
    let text = '';
    for (let row = from; row < Math.min(from + ROWS_PER_PIECE, rows); row++)
      text += (row === 0 ? '' : separator) + rowText(page, row);
    yield text;
    await setImmediate();
  }
}

async function* jsonText(
  page: BarPage,
  { vt_symbol, interval, normalization, ...rest }: BarsHead,
): AsyncGenerator<string> {
  const head = JSON.stringify({ vt_symbol, interval, normalization, count: page.table.time.length });
  yield `${head.slice(0, -1)},"bars":[`;
  yield* pieces(page, jsonRow, ',');
  yield `],${JSON.stringify(rest).slice(1)}`;
}

async function* ndjsonText(page: BarPage, trailer: boolean): AsyncGenerator<string> {
  yield* pieces(page, (of, row) => `${jsonRow(of, row)}\n`, '');
  if (trailer) yield `${JSON.stringify({ _end: true, rows: page.table.time.length })}\n`;
}

async function* csvText(page: BarPage): AsyncGenerator<string> {
  yield (
    `timestamp,session_date,${NUMBERS.map((name) => NAMES[name]).join(',')},` +
    `${page.storedFrom === null ? 'partial,filled' : 'source_id,revision'}\n`
  );
  yield* pieces(page, csvRow, '');
}

async function* arrowBytes(page: BarPage): AsyncGenerator<Uint8Array> {
  const timestamp = new TimestampMicrosecond('UTC');
  const fields = [
    Field.new('timestamp', timestamp, false),
    Field.new('session_date', new DateDay(), false),
    ...PRICES.map((name) => Field.new(name, new Float64(), true)),
    Field.new('volume', new Float64(), true),
    Field.new('vwap', new Float64(), true),
    Field.new('trade_count', new Int64(), true),
    ...(page.storedFrom !== null
      ? [Field.new('source_id', new Utf8(), false), Field.new('revision', new Int32(), false)]
      : []),
  ];
  const schema = new Schema(fields);
  const writer = new RecordBatchStreamWriter();
  writer.reset(undefined, schema);
  const rows = page.table.time.length;
  for (let from = 0; from < rows; from += ROWS_PER_PIECE) {
    writer.write(arrowBatch(page, schema, timestamp, from, Math.min(from + ROWS_PER_PIECE, rows)));
    await setImmediate();
  }
  writer.finish();
  yield* writer;
}

function arrowBatch(
  { table, stored, storedFrom }: BarPage,
  schema: Schema,
  timestamp: TimestampMicrosecond,
  from: number,
  to: number,
): RecordBatch {
  const length = to - from;
  const numbers = (column: Float64Array): Data => makeData({ type: new Float64(), length, ...nulls(column, from, to) });
  const children: Data[] = [
    makeData({
      type: timestamp,
      length,
      nullCount: 0,
      data: BigInt64Array.from({ length }, (_, i) => BigInt(Math.round(table.time[from + i]! * 1_000))),
    }),
    makeData({ type: new DateDay(), length, nullCount: 0, data: Int32Array.from(table.sessionDay.subarray(from, to)) }),
    ...PRICES.map((name) => numbers(table[name])),
    numbers(table.volume),
    numbers(table.vwap),
    counts(table.tradeCount, from, to),
  ];
  if (storedFrom !== null) {
    const [first, last] = [storedFrom + from, storedFrom + to];
    children.push(
      vectorFromArray(sourceNames(stored, first, last), new Utf8()).data[0]!,
      makeData({
        type: new Int32(),
        length,
        nullCount: 0,
        data: Int32Array.from(stored.revision.subarray(first, last)),
      }),
    );
  }
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }));
}

function counts(column: Float64Array, from: number, to: number): Data {
  const { data, ...validity } = nulls(column, from, to);
  return makeData({
    type: new Int64(),
    length: data.length,
    ...validity,
    data: BigInt64Array.from(data, (value) => (Number.isNaN(value) ? 0n : BigInt(Math.round(value)))),
  });
}

/** Values with a validity bitmap that clears the unknown ones. */
function nulls(
  column: Float64Array,
  from: number,
  to: number,
): { data: Float64Array; nullCount: number; nullBitmap: Uint8Array } {
  const data = column.slice(from, to);
  const nullBitmap = new Uint8Array(Math.ceil(data.length / 8));
  let nullCount = 0;
  for (let i = 0; i < data.length; i++) {
    if (Number.isNaN(data[i]!)) nullCount++;
    else nullBitmap[i >> 3]! |= 1 << (i & 7);
  }
  return { data, nullCount, nullBitmap };
}
