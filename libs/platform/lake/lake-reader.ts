import { Injectable } from '@nestjs/common';
import type { DuckDBValue } from '@duckdb/node-api';
import { DomainError } from '#kernel';
import { LakeConfig } from '#platform/config';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { type Columns, readColumns } from './columns.ts';
import { DuckDBEngine } from './duckdb-engine.ts';
import { LakeCatalogue } from './lake-catalogue.ts';
import { duckdbType, type LakeSchema, quoteName } from './lake-schema.ts';
import type { DataFile, LakeTable, TableName } from './lake-table.ts';
import { pruneFiles } from './prune-files.ts';
import { relationSql } from './relation-sql.ts';

/** One immutable state of a table, ready to be read: its files and its schema. */
export interface PinnedTable {
  readonly table: LakeTable;
  readonly snapshotId: string;
  readonly schema: LakeSchema;
  readonly files: readonly DataFile[];
  readonly sourcePriority: readonly string[];
}

export type Comparison =
  | { readonly column: string; readonly op: '=' | '>=' | '>' | '<=' | '<'; readonly value: string | number | null }
  | { readonly column: string; readonly op: 'in'; readonly value: readonly string[] };

export interface ReadPlan {
  /**
   * Instants come as DOUBLE milliseconds UTC, dates as DOUBLE days since 1970, numbers as DOUBLE, the rest as it is.
   */
  readonly columns: readonly string[];
  /** Those of them that are texts of few distinct values. */
  readonly texts?: readonly string[];
  /** All must hold. Instants compare as milliseconds UTC, dates as `YYYY-MM-DD`. */
  readonly where: readonly Comparison[];
  /** One row per key: the newest revision, and across sources the one that the dataset prefers. */
  readonly current?: boolean;
  /** Revisions written after this instant (ms UTC, inclusive) do not exist for this read. */
  readonly asKnownAt?: number;
  readonly orderBy?: readonly { readonly column: string; readonly descending?: boolean }[];
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** Reads lake tables. Every read carries the tenant predicate `_workspace_id`, below whatever the caller asks. */
@Injectable()
export class LakeReader {
  readonly #warehouse: string;

  constructor(
    private readonly tx: TenantTransaction,
    private readonly catalogue: LakeCatalogue,
    private readonly engine: DuckDBEngine,
    config: LakeConfig,
  ) {
    this.#warehouse = config.warehouse;
  }

  /**
   * The table at a snapshot, by default its current one. Null when there is no table or it was never written. Throws
   * 404 `unknown_snapshot`.
   */
  async pin(ctx: WorkspaceContext, name: TableName, snapshotId?: string): Promise<PinnedTable | null> {
    return this.tx.run(ctx, async () => {
      const table = await this.catalogue.load(ctx.workspaceId, name);
      const id = snapshotId ?? table?.currentSnapshotId;
      if (!table || !id) return null;
      const snapshot = await this.catalogue.snapshot(table, id);
      if (!snapshot) throw new DomainError(404, 'unknown_snapshot', { detail: 'The table has no such snapshot.' });
      const schema = table.schemas.find(({ schemaId }) => schemaId === snapshot.schemaId) ?? table.schema;
      const rows = await this.tx.manager.query<{ source_priority: string[] }[]>(
        'SELECT source_priority FROM dataset_catalogs WHERE table_uuid = $1 AND archived_at IS NULL',
        [table.uuid],
      );
      return {
        table,
        snapshotId: id,
        schema,
        files: await this.catalogue.files(table, id),
        sourcePriority: rows[0]?.source_priority ?? [],
      };
    });
  }

  /** Rows of a pinned table as columns. */
  async read(ctx: WorkspaceContext, pinned: PinnedTable, plan: ReadPlan): Promise<Columns> {
    const files = this.#prune(pinned, plan.where);
    const values: DuckDBValue[] = [];
    const sql =
      files.length === 0
        ? `SELECT ${outputs(pinned.schema, plan.columns)} FROM (${emptyRelation(pinned.schema)})`
        : this.#select(ctx, pinned, files, plan, values);
    return this.engine.use((connection) => readColumns(connection, sql, values, plan.texts), plan.signal);
  }

  /** Keys of which more than one row is stored. */
  async repeatedKeys(ctx: WorkspaceContext, pinned: PinnedTable, where: readonly Comparison[]): Promise<number> {
    const files = this.#prune(pinned, where);
    if (files.length === 0) return 0;
    const values: DuckDBValue[] = [];
    const keys = pinned.schema.identifier
      .filter((name) => name !== 'source_id')
      .map(quoteName)
      .join(', ');
    const sql = `SELECT CAST(count(*) AS DOUBLE) AS n FROM (SELECT 1 FROM
      ${relationSql(pinned.schema, files, this.#warehouse)} WHERE
      ${this.#conditions(ctx, pinned.schema, where, values)} GROUP BY ${keys} HAVING count(*) > 1)`;
    return this.engine.use(async (connection) => (await readColumns(connection, sql, values)).numbers('n')[0]!);
  }

