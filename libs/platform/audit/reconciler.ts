import { Injectable, Logger } from '@nestjs/common';
import { Clock, newId } from '#kernel';
import { systemContext } from '#platform/context';
import { TenantTransaction } from '#platform/database';
import { chainOf } from './chain.ts';
import { type OverdueRun, WorkloadRunsRepository } from './workload-runs.repository.ts';
import { WorkloadRuntime } from './workload-runtime.ts';

const INTERVAL_MS = 60_000;
const BATCH = 100;

/**
 * Sets runs whose process died between effect and outcome to `unknown`, and raises an alert. It never guesses success.
 */
@Injectable()
export class Reconciler {
  readonly #logger = new Logger('audit.reconciler');
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> | undefined;

  constructor(
    private readonly runs: WorkloadRunsRepository,
    private readonly runtime: WorkloadRuntime,
    private readonly tx: TenantTransaction,
    private readonly clock: Clock,
  ) {}

  start(): void {
    const look = (): void => {
      this.#running = this.reconcile().catch((error: unknown) =>
        this.#logger.warn({ msg: 'reconciling failed', err: error }),
      );
    };
    this.#timer = setInterval(look, INTERVAL_MS).unref();
    look();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Ends every overdue run; safe in several processes at once. Returns how many it ended. */
  async reconcile(): Promise<number> {
    let ended = 0;
    for (;;) {
      const now = new Date(this.clock.now()).toISOString();
      const overdue = await this.tx.run({ orgId: null, platformRead: true }, () => this.runs.overdue(now, BATCH));
      for (const run of overdue) if (await this.#end(run)) ended++;
      if (overdue.length < BATCH) return ended;
    }
  }

  async #end(run: OverdueRun): Promise<boolean> {
    const context = systemContext('reconciler', newId(), { orgId: run.org_id, platform: run.org_id === null });
    const target = run.target_kind && run.target_id ? `${run.target_kind}:${run.target_id}` : null;
    const actor = run.actor_kind === 'anonymous' ? 'anonymous' : `${run.actor_kind}:${run.actor_id}`;
    const workload = {
      id: run.id,
      chain: chainOf(run.org_id),
      action: run.action,
      actor,
      target,
      startedAt: run.started_at.getTime(),
      context,
    };
    try {
      await this.runtime.finishSeparately(workload, { status: 'unknown', errorCode: 'outcome_lost' });
    } catch (error) {
      if (await this.tx.run(context, () => this.runs.isOpen(run.id))) throw error;
      // It ended in the meantime, here or in another process.
      return false;
    }
    this.#logger.error({ msg: 'the outcome of a run is unknown', run_id: run.id, action: run.action });
    return true;
  }
}
