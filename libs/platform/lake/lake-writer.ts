import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Clock, DomainError } from '#kernel';
import { LakeConfig } from '#platform/config';
import type { WorkspaceContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import type { AppendOptions, AppendOutcome } from './append.ts';
import { AppendWorkspace, type Deduplication } from './append-workspace.ts';
import { DatasetVersionsRepository, type EntityCoverage } from './dataset-versions.repository.ts';
import { DuckDBEngine } from './duckdb-engine.ts';
import { knownTable } from './known-tables.ts';
import { CommitConflict, LakeCatalogue } from './lake-catalogue.ts';
import { CommitClaims } from './commit-claims.ts';
import { type CommitRow, LakeCommitsRepository } from './lake-commits.repository.ts';
import {
  checkTableName,
  type DataFile,
  layerOfNamespace,
  type LakeTable,
  type TableDefinition,
  type TableName,
} from './lake-table.ts';
import { pruneFiles } from './prune-files.ts';
import { Turns } from './turns.ts';

interface AppendJob {
  readonly name: TableName;
  readonly table: LakeTable;
  readonly commitId: string;
  readonly staged: readonly string[];
  readonly options: AppendOptions;
  readonly domain: string;
}

interface WrittenFiles {
  readonly files: readonly DataFile[];
  readonly rows: number;
  readonly bytes: number;
  readonly found: Deduplication;
  readonly now: number;
  readonly rowHashSum: bigint;
  readonly coverage: readonly EntityCoverage[];
}

const MAX_CONFLICTS = 9;

/** The only code that changes lake tables (data.md 6.2, 6.3). */
@Injectable()
export class LakeWriter {
  readonly #claims: CommitClaims;
  readonly #warehouse: string;
  // Appends of one process to one table would only conflict with each other.
  readonly #turns = new Turns();

  constructor(
    private readonly tx: TenantTransaction,
    private readonly catalogue: LakeCatalogue,
    private readonly commits: LakeCommitsRepository,
    private readonly versions: DatasetVersionsRepository,
    private readonly engine: DuckDBEngine,
    private readonly clock: Clock,
    config: LakeConfig,
  ) {
    this.#claims = new CommitClaims(commits, clock);
    this.#warehouse = config.warehouse;
  }

  /**
   * Appends the rows of staged Parquet files: business columns by name, and `_line` for their order. Exactly once by
   * `commitKey`, also when the process dies at any moment: until the one transaction that commits, readers see the old
   * version, and a retry with the same key completes it. Must not be called inside a transaction. Throws 422
   * `layer_mismatch`, `schema_mismatch`, `reserved_column`, `idempotency_key_reused`; 404 `unknown_dataset`; 409
   * `commit_in_progress`, `commit_conflict` (data.md 6.3, 6.4).
   */
  async append(
    ctx: WorkspaceContext,
    name: TableName,
    staged: readonly string[],
    options: AppendOptions,
  ): Promise<AppendOutcome> {
    if (this.tx.isOpen) throw new Error('an append takes too long for the transaction around it');
    const definition = definitionOf(name, options);
    const table = await this.tx.run(
      ctx,
      async () =>
        (await this.catalogue.load(ctx.workspaceId, name)) ?? this.catalogue.create(ctx, required(name, definition)),
    );
    const commit = await this.commits.prepare(ctx, table, {
      key: options.commitKey,
      payloadSha256: options.payloadSha256,
      runId: options.runId,
    });
    if (commit.payload_sha256 !== options.payloadSha256)
      throw new DomainError(422, 'idempotency_key_reused', { detail: 'This commit key was used for other data.' });
    if (commit.state === 'committed') return outcomeOf(commit, true);
    return this.#turns.take(table.uuid, () =>
      this.#claimed(ctx, { name, table, commitId: commit.id, staged, options, domain: definition?.domain ?? 'other' }),
    );
  }

  async #claimed(ctx: WorkspaceContext, job: AppendJob): Promise<AppendOutcome> {
    const { commitId, options } = job;
    const outcome = await this.#claims.hold(
      ctx,
      commitId,
      { wait: options.waitForLease ?? false, signal: options.signal },
      (owner, attempt) => this.#write(ctx, job, owner, attempt),
    );
    return outcome ?? outcomeOf(await this.commits.state(ctx, commitId), true);
  }

  async #write(ctx: WorkspaceContext, job: AppendJob, owner: string, attempt: number): Promise<AppendOutcome> {
    const keyed = job.table.schema.identifier.length > 0 && job.options.dedupe !== 'none';
    let written: WrittenFiles | undefined;
    for (let round = 0; ; round++) {
      const table = await this.tx.run(ctx, async () =>
        required(job.name, await this.catalogue.load(ctx.workspaceId, job.name)),
      );
      // Rows without keys stay right whatever others committed meanwhile; keyed rows must be compared with it.
      if (!written || keyed)
        written = await this.#writeFiles(ctx, table, job, keyed, attempt * (MAX_CONFLICTS + 1) + round);
      job.options.signal?.throwIfAborted();
      await job.options.beforeCommit?.({ files: written.files.length, rows: written.rows });
      try {
        return await this.#commit(ctx, table, job, owner, written);
      } catch (error) {
        if (!(error instanceof CommitConflict)) throw error;
        if (round === MAX_CONFLICTS)
          throw new DomainError(409, 'commit_conflict', {
            detail: 'Other writers changed the table ten times in a row.',
            cause: error,
          });
        await setTimeout(randomInt(Math.min(10_000, 100 * 2 ** round)), undefined, { signal: job.options.signal });
      }
    }
  }

  async #writeFiles(
    ctx: WorkspaceContext,
    table: LakeTable,
    { commitId, staged, options }: AppendJob,
    keyed: boolean,
    attempt: number,
  ): Promise<WrittenFiles> {
    return this.engine.use(async (connection) => {
      const work = new AppendWorkspace(connection, table, this.#warehouse);
      try {
        await work.stage(staged);
        const none = { duplicates: 0, conflicts: 0, conflictFirstLine: null };
        const found =
          keyed && options.dedupe !== 'none'
            ? await work.deduplicate(await this.#touchedFiles(ctx, table, work), options.dedupe, ctx.workspaceId)
            : none;
        const now = this.clock.now();
        await work.stamp({ workspaceId: ctx.workspaceId, projectId: ctx.projectId, runId: options.runId, now });
        const rows = await work.rows('outgoing');
        const files = rows > 0 ? await work.writeFiles(commitId, attempt) : [];
        const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
        await this.commits.filesWritten(ctx, commitId, files.length, bytes);
        return { files, rows, bytes, found, now, rowHashSum: await work.rowHashSum(), coverage: await work.coverage() };
      } finally {
        await work.dispose();
      }
    }, options.signal);
  }

  async #commit(
    ctx: WorkspaceContext,
    table: LakeTable,
    { commitId, options, domain }: AppendJob,
    owner: string,
    written: WrittenFiles,
  ): Promise<AppendOutcome> {
    const { files, rows, bytes, found, now, rowHashSum, coverage } = written;
    return this.tx.run(ctx, async () => {
      const catalogId = await this.versions.ensureDataset(ctx, table, { domain });
      const snapshotId = rows > 0 ? newSnapshotId() : null;
      if (snapshotId !== null)
        await this.catalogue.commit(ctx, table, {
          commitId,
          snapshotId,
          operation: 'append',
          files,
          summary: { 'added-records': String(rows) },
          committedAt: now,
        });
      const version =
        snapshotId === null
          ? await this.versions.currentVersion(catalogId)
          : await this.versions.add(ctx, catalogId, table, {
              commitId,
              snapshotId,
              operation: 'append',
              runId: options.runId,
              rows,
              files: files.length,
              bytes,
              rowHashSum,
              coverage,
              committedAt: now,
            });
      await this.commits.committed(commitId, owner, {
        snapshotId,
        version,
        baseSnapshotId: table.currentSnapshotId,
        rows,
        ...found,
        files: files.length,
        bytes,
      });
      const outcome = { commitId, snapshotId, version, rows, ...found, replayed: false };
      await options.inCommit?.(outcome);
      return outcome;
    });
  }

  async #touchedFiles(ctx: WorkspaceContext, table: LakeTable, work: AppendWorkspace): Promise<readonly DataFile[]> {
    const { currentSnapshotId } = table;
    if (currentSnapshotId === null) return [];
    const files = await this.tx.run(ctx, () => this.catalogue.files(table, currentSnapshotId));
    const time = table.partition.find(({ transform }) => transform !== 'bucket');
    const range = time ? await work.timeRange(time.column) : null;
    const bucket = table.partition.find(({ transform }) => transform === 'bucket');
    return pruneFiles(table.partition, files, {
      ...(range ? { from: range[0], to: range[1] } : {}),
      ...(bucket ? { values: await work.touchedSymbols(bucket.column) } : {}),
    });
  }
}

