import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DomainError } from '#kernel';
import { TenantTransaction } from '#platform/database';
import { type JobExecution, type JobOutcome, JobProcessor, type JobRunner, type JobSettled } from '../index.ts';

/** What a scripted job does, by its argument `does`. */
export type Script =
  | 'succeed'
  | 'wait'
  | 'one-second'
  | 'ignore-abort'
  | 'fail'
  | 'refuse'
  | 'fail-once'
  | 'settle-fails'
  | 'settle-fails-once'
  | 'huge'
  | 'act-fail'
  | 'act-wait'
  | 'act-settle-fails'
  | 'act-settle-fails-long'
  | 'extras'
  | 'extras-huge';

/** What a script that acts stores before its effect. */
const UNKNOWN: JobOutcome = {
  status: 'failed',
  error: { code: 'effect_unknown', message: 'Nobody knows whether it happened.', retryable: false },
};

/** Who has been refused once. */
class Refusals {
  readonly #ids = new Set<string>();

  /** True the first time. */
  add(id: string): boolean {
    const first = !this.#ids.has(id);
    this.#ids.add(id);
    return first;
  }
}

/** What scripted jobs did, over all processes of a test file. */
export class Diary {
  readonly started: { id: string; orgId: string | null; attempt: number; fencing: number }[] = [];
  readonly settled: { id: string; status: string }[] = [];
  readonly requeued: string[] = [];
  readonly effects: string[] = [];
  /** Whose settlement fails for as long as they are in here. */
  readonly unsettleable = new Set<string>();
  readonly refused = new Refusals();
  readonly #releases = new Map<string, (() => void)[]>();
  running = 0;
  peak = 0;

  hold(id: string): Promise<void> {
    return new Promise((resolve) => this.#releases.set(id, [...(this.#releases.get(id) ?? []), resolve]));
  }

  /** Lets every attempt of the job go on. */
  release(id: string): void {
    this.#releases.get(id)?.forEach((resolve) => resolve());
  }

  releaseAll(): void {
    for (const id of this.#releases.keys()) this.release(id);
  }
}

export const diary = new Diary();

abstract class ScriptedRunner implements JobRunner {
  constructor(protected readonly tx: TenantTransaction) {}

  async run(job: JobExecution): Promise<Record<string, unknown>> {
    diary.started.push({ id: job.id, orgId: job.context.orgId, attempt: job.attempt, fencing: job.fencing });
    diary.running += 1;
    diary.peak = Math.max(diary.peak, diary.running);
    try {
      await job.publish('start', 'started', { attempt: job.attempt });
      return await this.#act(job, job.args['does'] as Script);
    } finally {
      diary.running -= 1;
    }
  }

  async onSettled(job: JobExecution, outcome: JobOutcome): Promise<JobSettled | void> {
    if (job.args['does'] === 'settle-fails' && outcome.status === 'succeeded')
      throw new Error('the area cannot store it');
    if (job.args['does'] === 'act-settle-fails-long' && diary.unsettleable.has(job.id))
      throw new Error('nobody can store it');
    if (job.args['does'] === 'act-settle-fails' && outcome.result?.['answer'] === 42)
      throw new Error('only the leader can store it');
    if (job.args['does'] === 'settle-fails-once' && diary.refused.add(job.id))
      throw new Error('the area cannot store it yet');
    await this.tx.manager.query('INSERT INTO scripted_runs (run_id, org_id, status) VALUES ($1, $2, $3)', [
      job.runId,
      job.context.orgId,
      outcome.status,
    ]);
    diary.settled.push({ id: job.id, status: outcome.status });
    return outcome.status === 'succeeded'
      ? { result: { ...outcome.result, run_id: job.runId }, frame: this.#frame(job.args['does'] as Script) }
      : undefined;
  }

  onRequeued(job: { id: string }): Promise<void> {
    diary.requeued.push(job.id);
    return Promise.resolve();
  }

  #frame(script: Script): Record<string, unknown> | undefined {
    if (script === 'extras') return { equity: '1.25', run_id: 'mine', error: 'mine', stage: 'mine', reason: 'mine' };
    return script === 'extras-huge' ? { text: 'x'.repeat(16_384) } : undefined;
  }

  async #act(job: JobExecution, script: Script): Promise<Record<string, unknown>> {
    if (script.startsWith('act-')) {
      await this.tx.run(job.context, () => job.acted(UNKNOWN));
      diary.effects.push(job.id);
      await this.tx.run(job.context, () => job.acted({ status: 'succeeded', result: { answer: 'stored' } }));
      await job.publish('acted', 'it has left the process');
    }
    if (script === 'act-settle-fails-long') diary.unsettleable.add(job.id);
    if (script === 'act-fail') throw new Error('after the effect');
    if (script === 'fail' || (script === 'fail-once' && job.attempt === 1)) throw new Error('a private reason');
    if (script === 'refuse') throw new DomainError(422, 'bad_bar', { detail: 'High is below low.' });
    if (script === 'one-second') await sleep(1_000, undefined, { signal: job.signal });
    if (script === 'huge') return { text: 'x'.repeat(300_000) };
    if (script === 'wait' || script === 'ignore-abort' || script === 'act-wait') {
      // An abort during the publication above has had its event.
      if (script === 'wait') job.signal.throwIfAborted();
      const aborted = new Promise<void>((_resolve, reject) => {
        if (script === 'wait')
          job.signal.addEventListener('abort', () => reject(job.signal.reason as Error), { once: true });
      });
      await Promise.race([diary.hold(job.id), aborted]);
    }
    return { answer: 42 };
  }
}

@JobProcessor({ name: 'scripted.run', queue: 'default', timeoutMs: 60_000 })
@Injectable()
export class ScriptedJob extends ScriptedRunner {
  constructor(tx: TenantTransaction) {
    super(tx);
  }
}

@JobProcessor({ name: 'scripted.deterministic', queue: 'backtest', timeoutMs: 1_000, lostProcessLimit: 4 })
@Injectable()
export class DeterministicJob extends ScriptedRunner {
  constructor(tx: TenantTransaction) {
    super(tx);
  }
}

@JobProcessor({ name: 'scripted.haltable', queue: 'paper', timeoutMs: 60_000, haltable: true })
@Injectable()
export class HaltableJob extends ScriptedRunner {
  constructor(tx: TenantTransaction) {
    super(tx);
  }
}

@JobProcessor({
  name: 'scripted.finish',
  queue: 'training',
  timeoutMs: 60_000,
  lostProcessLimit: 4,
  cancelGraceMs: 0,
  onShutdown: 'finish',
  finishMs: 1_500,
})
@Injectable()
export class FinishingJob extends ScriptedRunner {
  constructor(tx: TenantTransaction) {
    super(tx);
  }
}

export const SCRIPTED = [ScriptedJob, DeterministicJob, HaltableJob, FinishingJob];
