import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Clock, newId, SystemClock } from '#kernel';
import { LakeConfig, loadTopic } from '#platform/config';
import { systemContext, type WorkspaceContext } from '#platform/context';
import type { TenantTransaction } from '#platform/database';
import { DatasetVersionsRepository } from '../dataset-versions.repository.ts';
import { DuckDBEngine } from '../duckdb-engine.ts';
import { LakeCommitsRepository } from '../lake-commits.repository.ts';
import { LakeReader } from '../lake-reader.ts';
import { LakeWriter } from '../lake-writer.ts';
import { PostgresLakeCatalogue } from '../postgres-lake-catalogue.repository.ts';

/** The lake over a test database, with its files in a directory of its own. */
export class TestLake {
  readonly directory: string;
  readonly config: LakeConfig;
  readonly engine: DuckDBEngine;
  readonly writer: LakeWriter;
  readonly reader: LakeReader;

  private constructor(directory: string, tx: TenantTransaction, clock: Clock) {
    this.directory = directory;
    this.config = loadTopic(LakeConfig, { ALPHASWARM_DATA_DIR: directory });
    this.engine = new DuckDBEngine({ threads: 2, memory: '512MB', spillDirectory: join(directory, 'spill') });
    const catalogue = new PostgresLakeCatalogue(tx, clock);
    this.writer = new LakeWriter(
      tx,
      catalogue,
      new LakeCommitsRepository(tx, clock),
      new DatasetVersionsRepository(tx, clock),
      this.engine,
      clock,
      this.config,
    );
    this.reader = new LakeReader(tx, catalogue, this.engine, this.config);
  }

  static async create(tx: TenantTransaction, clock: Clock = new SystemClock()): Promise<TestLake> {
    return new TestLake(await mkdtemp(join(tmpdir(), 'lake-')), tx, clock);
  }

  /** The same lake as another process has it: own caches, own query engine, same files. */
  replica(tx: TenantTransaction, clock: Clock = new SystemClock()): TestLake {
    return new TestLake(this.directory, tx, clock);
  }

  /** A context with an organization and workspace of its own. */
  static context(orgId = newId(), workspaceId = newId()): WorkspaceContext {
    return { ...systemContext('test', newId(), { orgId }), orgId, workspaceId };
  }

  /** Stages rows by a SELECT whose columns are the business columns and `_line`. */
  async stage(sql: string): Promise<string> {
    const path = join(this.directory, `${newId()}.parquet`);
    await this.engine.use((connection) => connection.run(`COPY (${sql}) TO '${path}' (FORMAT parquet)`));
    return path;
  }

  async close(): Promise<void> {
    await this.engine.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}
