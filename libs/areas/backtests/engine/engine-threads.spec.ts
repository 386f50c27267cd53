import { jest } from '@jest/globals';
import type { ThreadOptions, Threads } from '#platform/threads';
import type { EngineTask, PackedInput } from './engine-thread.ts';
import { EngineThreads } from './engine-threads.ts';

/** Tasks that end when their thread is taken away, and only then. */
class StuckThreads {
  tasks: EngineTask[] = [];

  run(_worker: URL, task: EngineTask, { signal }: ThreadOptions<unknown>): Promise<never> {
    this.tasks.push(task);
    return new Promise((_, reject) =>
      signal?.addEventListener('abort', () => reject(new Error('the thread was taken away'))),
    );
  }
}

describe('an abort', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('asks a run to stop, and takes its thread away when it does not', async () => {
    const stuck = new StuckThreads();
    const abort = new AbortController();
    let ended = false;
    const run = new EngineThreads(stuck as unknown as Threads).run(
      null,
      {} as PackedInput,
      abort.signal,
      () => undefined,
    );
    const taken = run.finally(() => (ended = true)).catch((error: unknown) => error);
    abort.abort();
    await jest.advanceTimersByTimeAsync(2_900);
    expect(stuck.tasks).toMatchObject([{ kind: 'run', cancel: new Int32Array([1]) }]);
    expect(ended).toBe(false);
    await jest.advanceTimersByTimeAsync(200);
    expect(await taken).toMatchObject({ message: expect.stringContaining('taken away') });
  });

  it('takes the thread of a replay away at once', async () => {
    const abort = new AbortController();
    const replay = new EngineThreads(new StuckThreads() as unknown as Threads).replay(
      null,
      new Uint8Array(),
      abort.signal,
    );
    const taken = expect(replay).rejects.toThrow('taken away');
    abort.abort();
    await taken;
  });
});
