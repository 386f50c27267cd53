import { setTimeout as sleep } from 'node:timers/promises';
import { StorageUnavailableError } from '#platform/storage';
import type { JobExecution } from './job-processor.ts';
import { FIRST_DELAY_MS, nextDelay } from './retry-delays.ts';

/**
 * The work of a job that needs the storage, tried until the storage answers, with one `warning` frame for each outage
 * (data.md 6.11). The work must be repeatable and hold no thread while it is refused. An abort ends the waiting with
 * the refusal; a job whose time is up is then `failed(dependency_unavailable)`.
 */
export async function withStorage<T>(job: JobExecution, work: () => Promise<T>): Promise<T> {
  for (let delay = FIRST_DELAY_MS; ; delay = nextDelay(delay)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StorageUnavailableError) || job.signal.aborted) throw error;
      if (delay === FIRST_DELAY_MS)
        await job.publish('warning', 'The storage does not answer; the job waits for it.', {
          code: 'storage_unavailable',
        });
      await sleep(delay, undefined, { signal: job.signal }).catch(() => {
        throw error;
      });
    }
  }
}
