import { DomainError } from '#kernel';
import { duckdbType, isSystemColumn, type LakeField, type LakeSchema, quoteName, quoteText } from './lake-schema.ts';
import { partitionFieldName, type PartitionField, timePartitionSql } from './partition-spec.ts';

/** Order of the input rows inside the staged files; also the line that a warning names. */
export const LINE_COLUMN = '_line';
/** The writer sets it; a caller may not. */
export const REVISION_COLUMN = 'revision';

/** SQL list of the staged files. */
export function parquetList(paths: readonly string[]): string {
  return `[${paths.map(quoteText).join(', ')}]`;
}

/** Which of the table's columns the staged files carry. Throws 422 `schema_mismatch` or `reserved_column`. */
export function checkIncoming(schema: LakeSchema, incoming: readonly string[]): readonly LakeField[] {
  if (!incoming.includes(LINE_COLUMN)) throw new Error(`staged rows carry their order in ${LINE_COLUMN}`);
  for (const name of incoming) {
    if (name === LINE_COLUMN) continue;
    if (isSystemColumn(name) || name === REVISION_COLUMN)
      throw new DomainError(422, 'reserved_column', { detail: `The column ${name} is set by the writer.` });
    if (!schema.fields.some((field) => field.name === name))
      throw new DomainError(422, 'schema_mismatch', { detail: `The table has no column ${name}.` });
  }
  for (const field of schema.fields)
    if (field.required && field.name !== REVISION_COLUMN && !incoming.includes(field.name))
      throw new DomainError(422, 'schema_mismatch', { detail: `The column ${field.name} is required.` });
  return schema.fields.filter(({ name }) => incoming.includes(name));
}

/**
 * The row hash (data.md 14, I4): MD5 over `<field id>=<value>` of every business column but `revision`. Null columns
 * are left out, so an added optional column changes no old hash; the field id stands for the name, so a renamed column
 * does not either. −0 = 0 and 1 = 1.0.
 */
export function rowHashSql(schema: LakeSchema): string {
  const parts = schema.fields
    .filter(({ name }) => !isSystemColumn(name) && name !== REVISION_COLUMN)
    .map((field) => `'${field.id}=' || ${hashedText(field)}`);
  return `md5(concat_ws(chr(31), ${parts.join(', ')}))`;
}

function hashedText({ name, type }: LakeField): string {
  const column = quoteName(name);
  if (type === 'double')
    return `CASE WHEN ${column} =
      trunc(${column}) AND abs(${column}) < 9007199254740992 THEN
      CAST(CAST(${column} AS BIGINT) AS VARCHAR) ELSE CAST(${column} AS VARCHAR) END`;
  if (type === 'timestamptz') return `CAST(epoch_us(${column}) AS VARCHAR)`;
  // The length keeps a text with a separator in it from looking like two columns.
  if (type === 'string') return `length(${column}) || ':' || ${column}`;
  return `CAST(${column} AS VARCHAR)`;
}

/** `incoming`: the staged rows in the table's types with their hash and line. */
export function stageSql(schema: LakeSchema, present: readonly LakeField[], paths: readonly string[]): string {
  const columns = schema.fields
    .filter(({ name }) => !isSystemColumn(name) && name !== REVISION_COLUMN)
    .map(
      ({ name, type }) =>
        (present.some((field) => field.name === name)
          ? `CAST(${quoteName(name)} AS ${duckdbType(type)})`
          : `CAST(NULL AS ${duckdbType(type)})`) + ` AS ${quoteName(name)}`,
    );
  return `CREATE TEMP TABLE incoming AS
    WITH staged AS (SELECT
      ${columns.join(', ')}, CAST(${LINE_COLUMN} AS BIGINT) AS ${LINE_COLUMN} FROM read_parquet(${parquetList(paths)}))
    SELECT *, ${rowHashSql(schema)} AS _row_hash, CAST(1 AS INTEGER) AS _revision FROM staged`;
}

/**
 * One row of every key of the batch: the last in input order. Returns lost rows, of them those with other values, and
 * their first line.
 */
export function batchDuplicatesSql(identifier: readonly string[]): string {
  const keys = identifier.map(quoteName).join(', ');
  return `CREATE TEMP TABLE superseded AS
    SELECT row_id, differs, line FROM (
      SELECT rowid AS row_id,
        ${LINE_COLUMN} AS line, row_number() OVER last_first AS place, _row_hash <> first_value(_row_hash) OVER
        last_first AS differs
      FROM incoming SEMI JOIN (SELECT ${keys} FROM incoming GROUP BY ${keys} HAVING count(*) > 1) twice USING (${keys})
      WINDOW last_first AS (PARTITION BY ${keys} ORDER BY ${LINE_COLUMN} DESC)
    ) WHERE place > 1`;
}

/**
 * `merged`: the batch with hash and revision of the newest stored row of each key, null where there is none.
 * `unrevised`: no key was ever corrected in these files, so there is nothing to choose from.
 */
export function mergeSql(identifier: readonly string[], relation: string, unrevised: boolean): string {
  const keys = identifier.map(quoteName).join(', ');
  const stored = `SELECT
    ${keys}, _row_hash AS stored_hash, revision AS stored_revision FROM ${relation} WHERE _workspace_id = $workspace`;
  const newest = unrevised
    ? stored
    : `${stored} QUALIFY row_number() OVER (PARTITION BY ` +
      `${keys} ORDER BY revision DESC, _ingested_at DESC, _row_hash DESC) = 1`;
  return `CREATE TEMP TABLE merged AS
    SELECT incoming.* EXCLUDE (_revision), coalesce(stored.stored_revision, 0) + 1 AS _revision, stored.stored_hash FROM
      incoming LEFT JOIN (${newest}) stored USING (${keys})`;
}

/**
 * `outgoing`: the rows as they go into files, with system columns and partition values `_p0 ..`; buckets come from
 * tables `buckets_<n>`. Sorted, so that the rows of one partition are found without looking at all of them.
 */
export function outgoingSql(schema: LakeSchema, spec: readonly PartitionField[], sort: readonly string[]): string {
  const business = schema.fields
    .filter(({ name }) => !isSystemColumn(name))
    .map(({ name }) => (name === REVISION_COLUMN ? '_revision AS revision' : quoteName(name)));
  const partitions = spec.map((field, i) =>
    field.transform === 'bucket'
      ? `b${i}.bucket AS _p${i}`
      : `${timePartitionSql(field.transform, field.column)} AS _p${i}`,
  );
  const joins = spec.map((field, i) =>
    field.transform === 'bucket' ? `JOIN buckets_${i} b${i} ON b${i}.value = stamped.${quoteName(field.column)}` : '',
  );
  return `CREATE TEMP TABLE outgoing AS
    WITH stamped AS (SELECT
      ${business.join(', ')}, CAST($workspace AS VARCHAR) AS _workspace_id, CAST($project AS VARCHAR) AS _project_id,
      CAST($run AS VARCHAR) AS _run_id,
      make_timestamptz(CAST($now AS BIGINT)) AS _ingested_at, _row_hash FROM incoming)
    SELECT stamped.*${partitions.map((column) => `, ${column}`).join('')} FROM stamped ${joins.join(' ')}
    ORDER BY ${[...spec.map((_, i) => `_p${i}`), ...sort.map((name) => `stamped.${quoteName(name)}`)].join(', ')}`;
}

export function partitionValues(spec: readonly PartitionField[], row: readonly unknown[]): Record<string, number> {
  return Object.fromEntries(spec.map((field, i) => [partitionFieldName(field), Number(row[i])]));
}
