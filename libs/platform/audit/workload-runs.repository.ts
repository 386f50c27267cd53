import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { AppPool, TenantTransaction, Turn } from '#platform/database';
import type { UnsealedEntry } from './audit-entry.ts';
import type { ChainId } from './chain.ts';
import type { Json } from './redaction/index.ts';
import type { KeyClaim, TerminalStatus } from './workload-run.ts';

/** A row of `workload_runs` as an intent writes it. */
export interface NewWorkloadRun {
  id: string;
  org_id: string | null;
  cell_id: string;
  action: string;
  target_kind: string | null;
  target_id: string | null;
  actor_kind: string;
  actor_id: string;
  act_chain: Json;
  started_by_user_id: string;
  auth: Json;
  request_id: string;
  trace_id: string | null;
  source_ip: string | null;
  payload: Json;
  started_at: string;
  lease_until: string;
  idempotency_key: string | null;
}

export interface OutcomeRow {
  run_id: string;
  status: TerminalStatus;
  error_code: string | null;
  result: Json;
  ended_at: string;
}

/** What an intent consists of, as JSON. */
interface Intent {
  readonly runId: string;
  readonly chain: ChainId;
  readonly text: string;
}

/** A run whose lease is over. */
export interface OverdueRun {
  id: string;
  org_id: string | null;
  action: string;
  actor_kind: string;
  actor_id: string;
  target_kind: string | null;
  target_id: string | null;
  started_at: Date;
}

@Injectable()
export class WorkloadRunsRepository {
  readonly #intents = new Turn((intents: readonly Intent[]) => this.#commitIntents(intents));

  constructor(
    private readonly pool: AppPool,
    private readonly tx: TenantTransaction,
  ) {}

  /**
   * Commits run and intent, and with them the claim on a key, apart from the caller's transaction: they must stay
   * whatever becomes of it. False: the key is another's, and nothing was written.
   */
  commitIntent(
    run: NewWorkloadRun,
    entry: UnsealedEntry,
    claim: (KeyClaim & { principal: string }) | null,
  ): Promise<boolean> {
    const chain = entry.chain_id;
    return this.#intents.put({ runId: run.id, chain, text: JSON.stringify({ run, entry, claim }) }, chain);
  }

  /**
   * Intents of one chain in one transaction. Where it is refused each has one of its own, so that nobody is refused for
   * what another sent.
   */
  async #commitIntents(intents: readonly Intent[]): Promise<(boolean | Promise<boolean>)[]> {
    try {
      const rows = await this.pool.query<{ id: string }[]>('SELECT record_intents($1, $2) AS id', [
        intents[0]?.chain,
        `[${intents.map(({ text }) => text).join()}]`,
      ]);
      const recorded = new Set(rows.map(({ id }) => id));
      return intents.map(({ runId }) => recorded.has(runId));
    } catch (error) {
      // Without an answer of PostgreSQL they may have been committed.
      if (intents.length === 1 || !(error instanceof pg.DatabaseError)) throw error;
      return intents.map(async (intent) => (await this.#commitIntents([intent]))[0] ?? false);
    }
  }

  /** Whether the application role has what an intent needs. */
  async mayRecord(): Promise<boolean> {
    const [row] = await this.pool.query<{ may: boolean }[]>(
      "SELECT has_table_privilege('workload_runs', 'INSERT') AND has_table_privilege('audit_entries', 'INSERT') AS may",
    );
    return row?.may ?? false;
  }

  /** In the current tenant transaction. Fails when the run has ended already. */
  async insertOutcome(outcome: OutcomeRow, entry: UnsealedEntry): Promise<void> {
    await this.tx.manager.query('SELECT record_workload_outcome($1, $2)', [
      JSON.stringify(outcome),
      JSON.stringify(entry),
    ]);
  }

  async commitSecurityEntry(entry: UnsealedEntry): Promise<void> {
    await this.pool.query('SELECT record_security_entry($1)', [JSON.stringify(entry)]);
  }

  /** Moves the end of the lease of an open run. False when the run has ended. */
  async extendLease(runId: string, until: string): Promise<boolean> {
    const [, affected] = await this.tx.manager.query<[unknown, number]>(
      `UPDATE workload_runs SET lease_until = greatest(lease_until, $2) WHERE id = $1 AND status IN ('pending',
      'running')`,
      [runId, until],
    );
    return affected === 1;
  }

  /** Of all organizations: needs a scope with `platformRead`. */
  overdue(now: string, limit: number): Promise<OverdueRun[]> {
    return this.tx.manager.query(
      `SELECT id, org_id, action, actor_kind, actor_id, target_kind, target_id, started_at FROM workload_runs
       WHERE ended_at IS NULL AND lease_until < $1 ORDER BY lease_until LIMIT $2`,
      [now, limit],
    );
  }

  async isOpen(runId: string): Promise<boolean> {
    const rows = await this.tx.manager.query<unknown[]>(
      "SELECT 1 FROM workload_runs WHERE id = $1 AND status IN ('pending', 'running')",
      [runId],
    );
    return rows.length > 0;
  }
}
