import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type Type } from '@nestjs/common';
import { OwnerPool, TenantTransaction } from '#platform/database';
import { type JobExecution, JobProcessor, type JobRunner } from '../index.ts';

export const EFFECT_STEPS = 6;
const STEP_MS = 30;

/** Counts steps, has one effect outside of every transaction of its own in the middle, and counts on. */
abstract class EffectRunner implements JobRunner {
  constructor(
    private readonly tx: TenantTransaction,
    private readonly owner: OwnerPool,
  ) {}

  async run(job: JobExecution): Promise<Record<string, unknown>> {
    for (let step = 0; step < EFFECT_STEPS; step++) {
      job.signal.throwIfAborted();
      await job.publish('step', `step ${step}`, { step });
      await sleep(STEP_MS);
      if (step === EFFECT_STEPS / 2) await this.#act(job);
    }
    return { answer: 'told' };
  }

  async #act(job: JobExecution): Promise<void> {
    const error = { code: 'effect_unknown', message: 'Nobody knows whether it happened.', retryable: false };
    await this.tx.run(job.context, () => job.acted({ status: 'failed', error }));
    await this.owner.query('INSERT INTO effects (job_id) VALUES ($1)', [job.id]);
    await this.tx.run(job.context, () => job.acted({ status: 'succeeded', result: { answer: 'stored' } }));
  }
}

const BASE = { queue: 'agents', timeoutMs: 60_000, lostProcessLimit: 1_000 } as const;
const GRACES = { none: 0, short: 100, long: 3_000 };

function requeued(name: string, cancelGraceMs: number): Type {
  @JobProcessor({ ...BASE, name, cancelGraceMs, onShutdown: 'requeue' })
  @Injectable()
  class RequeuedEffectJob extends EffectRunner {
    constructor(tx: TenantTransaction, owner: OwnerPool) {
      super(tx, owner);
    }
  }
  return RequeuedEffectJob;
}

function finished(name: string, graceMs: number): Type {
  @JobProcessor({ ...BASE, name, cancelGraceMs: graceMs, onShutdown: 'finish', finishMs: graceMs })
  @Injectable()
  class FinishedEffectJob extends EffectRunner {
    constructor(tx: TenantTransaction, owner: OwnerPool) {
      super(tx, owner);
    }
  }
  return FinishedEffectJob;
}

/** Both kinds with every grace. */
export const EFFECT_NAMES = Object.keys(GRACES).flatMap((grace) => [`requeue.${grace}`, `finish.${grace}`]);
export const EFFECT_JOBS = Object.entries(GRACES).flatMap(([grace, ms]) => [
  requeued(`requeue.${grace}`, ms),
  finished(`finish.${grace}`, ms),
]);
