import { sha256Hex } from '#kernel';
import { JobsConfig, loadTopic } from '#platform/config';
import { Threads } from './threads.ts';

const SUM = new URL('./testing/sum.worker.ts', import.meta.url);

describe('Threads', () => {
  const threads = new Threads(loadTopic(JobsConfig, { ALPHASWARM_BACKTEST_WORKERS: '1' }));

  afterAll(() => threads.onApplicationShutdown());

  it('runs a module in a thread that resolves our own imports, and hears its messages in order', async () => {
    const heard: number[] = [];
    const answer = await threads.run<{ total: number; hash: string }, number>(
      SUM,
      { numbers: [1, 2, 3] },
      { onMessage: (partial) => heard.push(partial) },
    );
    expect(answer).toEqual({ total: 6, hash: sha256Hex('6') });
    expect(heard).toEqual([1, 3, 6]);
  });

  it('leaves the event loop free while a thread computes', async () => {
    const before = performance.eventLoopUtilization();
    await threads.run(SUM, { numbers: [], spin: 200 });
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
  });

  it('takes the thread from a task that is aborted, and goes on with the next', async () => {
    const abort = new AbortController();
    const running = threads.run(SUM, { numbers: [], spin: 10_000 }, { signal: abort.signal });
    setTimeout(() => abort.abort(), 50);
    await expect(running).rejects.toThrow(/abort/i);
    await expect(threads.run(SUM, { numbers: [2] })).resolves.toMatchObject({ total: 2 });
  });
});
