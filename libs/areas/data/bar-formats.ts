import { Readable } from 'node:stream';
import { DateDay, Float64, Int32, makeData, RecordBatch, RecordBatchStreamWriter, Struct, Field, Schema, TimestampMicrosecond, Utf8, vectorFromArray, type Data } from 'apache-arrow';
import { dateOfDay } from '#quant/market-data';
import type { BarPage } from './bar-pages.ts';
import type { BarView } from './dto/bars.views.ts';
import { presentTime } from './present-time.ts';

export const MEDIA_TYPES = { json: 'application/json', ndjson: 'application/x-ndjson', csv: 'text/csv', arrow: 'application/vnd.apache.arrow.stream', parquet: 'application/vnd.apache.parquet' } as const;
export type BarFormat = keyof typeof MEDIA_TYPES;

const ROWS_PER_BATCH = 4_096;
const PRICES = ['open', 'high', 'low', 'close'] as const;

/** `format` if it is given, else the first media type of Accept that we make, else JSON. */
export function negotiate(format: BarFormat | undefined, accept: string | undefined): BarFormat {
  if (format) return format;
  const wanted = (accept ?? '').split(',').map((part) => part.split(';')[0]!.trim());
  for (const type of wanted) {
    const found = (Object.keys(MEDIA_TYPES) as BarFormat[]).find((name) => MEDIA_TYPES[name] === type);
    if (found) return found;
  }
  return 'json';
}

export function barView({ table, stored }: BarPage, row: number): BarView {
  const number = (value: number): number | null => (Number.isNaN(value) ? null : value);
  return {
    timestamp: presentTime(table.time[row]!), session_date: dateOfDay(table.sessionDay[row]!),
    open: number(table.open[row]!), high: number(table.high[row]!), low: number(table.low[row]!), close: number(table.close[row]!), volume: number(table.volume[row]!),
    vwap: number(table.vwap[row]!), trade_count: number(table.tradeCount[row]!),
    ...(stored ? { source_id: stored.sourceId[row]!, revision: stored.revision[row]! } : {}),
    ...(table.partial?.[row] ? { partial: true as const } : {}), ...(table.filled?.[row] ? { filled: true as const } : {}),
  };
}

/** The page as a stream of one of the formats that are no single document. With `trailer` NDJSON ends with a line that tells it is whole. */
export function barStream(page: BarPage, format: 'ndjson' | 'csv' | 'arrow', trailer: boolean): Readable {
  if (format === 'arrow') return Readable.from(arrowBytes(page));
  return Readable.from(format === 'ndjson' ? ndjsonText(page, trailer) : csvText(page));
}

function* ndjsonText(page: BarPage, trailer: boolean): Generator<string> {
  for (let row = page.from; row < page.to; row += ROWS_PER_BATCH) {
    let text = '';
    for (let i = row; i < Math.min(row + ROWS_PER_BATCH, page.to); i++) text += `${JSON.stringify(barView(page, i))}\n`;
    yield text;
  }
  if (trailer) yield `${JSON.stringify({ _end: true, rows: page.to - page.from })}\n`;
}

/** Numbers as they are; the only text cells are ours, and none can begin a formula. */
function* csvText(page: BarPage): Generator<string> {
  const columns = ['timestamp', 'session_date', ...PRICES, 'volume', 'vwap', 'trade_count', ...(page.stored ? ['source_id', 'revision'] : ['partial', 'filled'])] as (keyof BarView)[];
  yield `${columns.join(',')}\n`;
  for (let row = page.from; row < page.to; row += ROWS_PER_BATCH) {
    let text = '';
    for (let i = row; i < Math.min(row + ROWS_PER_BATCH, page.to); i++) {
      const view = barView(page, i);
      text += `${columns.map((name) => view[name] ?? '').join(',')}\n`;
    }
    yield text;
  }
}

async function* arrowBytes(page: BarPage): AsyncGenerator<Uint8Array> {
  const timestamp = new TimestampMicrosecond('UTC');
  const fields = [
    Field.new('timestamp', timestamp, false), Field.new('session_date', new DateDay(), false), ...PRICES.map((name) => Field.new(name, new Float64(), true)),
    Field.new('volume', new Float64(), true), Field.new('vwap', new Float64(), true), Field.new('trade_count', new Float64(), true),
    ...(page.stored ? [Field.new('source_id', new Utf8(), false), Field.new('revision', new Int32(), false)] : []),
  ];
  const schema = new Schema(fields);
  const writer = new RecordBatchStreamWriter();
  writer.reset(undefined, schema);
  for (let from = page.from; from < page.to; from += ROWS_PER_BATCH) writer.write(arrowBatch(page, schema, timestamp, from, Math.min(from + ROWS_PER_BATCH, page.to)));
  writer.finish();
  yield* writer;
}

function arrowBatch({ table, stored }: BarPage, schema: Schema, timestamp: TimestampMicrosecond, from: number, to: number): RecordBatch {
  const length = to - from;
  const numbers = (column: Float64Array): Data => makeData({ type: new Float64(), length, ...nulls(column, from, to) });
  const children: Data[] = [
    makeData({ type: timestamp, length, nullCount: 0, data: BigInt64Array.from({ length }, (_, i) => BigInt(Math.round(table.time[from + i]! * 1_000))) }),
    makeData({ type: new DateDay(), length, nullCount: 0, data: Int32Array.from(table.sessionDay.subarray(from, to)) }),
    ...PRICES.map((name) => numbers(table[name])), numbers(table.volume), numbers(table.vwap), numbers(table.tradeCount),
  ];
  if (stored) children.push(vectorFromArray(stored.sourceId.slice(from, to), new Utf8()).data[0]!, makeData({ type: new Int32(), length, nullCount: 0, data: Int32Array.from(stored.revision.subarray(from, to)) }));
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }));
}

/** Values with a validity bitmap that clears the unknown ones. */
function nulls(column: Float64Array, from: number, to: number): { data: Float64Array; nullCount: number; nullBitmap: Uint8Array } {
  const data = column.slice(from, to);
  const nullBitmap = new Uint8Array(Math.ceil(data.length / 8));
  let nullCount = 0;
  for (let i = 0; i < data.length; i++) {
    if (Number.isNaN(data[i]!)) nullCount++;
    else nullBitmap[i >> 3]! |= 1 << (i & 7);
  }
  return { data, nullCount, nullBitmap };
}
