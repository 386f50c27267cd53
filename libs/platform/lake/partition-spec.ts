import { quoteName } from './lake-schema.ts';
import { murmur3 } from './murmur3.ts';

/** One field of a partition spec, in Iceberg's transforms. */
export type PartitionField =
  | { readonly transform: 'year' | 'month' | 'day'; readonly column: string }
  | { readonly transform: 'bucket'; readonly column: string; readonly buckets: number };

const DAY_MS = 86_400_000;
const encoder = new TextEncoder();

export function partitionFieldName(field: PartitionField): string {
  return `${field.column}_${field.transform}`;
}

/** Iceberg's hash of a string, long or timestamp (microseconds): the input of its bucket transform. */
export function icebergHash(value: string | bigint): number {
  if (typeof value === 'string') return murmur3(encoder.encode(value));
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value, true);
  return murmur3(bytes);
}

/** bucket[N] of Iceberg: `(hash & Integer.MAX_VALUE) % N`. */
export function bucketOf(value: string | bigint, buckets: number): number {
  return (icebergHash(value) & 0x7fffffff) % buckets;
}

/** Iceberg's year, month or day number of an instant in ms: years, months, days since 1970. */
export function timePartition(transform: 'year' | 'month' | 'day', instant: number): number {
  if (transform === 'day') return Math.floor(instant / DAY_MS);
  const date = new Date(instant);
  const years = date.getUTCFullYear() - 1970;
  return transform === 'year' ? years : years * 12 + date.getUTCMonth();
}

/** The same as an expression of DuckDB over a TIMESTAMPTZ column, free of the session's time zone. */
export function timePartitionSql(transform: 'year' | 'month' | 'day', column: string): string {
  const utc = `make_timestamp(epoch_us(${quoteName(column)}))`;
  if (transform === 'day') return `CAST(floor(epoch_us(${quoteName(column)}) / 86400000000.0) AS INTEGER)`;
  return transform === 'year'
    ? `CAST(year(${utc}) - 1970 AS INTEGER)`
    : `CAST((year(${utc}) - 1970) * 12 + month(${utc}) - 1 AS INTEGER)`;
}

/** Directory of a partition, in the form Iceberg writers use: `timestamp_year=2024/vt_symbol_bucket=3`. */
export function partitionPath(spec: readonly PartitionField[], values: Readonly<Record<string, number>>): string {
  return spec
    .map((field) => `${partitionFieldName(field)}=${partitionText(field, values[partitionFieldName(field)]!)}`)
    .join('/');
}

function partitionText(field: PartitionField, value: number): string {
  if (field.transform === 'bucket') return String(value);
  if (field.transform === 'year') return String(1970 + value);
  if (field.transform === 'day') return new Date(value * DAY_MS).toISOString().slice(0, 10);
  return `${1970 + Math.floor(value / 12)}-${String((((value % 12) + 12) % 12) + 1).padStart(2, '0')}`;
}
