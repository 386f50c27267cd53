import { JobMetrics } from './job-metrics.ts';
import { Jobs } from './jobs.service.ts';
import { JobsBench, type JobsProcess, diary, userContext } from './testing/index.ts';

const FAST = {
  ALPHASWARM_JOB_SHUTDOWN_MS: '50',
  ALPHASWARM_JOB_LEASE_MS: '1500',
  ALPHASWARM_JOB_HEARTBEAT_MS: '300',
  ALPHASWARM_JOB_LEADER_MS: '200',
};

describe('jobs that acted, that finish, and what they say at the end', () => {
  let bench: JobsBench;
  let process: JobsProcess;
  const ctx = userContext();

  beforeAll(async () => {
    bench = await JobsBench.open();
    process = await bench.process({ env: FAST });
  });

  afterAll(() => bench.close());

  const effects = (id: string): number => diary.effects.filter((effect) => effect === id).length;
  const attempts = (id: string): number => diary.started.filter((attempt) => attempt.id === id).length;

  it('tries a settlement again, with the same attempt', async () => {
    const id = await bench.enqueue(process, ctx, 'settle-fails-once');
    expect(await bench.until(id, 'succeeded', 'failed', 'dead')).toMatchObject({ status: 'succeeded', attempt: 1 });
    expect(await bench.stages(process, ctx, id)).toEqual(['queued', 'start', 'done']);
  });

  it('ends a job that failed after its effect with the outcome it stored', async () => {
    const id = await bench.enqueue(process, ctx, 'act-fail');
    expect(await bench.until(id, 'succeeded', 'failed', 'dead')).toMatchObject({
      status: 'succeeded',
      attempt: 1,
      result: { answer: 'stored' },
    });
    expect([effects(id), attempts(id)]).toEqual([1, 1]);
  });

  it('ends a cancelled job that acted with the outcome it stored', async () => {
    const id = await bench.enqueue(process, ctx, 'act-wait', 'scripted.finish', 'training');
    await bench.said(process, ctx, id, 'acted');
    await process.get(Jobs).cancel(ctx, id);
    expect(await bench.until(id, 'succeeded', 'cancelled')).toMatchObject({ result: { answer: 'stored' } });
    diary.release(id);
  });

  it('leaves a job that acted and cannot be settled to the leader, who does not run it again', async () => {
    const id = await bench.enqueue(process, ctx, 'act-settle-fails');
    expect(await bench.until(id, 'succeeded', 'failed', 'dead')).toMatchObject({
      status: 'succeeded',
      attempt: 1,
      lost: 0,
      result: { answer: 'stored' },
    });
    expect([effects(id), attempts(id)]).toEqual([1, 1]);
    const frames = await bench.frames(process, ctx, id);
    expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, i) => i + 1));
    expect(frames.filter(({ stage }) => stage === 'done')).toHaveLength(1);
  });

  it('tries a settlement that always fails after pauses up to an hour, with no audit run for each', async () => {
    const metrics = process.get(JobMetrics);
    let counted = 0;
    metrics.unsettled = () => void (counted += 1);
    const id = await bench.enqueue(process, ctx, 'act-settle-fails-long');
    const { owner } = bench.database;
    /** Seconds from the failed try to the next, which is then due at once, as if as many had been before. */
    const pauseAfter = async (failed: number, before: number): Promise<number> => {
      for (let i = 0; i < 1_000 && counted < failed; i++) await new Promise((resolve) => setTimeout(resolve, 10));
      expect(counted).toBe(failed);
      const { rows } = await owner.query<{ pause: number }>(
        'SELECT extract(epoch FROM lease_until - clock_timestamp())::float8 AS pause FROM jobs WHERE id = $1',
        [id],
      );
      await owner.query('UPDATE jobs SET settle_tries = $2, lease_until = clock_timestamp() WHERE id = $1', [
        id,
        before,
      ]);
      return rows[0]!.pause;
    };
    const runs = (): Promise<number> => bench.count('workload_runs WHERE target_id = $1', [id]);

    for (const [failed, before, pause] of [
      [1, 1, 1.5],
      [2, 2, 3],
      [3, 1_000, 6],
      [4, 1_000, 3_600],
    ] as const) {
      const found = await pauseAfter(failed, before);
      expect(found).toBeGreaterThan(pause - 1);
      expect(found).toBeLessThanOrEqual(pause);
    }
    expect(await runs()).toBe(1);
    expect(await bench.row(id)).toMatchObject({ status: 'running', attempt: 1, result: null });

    diary.unsettleable.delete(id);
    await owner.query('UPDATE jobs SET lease_until = clock_timestamp() WHERE id = $1', [id]);
    expect(await bench.until(id, 'succeeded')).toMatchObject({ attempt: 1, result: { answer: 'stored' } });
    expect(await runs()).toBe(2);
    Reflect.deleteProperty(metrics, 'unsettled');
  });

  it('gives a job that acted not back when its process stops', async () => {
    const queuing = await bench.process({ env: { ALPHASWARM_JOBS_EXECUTE: 'false' } });
    await bench.stop(process);
    process = await bench.process({ env: FAST });
    const id = await bench.enqueue(queuing, ctx, 'act-wait');
    await bench.said(queuing, ctx, id, 'acted');
    await bench.stop(process);
    expect(await bench.row(id)).toMatchObject({ status: 'succeeded', attempt: 1, result: { answer: 'stored' } });
    expect([effects(id), attempts(id)]).toEqual([1, 1]);
    process = await bench.process({ env: FAST });
    await bench.stop(queuing);
  });

  it('lets a finishing job end after the time of the others', async () => {
    const id = await bench.enqueue(process, ctx, 'wait', 'scripted.finish', 'training');
    await bench.started(process, ctx, id);
    const lookMeanwhile = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(await bench.row(id)).toMatchObject({ status: 'running' });
      diary.release(id);
    };
    await Promise.all([bench.stop(process), lookMeanwhile()]);
    expect(await bench.row(id)).toMatchObject({ status: 'succeeded', attempt: 1, lost: 0 });
    process = await bench.process({ env: FAST });
  });

  it('takes a job that does not finish in its time for the job of a lost process', async () => {
    const id = await bench.enqueue(process, ctx, 'wait', 'scripted.finish', 'training');
    await bench.started(process, ctx, id);
    await bench.stop(process);
    expect(await bench.row(id)).toMatchObject({ status: 'running', lost: 0 });
    process = await bench.process({ env: FAST });
    for (let i = 0; i < 1_000 && (await bench.row(id)).status !== 'succeeded'; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      if (attempts(id) === 2) diary.release(id);
    }
    expect(await bench.until(id, 'succeeded')).toMatchObject({ attempt: 1, lost: 1, fencing: '2' });
  });

  it('adds what the area says to the terminal frame, under the names of the platform, up to 16 KiB', async () => {
    const id = await bench.enqueue(process, ctx, 'extras');
    const row = await bench.until(id, 'succeeded');
    const done = (await bench.frames(process, ctx, id)).at(-1);
    expect(done).toMatchObject({ stage: 'done', equity: '1.25', run_id: row.result?.['run_id'], result: row.result });
    expect(Object.keys(done ?? {})).not.toEqual(expect.arrayContaining(['reason']));
    expect(done).not.toHaveProperty('error');

    const huge = await bench.enqueue(process, ctx, 'extras-huge');
    await bench.until(huge, 'succeeded');
    expect((await bench.frames(process, ctx, huge)).at(-1)).not.toHaveProperty('text');
  });

  it('counts slots by queue: none of one, one of an organization in another', async () => {
    const other = await JobsBench.open();
    const limited = await other.process({
      env: { ...FAST, ALPHASWARM_JOB_QUEUE_SLOTS_PAPER: '0', ALPHASWARM_JOB_ORG_SLOTS_BACKTEST: '1' },
    });
    const paper = await other.enqueue(limited, ctx, 'succeed', 'scripted.haltable', 'paper');
    const ids = await Promise.all(
      [1, 2, 3].map(() => other.enqueue(limited, ctx, 'succeed', 'scripted.deterministic', 'backtest')),
    );
    const free = await Promise.all([1, 2, 3].map(() => other.enqueue(limited, ctx, 'wait')));
    for (const id of free) await other.started(limited, ctx, id);
    for (const id of ids) await other.until(id, 'succeeded');
    expect(await other.row(paper)).toMatchObject({ status: 'queued', attempt: 0 });
    const { rows } = await other.database.owner.query<{ overlaps: number }>(
      `SELECT count(*)::int AS overlaps FROM jobs a JOIN jobs b ON a.id < b.id AND a.queue = 'backtest' AND b.queue =
       'backtest' AND a.started_at < b.ended_at AND b.started_at < a.ended_at`,
    );
    expect(rows[0]?.overlaps).toBe(0);
    free.forEach((id) => diary.release(id));
    await other.close();
  });
});
