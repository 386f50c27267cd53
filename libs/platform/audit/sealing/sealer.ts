import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '#kernel';
import { AuditMetrics } from '../audit-metrics.ts';
import { CheckpointKeys } from './checkpoint-keys.ts';
import { checkpoint, seal } from './seal.ts';
import { SealerSignal } from './sealer-signal.ts';
import { SealingRepository, type SealingResult, type SealingWork } from './sealing.repository.ts';

/**
 * Entries that arrive within this time share one transaction; well below the 50 ms within which they must be sealed.
 */
const GATHER_MS = 10;
/** Finds what another process left unsealed when it died, and checkpoints that are due by time. */
const LOOK_MS = 1_000;
const AFTER_FAILURE_MS = 1_000;
const BATCH = 500;
const CHECKPOINT_INTERVAL_MS = 300_000;

/**
 * Gives committed entries their place in the chains, and signs checkpoints. Every process has one; a database lock lets
 * one at a time work.
 */
@Injectable()
export class Sealer {
  readonly #logger = new Logger('audit.sealer');
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #sealing: Promise<void> | undefined;
  #wokenMeanwhile = false;
  #failing = false;
  #stopped = true;

  constructor(
    private readonly repository: SealingRepository,
    private readonly keys: CheckpointKeys,
    private readonly clock: Clock,
    private readonly signal: SealerSignal,
    private readonly metrics: AuditMetrics,
  ) {}

  start(): void {
    this.#stopped = false;
    this.signal.listen(() => this.#wake());
    this.#schedule(0);
  }

  /** Seals what is committed by now, unless the database does not answer. */
  async flush(): Promise<void> {
    await this.#sealing;
    if (!this.#failing) await this.#work();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#sealing;
  }

  /** Seals everything that is committed now. For commands and tests; rejects when the database does. */
  async sealAll(): Promise<void> {
    while (await this.repository.hasWork(this.#dueSince())) await this.#sealBatch();
  }

  #wake(): void {
    this.#wokenMeanwhile = true;
    if (!this.#sealing && !this.#failing) this.#schedule(GATHER_MS);
  }

  /** Keeps the earliest of the times that were asked for. */
  #schedule(delay: number): void {
    if (this.#stopped) return;
    const at = performance.now() + delay;
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#sealing = this.#work().finally(() => {
        this.#sealing = undefined;
        this.#schedule(this.#failing ? AFTER_FAILURE_MS : this.#wokenMeanwhile ? GATHER_MS : LOOK_MS);
      });
    }, delay);
    this.#timer.unref();
  }

  async #work(): Promise<void> {
    try {
      let told: boolean;
      do {
        told = this.#wokenMeanwhile;
        this.#wokenMeanwhile = false;
      } while (await this.#more(told));
      this.#failing = false;
    } catch (error) {
      // Entries stay committed and are sealed when the database is back.
      if (!this.#failing) this.#logger.warn({ msg: 'sealing failed', err: error });
      this.#failing = true;
    }
  }

  /** True when a full batch was sealed, so that there may be more. `told`: there are entries, nobody needs to ask. */
  async #more(told: boolean): Promise<boolean> {
    if (!told && !(await this.repository.hasWork(this.#dueSince()))) return false;
    const sealed = await this.#sealBatch();
    // Another process has the lock; it may have read before our entry was committed.
    if (sealed === undefined) this.#wokenMeanwhile = true;
    return sealed === BATCH;
  }

  /** Number of entries sealed; undefined when another process is sealing. */
  async #sealBatch(): Promise<number | undefined> {
    let sealed: number | undefined;
    await this.repository.seal(BATCH, this.#dueSince(), (work) => {
      sealed = work.entries.length;
      return this.#seal(work);
    });
    return sealed;
  }

  #seal({ entries, heads }: SealingWork): SealingResult {
    const dueSince = this.#dueSince();
    const batch = seal(entries, heads);
    for (const head of batch.heads)
      if (head.open_since !== null && head.open_since <= dueSince) batch.checkpoints.push(checkpoint(head));
    if (entries[0]) this.metrics.sealed(this.clock.now() - Date.parse(entries[0].at));
    return {
      entries: batch.entries,
      heads: batch.heads,
      sealed: entries.map(({ id }) => id),
      checkpoints: batch.checkpoints.map(({ chain_id, seq, hash }) => this.keys.sign(chain_id, seq, hash)),
    };
  }

  #dueSince(): string {
    return new Date(this.clock.now() - CHECKPOINT_INTERVAL_MS).toISOString();
  }
}
