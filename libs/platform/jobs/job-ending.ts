import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { Clock, DomainError, UnavailableError } from '#kernel';
import { WorkloadRuntime, type WorkloadRun } from '#platform/audit';
import { type JobError, type JobOutcome, jobErrorOf, outcomeOfFailure } from './job.ts';
import type { Ending } from './job-attempt.ts';
import type { JobProcessorOptions } from './job-processor.ts';
import { type JobRun, StaleAttemptError } from './job-run.ts';
import { JobSettlement } from './job-settlement.ts';
import { QueueRepository } from './queue.repository.ts';
import { FIRST_DELAY_MS, nextDelay } from './retry-delays.ts';

type Decision = { settle: JobOutcome } | { retry: JobError } | 'give up';

/** What becomes of an attempt that has ended: settled, tried again, returned, or left to the leader. */
@Injectable()
export class JobEnding {
  readonly #logger = new Logger('jobs');

  constructor(
    private readonly clock: Clock,
    private readonly queue: QueueRepository,
    private readonly settlement: JobSettlement,
    private readonly workloads: WorkloadRuntime,
  ) {}

  /**
   * A settlement that fails is tried again until the lease ends, which is not renewed meanwhile. Then a job that acted
   * waits for the leader, and another one's attempt has failed after all.
   */
  async end(run: JobRun, ending: Ending, workload: WorkloadRun, options: JobProcessorOptions): Promise<void> {
    for (let delay = FIRST_DELAY_MS; ; delay = nextDelay(delay)) {
      try {
        return await this.#once(run, ending, workload, options);
      } catch (error) {
        if (error instanceof StaleAttemptError) return this.#recordStale(run, workload);
        if (isFinal(error) || run.abortedBy === 'shutdown' || this.clock.now() + delay >= run.leaseEnds)
          return this.#unsettled(run, error, workload, options);
        run.settling = true;
        this.#logger.warn({ msg: 'job not settled yet', job_id: run.id, name: run.job.name, err: error });
        await sleep(delay);
      }
    }
  }

  async #once(run: JobRun, ending: Ending, workload: WorkloadRun, options: JobProcessorOptions): Promise<void> {
    if (run.abortedBy === 'lease_lost') throw new StaleAttemptError();
    const decision = await this.#decide(run, ending);
    if (decision === 'give up') return this.#giveUp(run, workload, options);
    if ('retry' in decision) return this.settlement.retryLater(run, decision.retry, workload);
    return this.settlement.settle(run, decision.settle, () => workload);
  }

  async #decide(run: JobRun, ending: Ending): Promise<Decision> {
    if (ending !== 'abandoned' && 'outcome' in ending) return { settle: ending.outcome };
    // What has left the process cannot be cancelled, timed out or tried again: what is known of it counts.
    const stored = await this.queue.actedOutcome(run);
    if (stored) return { settle: stored };
    if (run.abortedBy === 'cancelled') return { settle: { status: 'cancelled', reason: 'requested' } };
    if (run.abortedBy === 'shutdown') return 'give up';
    if (run.abortedBy === 'timeout') {
      // It spent its time waiting for another service.
      if (ending !== 'abandoned' && ending.error instanceof UnavailableError)
        return { settle: { status: 'failed', error: jobErrorOf(ending.error) } };
      const message = 'The job took longer than it may.';
      return { settle: { status: 'failed', error: { code: 'timeout', message, retryable: false } } };
    }
    return this.#failed(run, ending === 'abandoned' ? undefined : ending.error);
  }

  #failed(run: JobRun, thrown: unknown): Decision {
    const { id, attempt, job } = run;
    const error = jobErrorOf(thrown);
    if (error.retryable)
      this.#logger.warn({ msg: 'job attempt failed', job_id: id, name: job.name, attempt, err: thrown });
    const outcome = outcomeOfFailure(job, error);
    if (!outcome) return { retry: error };
    if (outcome.status === 'dead')
      this.#logger.error({ msg: 'job is dead', job_id: id, name: job.name, attempts: attempt, err: thrown });
    return { settle: outcome };
  }

  async #unsettled(run: JobRun, cause: unknown, workload: WorkloadRun, options: JobProcessorOptions): Promise<void> {
    const acted = (await this.queue.actedOutcome(run)) !== undefined;
    const msg = acted ? 'job that acted not settled; the leader settles it' : 'job not settled';
    this.#logger.error({ msg, job_id: run.id, name: run.job.name, err: cause });
    if (acted) return this.workloads.finish(workload, { status: 'failed', errorCode: 'not_settled' });
    try {
      await this.#once(run, { error: cause }, workload, options);
    } catch (error) {
      if (error instanceof StaleAttemptError) return this.#recordStale(run, workload);
      throw error;
    }
  }

  async #giveUp(run: JobRun, workload: WorkloadRun, { name, onShutdown }: JobProcessorOptions): Promise<void> {
    await run.published();
    if (onShutdown === 'finish') {
      // It may still be at work until the process ends: only the end of its lease says that nobody is.
      this.#logger.error({ msg: 'job did not finish before its process; its lease will lapse', job_id: run.id, name });
      return this.workloads.finish(workload, { status: 'failed', errorCode: 'worker_lost' });
    }
    await this.queue.release(run, 0);
    await this.workloads.finish(workload, { status: 'cancelled', errorCode: 'shutting_down' });
  }

  async #recordStale(run: JobRun, workload: WorkloadRun): Promise<void> {
    this.#logger.warn({ msg: 'result of a replaced attempt refused', job_id: run.id, attempt: run.attempt });
    await this.workloads.finish(workload, { status: 'failed', errorCode: 'stale_attempt' });
  }
}

/** A refusal of ours is the same at the next try. */
function isFinal(error: unknown): boolean {
  return error instanceof DomainError && error.status < 500;
}
