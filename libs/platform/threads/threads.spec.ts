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
      { organization: null, onMessage: (partial) => heard.push(partial) },
    );
    expect(answer).toEqual({ total: 6, hash: sha256Hex('6') });
    expect(heard).toEqual([1, 3, 6]);
  });

  it('leaves the event loop free while a thread computes', async () => {
    const before = performance.eventLoopUtilization();
    await threads.run(SUM, { numbers: [], spin: 200 }, { organization: null });
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
  });

  it('takes the thread from a task that is aborted, and goes on with the next', async () => {
    const abort = new AbortController();
    const running = threads.run(SUM, { numbers: [], spin: 10_000 }, { organization: null, signal: abort.signal });
    setTimeout(() => abort.abort(), 50);
    await expect(running).rejects.toThrow(/abort/i);
    await expect(threads.run(SUM, { numbers: [2] }, { organization: null })).resolves.toMatchObject({ total: 2 });
  });

  it('lets the short task of another organization by where one has long ones before it', async () => {
    const two = new Threads(loadTopic(JobsConfig, { ALPHASWARM_BACKTEST_WORKERS: '2' }));
    const stop = new AbortController();
    const long = Array.from({ length: 20 }, () =>
      two.run(SUM, { numbers: [], spin: 3_600_000 }, { organization: 'long', signal: stop.signal }),
    );
    const short = two.run(SUM, { numbers: [2] }, { organization: 'short' }).finally(() => stop.abort());
    const ends = await Promise.allSettled([short, ...long]);
    expect(ends[0]).toMatchObject({ status: 'fulfilled', value: { total: 2 } });
    expect(ends.slice(1).map((end) => (end as PromiseRejectedResult).reason as Error)).toEqual(
      Array(20).fill(expect.objectContaining({ name: 'AbortError' })),
    );
    await two.onApplicationShutdown();
  });

  it('gives up waiting when it is told to, and stops with tasks in the line', async () => {
    const two = new Threads(loadTopic(JobsConfig, { ALPHASWARM_BACKTEST_WORKERS: '2' }));
    const cancel = new AbortController();
    const spin = { numbers: [], spin: 3_600_000 };
    const tasks = [1, 2, 3].map((n) =>
      two
        .run(SUM, spin, { organization: 'one', ...(n === 2 ? { whileWaiting: cancel.signal } : {}) })
        .catch((error: unknown) => (error as Error).message),
    );
    cancel.abort(new Error('cancelled'));
    expect(await tasks[1]).toBe('cancelled');
    await two.onApplicationShutdown();
    expect(await tasks[2]).toBe('The threads have been stopped.');
    expect(await tasks[0]).toEqual(expect.stringMatching(/terminat/i));
  });

  it('goes on when a thread dies', async () => {
    const died = threads.run(SUM, { numbers: [], exit: true }, { organization: null });
    await expect(died).rejects.toThrow();
    await expect(threads.run(SUM, { numbers: [3] }, { organization: null })).resolves.toMatchObject({ total: 3 });
  });
});
