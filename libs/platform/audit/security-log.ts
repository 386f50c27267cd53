import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '#kernel';
import { unsealedEntry } from './audit-entry.ts';
import { chainOf } from './chain.ts';
import { redactPayload } from './redaction/index.ts';
import { SealerSignal } from './sealing/sealer-signal.ts';
import { WorkloadRunsRepository } from './workload-runs.repository.ts';

/** A refusal worth recording: 401 after a valid signature, 403, step-up, halted (platform.md 7.1). */
export interface Refusal {
  /** Organization whose chain gets it; null: the platform's. */
  orgId: string | null;
  /** `user:<uuid>` and so on, or `anonymous`. */
  actor: string;
  /** Such as `auth.rejected`. */
  action: string;
  reason: string;
  /** `<kind>:<id>`. */
  target?: string | null;
  /** Further members of the payload, such as `provider`. */
  details?: Record<string, unknown>;
}

const WINDOW_MS = 10_000;
const KEPT_WINDOWS = 10_000;

interface Window {
  since: number;
  suppressed: number;
}

/** Security entries, at most one per principal and reason in 10 s; the next one says how many were suppressed. */
@Injectable()
export class SecurityLog {
  readonly #logger = new Logger('audit.security');
  readonly #windows = new LRUCache<string, Window>({ max: KEPT_WINDOWS });

  constructor(
    private readonly repository: WorkloadRunsRepository,
    private readonly clock: Clock,
    private readonly signal: SealerSignal,
  ) {}

  /** Never rejects: a refusal stands whether it can be recorded or not. */
  async record({ orgId, actor, action, reason, target = null, details = {} }: Refusal): Promise<void> {
    const chain = chainOf(orgId);
    const now = this.clock.now();
    const suppressed = this.#admit(`${chain} ${actor} ${reason}`, now);
    if (suppressed === null) return;
    const { payload, sha256 } = redactPayload({ ...details, reason, suppressed });
    const entry = unsealedEntry('security', { chain, at: now, runId: null, action, actor, target }, sha256);
    try {
      await this.repository.commitSecurityEntry({ ...entry, payload });
      this.signal.committed();
    } catch (error) {
      this.#logger.warn({ msg: 'security entry not recorded', action, reason, err: error });
    }
  }

  /** Number of refusals that were suppressed since the last one recorded; null when this one is suppressed, too. */
  #admit(key: string, now: number): number | null {
    const window = this.#windows.get(key);
    if (window && now - window.since < WINDOW_MS) {
      window.suppressed++;
      return null;
    }
    this.#windows.set(key, { since: now, suppressed: 0 });
    return window?.suppressed ?? 0;
  }
}