  #prune(pinned: PinnedTable, where: readonly Comparison[]): readonly DataFile[] {
    const { partition } = pinned.table;
    const bucket = partition.find(({ transform }) => transform === 'bucket')?.column;
    const time = partition.find(({ transform }) => transform !== 'bucket')?.column;
    let values: string[] | undefined;
    let from: number | undefined;
    let to: number | undefined;
    for (const condition of where) {
      if (condition.column === bucket && condition.op === 'in') values = [...condition.value];
      if (condition.column === bucket && condition.op === '=') values = [String(condition.value)];
      if (condition.column !== time || typeof condition.value !== 'number') continue;
      if (condition.op === '>=' || condition.op === '>') from = condition.value;
      if (condition.op === '<=' || condition.op === '<') to = condition.value;
    }
    const equal = where.flatMap(({ column, op, value }) =>
      op === '=' && typeof value === 'string' ? [{ column, value }] : [],
    );
    return pruneFiles(partition, pinned.files, {
      equal,
      ...(values ? { values } : {}),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    });
  }

  #select(
    ctx: WorkspaceContext,
    pinned: PinnedTable,
    files: readonly DataFile[],
    plan: ReadPlan,
    values: DuckDBValue[],
  ): string {
    const { schema } = pinned;
    let conditions = this.#conditions(ctx, schema, plan.where, values);
    if (plan.asKnownAt !== undefined)
      conditions += ` AND epoch_us(_ingested_at) <= ${bind(values, BigInt(plan.asKnownAt) * 1_000n)}`;
    let rows = `SELECT * FROM ${relationSql(schema, files, this.#warehouse)} WHERE ${conditions}`;
    if (plan.current && !isCurrent(files)) {
      const key = schema.identifier.map(quoteName).join(', ');
      rows =
        `${rows} QUALIFY row_number() OVER (PARTITION BY ` +
        `${key} ORDER BY revision DESC, _ingested_at DESC, _row_hash DESC) = 1`;
      if (schema.identifier.includes('source_id')) {
        const acrossSources = schema.identifier
          .filter((name) => name !== 'source_id')
          .map(quoteName)
          .join(', ');
        const rank = pinned.sourcePriority.map((source, i) => `WHEN ${bind(values, source)} THEN ${i}`).join(' ');
        rows = `SELECT * FROM (${rows}) QUALIFY row_number() OVER (PARTITION BY ${acrossSources} ORDER BY
          ${rank ? `CASE source_id ${rank} ELSE 1000000 END, ` : ''}source_id = 'synthetic', _ingested_at DESC,
          source_id) = 1`;
      }
    }
    // The output renames instants to numbers of the same name, so the order names the rows underneath.
    const order = (plan.orderBy ?? [])
      .map(({ column, descending }) => `picked.${quoteName(columnOf(schema, column).name)}${descending ? ' DESC' : ''}`)
      .join(', ');
    return `SELECT ${outputs(schema, plan.columns)} FROM
      (${rows}) picked${
        order ? ` ORDER BY ` + `${order}` : ''
      }${plan.limit === undefined ? '' : ` LIMIT ${Math.trunc(plan.limit)}`}`;
  }

  #conditions(ctx: WorkspaceContext, schema: LakeSchema, where: readonly Comparison[], values: DuckDBValue[]): string {
    const conditions = where.map((condition) => {
      const { name, type } = columnOf(schema, condition.column);
      if (condition.op === 'in')
        return `${quoteName(name)} IN (${condition.value.map((value) => bind(values, value)).join(', ') || 'NULL'})`;
      if (type === 'timestamptz')
        return (
          `${quoteName(name)} ${condition.op} make_timestamptz(CAST(` +
          `${bind(values, BigInt(Number(condition.value)) * 1_000n)} AS BIGINT))`
        );
      return `${quoteName(name)} ${condition.op} ${
        type === 'date' ? `CAST(${bind(values, condition.value)} AS ` + `DATE)` : bind(values, condition.value)
      }`;
    });
    return [`_workspace_id = ${bind(values, ctx.workspaceId)}`, ...conditions].join(' AND ');
  }
}

/** The writer keeps keys unique, so a set of files with first revisions of one source has nothing to choose from. */
function isCurrent(files: readonly DataFile[]): boolean {
  const source = files[0]?.bounds['source_id']?.[0];
  return files.every(
    ({ bounds }) =>
      bounds['revision']?.[1] === '1' && bounds['source_id']?.[0] === source && bounds['source_id']?.[1] === source,
  );
}

function bind(values: DuckDBValue[], value: DuckDBValue): string {
  values.push(value);
  return `$${values.length}`;
}

function columnOf(schema: LakeSchema, name: string): LakeSchema['fields'][number] {
  const field = schema.fields.find((candidate) => candidate.name === name);
  if (!field) throw new DomainError(422, 'unknown_column', { detail: `The table has no column ${name}.` });
  return field;
}

function outputs(schema: LakeSchema, columns: readonly string[]): string {
  return columns
    .map((column) => {
      const { name, type } = columnOf(schema, column);
      const quoted = quoteName(name);
      if (type === 'timestamptz') return `CAST(epoch_us(${quoted}) AS DOUBLE) / 1000 AS ${quoted}`;
      if (type === 'int' || type === 'long') return `CAST(${quoted} AS DOUBLE) AS ${quoted}`;
      return type === 'date' ? `CAST(${quoted} - DATE '1970-01-01' AS DOUBLE) AS ${quoted}` : quoted;
    })
    .join(', ');
}

function emptyRelation(schema: LakeSchema): string {
  return `SELECT ${schema.fields
    .map(({ name, type }) => `CAST(NULL AS ` + `${duckdbType(type)}) AS ${quoteName(name)}`)
    .join(', ')} WHERE false`;
}
