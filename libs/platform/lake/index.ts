export { type Columns, readColumns } from './columns.ts';
export { DuckDBEngine } from './duckdb-engine.ts';
export { knownTable } from './known-tables.ts';
export { LakeCatalogue } from './lake-catalogue.ts';
export { type Comparison, LakeReader, type PinnedTable, type ReadPlan } from './lake-reader.ts';
export { type ColumnDeclaration, type LakeField, type LakeSchema, type LakeType, type Layer } from './lake-schema.ts';
export { checkTableName, type DataFile, type LakeTable, type TableDefinition, type TableName } from './lake-table.ts';
export { type AppendOptions, type AppendOutcome, LakeWriter } from './lake-writer.ts';
export { LakeModule } from './lake.module.ts';