function definitionOf(name: TableName, options: AppendOptions): TableDefinition | undefined {
  checkTableName(name);
  if (layerOfNamespace(name.namespace) !== options.layer)
    throw new DomainError(422, 'layer_mismatch', {
      detail:
        `Tables of the namespace ` +
        `${name.namespace} are ${layerOfNamespace(name.namespace)}, and the write says ${options.layer}.`,
    });
  return knownTable(name) ?? options.definition;
}

function required<T>(name: TableName, value: T | null | undefined): T {
  if (value === null || value === undefined)
    throw new DomainError(404, 'unknown_dataset', {
      detail: `There is no table ${name.namespace}.${name.table}.`,
      hint: 'Send create: true to make it.',
    });
  return value;
}

/** Positive, 63 bits, as Iceberg writers choose it. */
function newSnapshotId(): string {
  return String((randomBytes(8).readBigUInt64BE() >> 1n) | 1n);
}

function outcomeOf(row: CommitRow, replayed: boolean): AppendOutcome {
  return {
    commitId: row.id,
    snapshotId: row.snapshot_id,
    version: row.version,
    rows: Number(row.rows),
    duplicates: Number(row.duplicates),
    conflicts: Number(row.conflicts),
    conflictFirstLine: row.conflict_first_line === null ? null : Number(row.conflict_first_line),
    replayed,
  };
}
