import { DomainError } from '#kernel';

/** Column types of lake tables, in Iceberg's names. */
export type LakeType = 'string' | 'int' | 'long' | 'double' | 'boolean' | 'date' | 'timestamptz' | 'list<string>';

export interface LakeField {
  /** Iceberg field id: it names the column for ever, whatever the column is called. */
  readonly id: number;
  readonly name: string;
  readonly type: LakeType;
  readonly required: boolean;
  readonly doc?: string;
}

/**
 * Columns of a table. `identifier` names the key columns; empty means rows without identity: no dedupe, no revisions.
 */
export interface LakeSchema {
  readonly schemaId: number;
  readonly fields: readonly LakeField[];
  readonly identifier: readonly string[];
}

export type Layer = 'bronze' | 'silver' | 'gold';

/** What the writer stamps on every row (data.md 3.5). Callers cannot set columns that begin with an underscore. */
const SYSTEM_COLUMNS: readonly Omit<LakeField, 'id'>[] = [
  { name: '_workspace_id', type: 'string', required: false },
  { name: '_project_id', type: 'string', required: false },
  { name: '_run_id', type: 'string', required: false },
  { name: '_ingested_at', type: 'timestamptz', required: false },
  { name: '_row_hash', type: 'string', required: false },
];

export type ColumnDeclaration = Omit<LakeField, 'id'>;

/**
 * First schema of a table: field ids from 1 in order, system columns last. Throws 422 `reserved_column` and
 * `validation_failed`.
 */
export function firstSchema(columns: readonly ColumnDeclaration[], identifier: readonly string[]): LakeSchema {
  for (const { name } of columns) refuseReserved(name);
  const names = new Set(columns.map(({ name }) => name));
  const unknown = identifier.find((name) => !names.has(name));
  if (unknown !== undefined)
    throw new DomainError(422, 'unknown_column', {
      detail: `The identifier names the column ${unknown}, which the schema lacks.`,
    });
  return {
    schemaId: 0,
    identifier,
    fields: [...columns, ...SYSTEM_COLUMNS].map((column, i) => ({ ...column, id: i + 1 })),
  };
}

export function refuseReserved(name: string): void {
  if (name.startsWith('_'))
    throw new DomainError(422, 'reserved_column', {
      detail: `The column ${name} is set by the writer: names that begin with an underscore are reserved.`,
    });
}

export function isSystemColumn(name: string): boolean {
  return name.startsWith('_');
}

const DUCKDB_TYPES: Readonly<Record<LakeType, string>> = {
  string: 'VARCHAR',
  int: 'INTEGER',
  long: 'BIGINT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamptz: 'TIMESTAMPTZ',
  'list<string>': 'VARCHAR[]',
};

export function duckdbType(type: LakeType): string {
  return DUCKDB_TYPES[type];
}

/** The FIELD_IDS option of DuckDB's Parquet writer. A list's element gets an id of its own, after all columns. */
export function fieldIdsOption(schema: LakeSchema): string {
  const entries = schema.fields.map((field) =>
    field.type === 'list<string>'
      ? `${quoteName(field.name)}: {__duckdb_field_id: ${field.id}, element: ${field.id + 10_000}}`
      : `${quoteName(field.name)}: ${field.id}`,
  );
  return `{${entries.join(', ')}}`;
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
