import { StorageUnavailableError } from '#platform/storage';
import type { JobExecution } from './job-processor.ts';
import { withStorage } from './storage-outage.ts';

/** A job that notes its frames. */
function scripted(): { job: JobExecution; frames: unknown[]; abort: AbortController } {
  const frames: unknown[] = [];
  const abort = new AbortController();
  const job = {
    signal: abort.signal,
    publish: async (stage: string, _message: string, extras?: Record<string, unknown>) => {
      frames.push([stage, extras?.['code']]);
    },
  } as unknown as JobExecution;
  return { job, frames, abort };
}

const away = (): StorageUnavailableError => new StorageUnavailableError(new Error('ECONNREFUSED'));

describe('withStorage', () => {
  it('tries until the storage answers, with one frame for the outage', async () => {
    const { job, frames } = scripted();
    let tries = 0;
    const work = async (): Promise<string> => {
      if (++tries < 4) throw away();
      return 'stored';
    };
    expect(await withStorage(job, work)).toBe('stored');
    expect([tries, frames]).toEqual([4, [['warning', 'storage_unavailable']]]);
  });

  it('does not try again what failed for another reason', async () => {
    const { job, frames } = scripted();
    await expect(withStorage(job, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(frames).toEqual([]);
  });

  it('ends with the refusal when the job is aborted while it waits', async () => {
    const { job, abort } = scripted();
    const refused = withStorage(job, async () => {
      setImmediate(() => abort.abort());
      throw away();
    });
    await expect(refused).rejects.toMatchObject({ code: 'dependency_unavailable', status: 503 });
  });
});
