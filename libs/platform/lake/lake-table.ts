import { DomainError } from '#kernel';
import { type ColumnDeclaration, type LakeSchema, type Layer } from './lake-schema.ts';
import type { PartitionField } from './partition-spec.ts';

export interface TableName {
  readonly namespace: string;
  readonly table: string;
}

/** What a table is created from. */
export interface TableDefinition extends TableName {
  readonly layer: Layer;
  /** Dotted taxonomy, such as `market.bars`. */
  readonly domain: string;
  readonly columns: readonly ColumnDeclaration[];
  readonly identifier: readonly string[];
  readonly partition: readonly PartitionField[];
  readonly sort: readonly string[];
}

export interface LakeTable extends TableName {
  readonly uuid: string;
  /** `ws_<32 hex of the workspace id>`. */
  readonly catalogName: string;
  /** Directory below the warehouse. */
  readonly location: string;
  readonly layer: Layer;
  /** The current schema. */
  readonly schema: LakeSchema;
  /** Every schema the table ever had: a snapshot is read with its own. */
  readonly schemas: readonly LakeSchema[];
  readonly partition: readonly PartitionField[];
  readonly sort: readonly string[];
  /** Decimal text of the 64-bit id; null before the first commit. */
  readonly currentSnapshotId: string | null;
}

/** One immutable Parquet file. `bounds`: column -> [smallest, greatest] as text, where the writer knew them. */
export interface DataFile {
  /** Relative to the warehouse. */
  readonly path: string;
  /** Partition field name -> value (year, month as months since 1970, day as days since 1970, bucket). */
  readonly partition: Readonly<Record<string, number>>;
  readonly rows: number;
  readonly bytes: number;
  readonly bounds: Readonly<Record<string, readonly [string, string]>>;
}

export interface Snapshot {
  readonly snapshotId: string;
  readonly parentSnapshotId: string | null;
  readonly schemaId: number;
  /** Milliseconds UTC. */
  readonly committedAt: number;
}

const NAME = /^[a-z][a-z0-9_]{0,62}$/;

/** Throws 422 `validation_failed`-like `bad_table_name` for anything but `^[a-z][a-z0-9_]{0,62}$` in both parts. */
export function checkTableName({ namespace, table }: TableName): void {
  if (!NAME.test(namespace) || !NAME.test(table))
    throw new DomainError(422, 'bad_table_name', {
      detail:
        'Namespace and table are lower-case letters, digits and underscores, beginning with a letter, 63 at most.',
    });
}

export function layerOfNamespace(namespace: string): string {
  return namespace.slice(0, namespace.indexOf('_'));
}

export function catalogNameOf(workspaceId: string): string {
  return `ws_${workspaceId.replaceAll('-', '')}`;
}
