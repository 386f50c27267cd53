import type { RequestContext } from '#platform/context';
import type { ChainId } from './chain.ts';

/** What is about to be done, as the intent records it. */
export interface WorkloadIntent {
  /** With dots: `strategy.create`. */
  action: string;
  /** The resource that is acted on, or the scope in which one is created. */
  targetKind: string | null;
  targetId: string | null;
  /** Request body or job arguments; redacted before it is stored. `{}` without. */
  payload: unknown;
  /** How long the work may take before the reconciler calls its fate unknown. Default 900. */
  leaseSeconds?: number;
}

/** The request that an Idempotency-Key stands for. The key belongs to the actor in his organization. */
export interface KeyClaim {
  /** Of this attempt. */
  readonly id: string;
  readonly key: string;
  readonly fingerprint: string;
}

export type TerminalStatus = 'succeeded' | 'failed' | 'denied' | 'cancelled' | 'unknown';

export interface WorkloadOutcome {
  status: TerminalStatus;
  /** With every status but `succeeded`. */
  errorCode?: string;
  /** Such as the created id; redacted, kept on the run, outside the hash. */
  result?: unknown;
}

/** A committed intent whose outcome is due. Plain data: a job may keep it and finish it in another process. */
export interface WorkloadRun {
  readonly id: string;
  readonly chain: ChainId;
  readonly action: string;
  readonly actor: string;
  readonly target: string | null;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly context: RequestContext;
}
