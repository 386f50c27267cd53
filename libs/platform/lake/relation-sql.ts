import { join } from 'node:path';
import { duckdbType, type LakeSchema, quoteText } from './lake-schema.ts';
import type { DataFile } from './lake-table.ts';

/**
 * A table function over the files that resolves columns by field id, so renamed and added columns read as the schema
 * says.
 */
export function relationSql(schema: LakeSchema, files: readonly DataFile[], warehouse: string): string {
  const columns = schema.fields.map(
    ({ id, name, type }) =>
      `${id}: {name: ${quoteText(name)}, type: ${quoteText(duckdbType(type))}, default_value: NULL}`,
  );
  return (
    `read_parquet([${files.map(({ path }) => quoteText(join(warehouse, path))).join(', ')}], schema = MAP ` +
    `{${columns.join(', ')}})`
  );
}
