import { generateKeyPairSync } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { type Clock, SystemClock, newId } from '#kernel';
import { EnvironmentConfig, loadTopic } from '#platform/config';
import type { RequestContext } from '#platform/context';
import { AppPool, SealerPool, TenantTransaction } from '#platform/database';
import { TestDatabase } from '../../database/testing/index.ts';
import { AuditMetrics } from '../audit-metrics.ts';
import { CheckpointKeys } from '../sealing/checkpoint-keys.ts';
import { SealerSignal } from '../sealing/sealer-signal.ts';
import { Sealer } from '../sealing/sealer.ts';
import { SealingRepository } from '../sealing/sealing.repository.ts';
import { Reconciler } from '../reconciler.ts';
import { SecurityLog } from '../security-log.ts';
import { ChainVerifier } from '../verification/chain-verifier.ts';
import { ChainRepository } from '../verification/chain.repository.ts';
import { WorkloadRunsRepository } from '../workload-runs.repository.ts';
import { WorkloadRuntime } from '../workload-runtime.ts';

/** The audit services of one process on a fresh database, without a Nest container. */
export class AuditFixture {
  readonly keys = new CheckpointKeys(generateKeyPairSync('ed25519').privateKey);
  readonly metrics = new AuditMetrics();
  readonly signal = new SealerSignal();
  readonly tx: TenantTransaction;
  readonly runs: WorkloadRunsRepository;
  readonly runtime: WorkloadRuntime;
  readonly sealer: Sealer;
  readonly verifier: ChainVerifier;
  readonly security: SecurityLog;
  readonly reconciler: Reconciler;
  readonly #pool: SealerPool;

  private constructor(
    readonly database: TestDatabase,
    readonly app: AppPool,
    readonly clock: Clock,
  ) {
    this.tx = new TenantTransaction(app);
    this.runs = new WorkloadRunsRepository(app, this.tx);
    this.runtime = new WorkloadRuntime(
      this.runs,
      this.tx,
      clock,
      loadTopic(EnvironmentConfig, {}),
      this.signal,
      this.metrics,
    );
    this.#pool = new SealerPool(database.urls.sealer, { prepare: true });
    this.sealer = this.anotherSealer(this.signal);
    this.verifier = new ChainVerifier(this.tx, new ChainRepository(this.tx), this.keys);
    this.security = new SecurityLog(this.runs, clock, this.signal);
    this.reconciler = new Reconciler(this.runs, this.runtime, this.tx, clock);
  }

  static async create(clock: Clock = new SystemClock()): Promise<AuditFixture> {
    // Failures that are asked for would fill the output.
    Logger.overrideLogger(false);
    const database = await TestDatabase.create();
    return new AuditFixture(database, new AppPool(database.urls.app, { size: 12, prepare: true }), clock);
  }

  /** The sealer of another process. */
  anotherSealer(signal = new SealerSignal()): Sealer {
    return new Sealer(new SealingRepository(this.#pool), this.keys, this.clock, signal, this.metrics);
  }

  /** What a stranger with every right does to the rows: no trigger fires. */
  async tamper(statement: string, parameters: unknown[] = []): Promise<void> {
    const client = await this.database.owner.connect();
    try {
      await client.query('SET session_replication_role = replica');
      await client.query(statement, parameters);
    } finally {
      client.release(true);
    }
  }

  async close(): Promise<void> {
    await this.sealer.stop();
    await this.#pool.end();
    await this.app.close();
    await this.database.drop();
  }
}

export const ORG = '00000000-0000-0000-0000-000000000001';
export const OTHER_ORG = '00000000-0000-0000-0000-000000000002';
const USER = '00000000-0000-0000-0000-000000000003';

/** A person's request in an organization. */
export function userContext(orgId: string | null = ORG): RequestContext {
  return {
    orgId,
    requestId: newId(),
    workspaceId: null,
    projectId: null,
    labId: null,
    sourceIp: '127.0.0.1',
    principal: { kind: 'user', id: USER, actor: `user:${USER}`, token: null },
  };
}

/** Waits until `condition` holds. Rejects after two seconds. */
export async function eventually(condition: () => Promise<boolean>): Promise<number> {
  const start = performance.now();
  while (!(await condition())) {
    if (performance.now() - start > 2_000) throw new Error('It did not happen within 2 s.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return performance.now() - start;
}
