import { Injectable } from '@nestjs/common';
import { AppPool, TenantTransaction } from '#platform/database';
import type { UnsealedEntry } from './audit-entry.ts';
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
  readonly #pool: AppPool;
  readonly #tx: TenantTransaction;

  constructor(pool: AppPool, tx: TenantTransaction) {
    this.#pool = pool;
    this.#tx = tx;
  }

  /** Commits run and intent on a connection of their own, in one round trip: they must stay whatever becomes of the caller's transaction. */
  async commitIntent(run: NewWorkloadRun, entry: UnsealedEntry): Promise<void> {
    await this.#pool.query('SELECT record_workload_intent($1, $2)', [JSON.stringify(run), JSON.stringify(entry)]);
  }

  /** The same, if the key of the claim can be taken. False: it is another's, and nothing was written. */
  async commitClaimedIntent(run: NewWorkloadRun, entry: UnsealedEntry, claim: KeyClaim & { principal: string }): Promise<boolean> {
    const [row] = await this.#pool.query<{ recorded: boolean }[]>(
      'SELECT record_claimed_intent($1, $2, $3) AS recorded', [JSON.stringify(run), JSON.stringify(entry), JSON.stringify(claim)]);
    return row?.recorded ?? false;
  }

  /** Whether the application role has what an intent needs. */
  async mayRecord(): Promise<boolean> {
    const [row] = await this.#pool.query<{ may: boolean }[]>("SELECT has_table_privilege('workload_runs', 'INSERT') AND has_table_privilege('audit_entries', 'INSERT') AS may");
    return row?.may ?? false;
  }

  /** In the current tenant transaction. Fails when the run has ended already. */
  async insertOutcome(outcome: OutcomeRow, entry: UnsealedEntry): Promise<void> {
    await this.#tx.manager.query('SELECT record_workload_outcome($1, $2)', [JSON.stringify(outcome), JSON.stringify(entry)]);
  }

  async commitSecurityEntry(entry: UnsealedEntry): Promise<void> {
    await this.#pool.query('SELECT record_security_entry($1)', [JSON.stringify(entry)]);
  }

  /** Moves the end of the lease of an open run. False when the run has ended. */
  async extendLease(runId: string, until: string): Promise<boolean> {
    const [, affected] = await this.#tx.manager.query<[unknown, number]>(
      "UPDATE workload_runs SET lease_until = greatest(lease_until, $2) WHERE id = $1 AND status IN ('pending', 'running')", [runId, until]);
    return affected === 1;
  }

  /** Of all organizations: needs a scope with `platformRead`. */
  overdue(now: string, limit: number): Promise<OverdueRun[]> {
    return this.#tx.manager.query(
      `SELECT id, org_id, action, actor_kind, actor_id, target_kind, target_id, started_at FROM workload_runs
       WHERE ended_at IS NULL AND lease_until < $1 ORDER BY lease_until LIMIT $2`, [now, limit]);
  }

  async isOpen(runId: string): Promise<boolean> {
    const rows = await this.#tx.manager.query<unknown[]>("SELECT 1 FROM workload_runs WHERE id = $1 AND status IN ('pending', 'running')", [runId]);
    return rows.length > 0;
  }
}
