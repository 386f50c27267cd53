import { Injectable } from '@nestjs/common';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { Clock, DomainError, UnavailableError, newId } from '#kernel';
import { EnvironmentConfig } from '#platform/config';
import type { RequestContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { type EntryFacts, type UnsealedEntry, outcomePayloadHash, unsealedEntry } from './audit-entry.ts';
import { AuditMetrics } from './audit-metrics.ts';
import { chainOf } from './chain.ts';
import { type Json, redact, redactPayload } from './redaction/index.ts';
import { SealerSignal } from './sealing/sealer-signal.ts';
import type { KeyClaim, WorkloadIntent, WorkloadOutcome, WorkloadRun } from './workload-run.ts';
import { type NewWorkloadRun, type OutcomeRow, WorkloadRunsRepository } from './workload-runs.repository.ts';

const DEFAULT_LEASE_SECONDS = 900;

/**
 * Records what is about to be done before it is done, and what became of it (platform.md 7). Fails closed: when the
 * record cannot be written, 503 `audit_unavailable` and the action must not happen or must be rolled back.
 */
@Injectable()
export class WorkloadRuntime {
  constructor(
    private readonly runs: WorkloadRunsRepository,
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
    private readonly environment: EnvironmentConfig,
    private readonly signal: SealerSignal,
    private readonly metrics: AuditMetrics,
  ) {}

  /** Whether an intent could be committed now. Rejects when PostgreSQL does not answer. */
  mayBegin(): Promise<boolean> {
    return this.runs.mayRecord();
  }

  /** Commits the intent: a `pending` run and its entry, in a transaction of their own. */
  async begin(context: RequestContext, intent: WorkloadIntent): Promise<WorkloadRun> {
    const run = this.#newRun(context, intent);
    await this.#write('intent', () => this.runs.commitIntent(...this.#records(run, intent, null), null));
    this.signal.committed();
    return run;
  }

  /**
   * Like `begin`, and takes the Idempotency-Key in the same commit. Null, with nothing recorded, when the key is taken
   * already.
   */
  async beginClaimed(context: RequestContext, intent: WorkloadIntent, claim: KeyClaim): Promise<WorkloadRun | null> {
    const run = this.#newRun(context, intent);
    const recorded = await this.#write('intent', () =>
      this.runs.commitIntent(...this.#records(run, intent, claim.key), { ...claim, principal: run.actor }),
    );
    if (!recorded) return null;
    this.signal.committed();
    return run;
  }

  /** Sends the outcome in the current tenant transaction, or in one of its own when none is open. */
  finish(run: WorkloadRun, outcome: WorkloadOutcome): Promise<void> {
    const [row, entry] = this.#outcomeRecords(run, outcome);
    return this.#write('outcome', () => this.tx.run(run.context, () => this.#insertOutcome(row, entry)));
  }

  /**
   * Writes the outcome in a transaction of its own even inside another one: for work that was or will be rolled back.
   */
  async finishSeparately(run: WorkloadRun, outcome: WorkloadOutcome): Promise<void> {
    const [row, entry] = this.#outcomeRecords(run, outcome);
    await this.#write('outcome', () => this.tx.runSeparately(run.context, () => this.#insertOutcome(row, entry)));
  }

  /**
   * Intent, then `work` and its outcome in one tenant transaction. When `work` throws, its effects are rolled back, the
   * outcome `failed` with the error's code is written after that, and the error is thrown on.
   */
  async run<T>(
    context: RequestContext,
    intent: WorkloadIntent,
    work: (run: WorkloadRun) => Promise<T>,
    resultOf?: (value: T) => unknown,
  ): Promise<T> {
    const run = await this.begin(context, intent);
    try {
      return await this.tx.run(context, async () => {
        const value = await work(run);
        await this.finish(run, { status: 'succeeded', result: resultOf?.(value) });
        return value;
      });
    } catch (error) {
      await this.finishSeparately(run, failureOf(error));
      throw error;
    }
  }

  /** Long work calls this while it is alive; commits at once. False means that the run has ended or was given up. */
  async extendLease(run: WorkloadRun, seconds: number): Promise<boolean> {
    const { orgId } = run.context;
    const until = new Date(this.clock.now() + seconds * 1_000).toISOString();
    return this.tx.runSeparately({ orgId, platform: orgId === null }, () => this.runs.extendLease(run.id, until));
  }

  #outcomeRecords(run: WorkloadRun, outcome: WorkloadOutcome): [OutcomeRow, UnsealedEntry] {
    const errorCode = outcome.status === 'succeeded' ? null : (outcome.errorCode ?? null);
    const id = newId();
    const at = outcomeTime(run, this.clock.now(), id);
    const entry = unsealedEntry('outcome', entryFacts(run, at), outcomePayloadHash(outcome.status, errorCode), id);
    const result = outcome.result === undefined ? null : redact(outcome.result);
    return [{ run_id: run.id, status: outcome.status, error_code: errorCode, result, ended_at: entry.at }, entry];
  }

  async #insertOutcome(row: OutcomeRow, entry: UnsealedEntry): Promise<void> {
    const inserted = this.runs.insertOutcome(row, entry);
    // Asked for before the answer, as the commit may leave together with the statement; nothing is told unless it
    // succeeds.
    this.tx.afterCommit(this.signal.committed);
    await inserted;
  }

  async #write<T>(kind: 'intent' | 'outcome', work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const written = await trace.getTracer('alphaswarm').startActiveSpan(`audit.${kind}`, async (span) => {
      try {
        return await work();
      } catch (cause) {
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw new UnavailableError(
          'audit_unavailable',
          'The action cannot be recorded now, so it was not carried out.',
          2,
          cause,
        );
      } finally {
        span.end();
      }
    });
    this.metrics.written(kind, performance.now() - start);
    return written;
  }

  #newRun(context: RequestContext, { action, targetKind, targetId }: WorkloadIntent): WorkloadRun {
    const target = targetKind && targetId ? `${targetKind}:${targetId}` : null;
    return {
      id: newId(),
      chain: chainOf(context.orgId),
      action,
      actor: context.principal.actor,
      target,
      startedAt: this.clock.now(),
      context,
    };
  }

  /** Run and entry of an intent. */
  #records(run: WorkloadRun, intent: WorkloadIntent, idempotencyKey: string | null): [NewWorkloadRun, UnsealedEntry] {
    const { payload, sha256 } = redactPayload(intent.payload ?? {});
    return [
      this.#row(run, intent, payload, idempotencyKey),
      unsealedEntry('intent', entryFacts(run, run.startedAt), sha256, run.id),
    ];
  }

  #row(run: WorkloadRun, intent: WorkloadIntent, payload: Json, idempotencyKey: string | null): NewWorkloadRun {
    const { principal, orgId, requestId, sourceIp } = run.context;
    const leaseMs = (intent.leaseSeconds ?? DEFAULT_LEASE_SECONDS) * 1_000;
    return {
      id: run.id,
      org_id: orgId,
      cell_id: this.environment.cellId,
      action: run.action,
      target_kind: intent.targetKind,
      target_id: intent.targetId,
      actor_kind: principal.kind,
      actor_id: principal.id,
      act_chain: [],
      started_by_user_id: principal.kind === 'user' ? principal.id : principal.actor,
      auth: principal.token && {
        provider: principal.token.provider,
        acr: principal.token.acr,
        auth_time: principal.token.authTime,
        token_id_sha256: principal.token.idHash,
      },
      request_id: requestId,
      trace_id: trace.getActiveSpan()?.spanContext().traceId ?? null,
      // PostgreSQL's inet has no zone index.
      source_ip: sourceIp?.replace(/%.*$/, '') ?? null,
      payload,
      started_at: new Date(run.startedAt).toISOString(),
      lease_until: new Date(run.startedAt + leaseMs).toISOString(),
      idempotency_key: idempotencyKey,
    };
  }
}

/** The outcome of work that threw `error`. */
export function failureOf(error: unknown): WorkloadOutcome {
  return { status: 'failed', errorCode: error instanceof DomainError ? error.code : 'internal_error' };
}

function entryFacts(run: WorkloadRun, at: number): EntryFacts {
  return { chain: run.chain, at, runId: run.id, action: run.action, actor: run.actor, target: run.target };
}

/**
 * Entries are sealed in the order (at, id); an outcome must come after its intent even when another machine, whose
 * clock is behind, writes it.
 */
function outcomeTime(run: WorkloadRun, now: number, id: string): number {
  if (now > run.startedAt || (now === run.startedAt && id > run.id)) return now;
  return run.startedAt + 1;
}
