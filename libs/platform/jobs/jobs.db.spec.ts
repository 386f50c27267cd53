import { newId } from '#kernel';
import { Jobs } from './jobs.service.ts';
import { JobsBench, type JobsProcess, diary, userContext } from './testing/index.ts';

describe('jobs', () => {
  let bench: JobsBench;
  let process: JobsProcess;
  const ctx = userContext();

  beforeAll(async () => {
    bench = await JobsBench.open();
    process = await bench.process({
      env: {
        ALPHASWARM_JOB_GRACE_MS: '300',
        ALPHASWARM_JOB_LEASE_MS: '3000',
        ALPHASWARM_JOB_HEARTBEAT_MS: '500',
      },
    });
  });

  afterAll(() => bench.close());

  it('ends with area row, job row, terminal frame and audit outcome', async () => {
    const id = await bench.enqueue(process, ctx, 'succeed');
    const row = await bench.until(id, 'succeeded');
    const frames = await bench.frames(process, ctx, id);
    expect(frames.map(({ seq, stage }) => [seq, stage])).toEqual([
      [1, 'queued'],
      [2, 'start'],
      [3, 'done'],
    ]);
    expect(frames[2]).toMatchObject({
      result: { answer: 42, run_id: frames[0]?.['run_id'] },
      context: { org_id: ctx.orgId, project_id: null },
    });
    expect(row).toMatchObject({
      status: 'succeeded',
      attempt: 1,
      fencing: '1',
      result: { answer: 42 },
      error: null,
      progress_seq: '3',
    });
    expect(await bench.count('scripted_runs WHERE run_id = $1', [frames[0]?.['run_id']])).toBe(1);
    expect(
      await bench.count("workload_runs WHERE target_id = $1 AND action = 'scripted.run' AND status = 'succeeded'", [
        id,
      ]),
    ).toBe(1);
    // The queue hears of the end after the job does.
    for (
      let look = 0;
      look < 200 && (await bench.count('graphile_worker._private_jobs WHERE key = $1', [id])) > 0;
      look++
    )
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await bench.count('graphile_worker._private_jobs WHERE key = $1', [id])).toBe(0);
  });

  it('leaves nothing of a job when the transaction that queued it rolls back', async () => {
    let id = '';
    await expect(
      bench.inTransaction(process, ctx, async () => {
        id = await bench.enqueue(process, ctx, 'succeed');
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await bench.count('jobs WHERE id = $1', [id])).toBe(0);
    expect(await bench.count('progress_streams WHERE task_id = $1', [id])).toBe(0);
    expect(await bench.count('graphile_worker._private_jobs WHERE key = $1', [id])).toBe(0);
  });

  it('fails a refused job at once, with its code', async () => {
    const id = await bench.enqueue(process, ctx, 'refuse');
    expect(await bench.until(id, 'failed')).toMatchObject({
      attempt: 1,
      error: { code: 'bad_bar', message: 'High is below low.', retryable: false },
    });
    expect((await bench.frames(process, ctx, id)).at(-1)).toMatchObject({
      stage: 'error',
      error: { code: 'bad_bar', retryable: false },
    });
  });

  it('tries again after e seconds, says so, and hides the private reason', async () => {
    const id = await bench.enqueue(process, ctx, 'fail-once');
    await bench.until(id, 'succeeded');
    const frames = await bench.frames(process, ctx, id);
    expect(frames.map(({ stage }) => stage)).toEqual(['queued', 'start', 'retry', 'start', 'done']);
    expect(frames[2]).toMatchObject({
      attempt: 1,
      delay_seconds: 2.718,
      error: { code: 'internal_error', retryable: true },
    });
    expect(Number(frames[3]?.['timestamp']) - Number(frames[2]?.['timestamp'])).toBeGreaterThan(2.6);
    expect(JSON.stringify(frames)).not.toContain('private reason');
    expect(await bench.count("workload_runs WHERE target_id = $1 AND status = 'failed'", [id])).toBe(1);
    expect(diary.requeued).toContain(id);
  });

  it('is dead after its last attempt', async () => {
    const id = await bench.enqueue(process, ctx, 'fail', 'scripted.run', 'default', 1);
    expect(await bench.until(id, 'dead')).toMatchObject({
      attempt: 1,
      error: { code: 'internal_error', retryable: false },
    });
    expect(await bench.stages(process, ctx, id)).toEqual(['queued', 'start', 'error']);
  });

  it('fails a job whose area refuses the result, and whose result is too large', async () => {
    const refused = await bench.enqueue(process, ctx, 'settle-fails', 'scripted.run', 'default', 1);
    const huge = await bench.enqueue(process, ctx, 'huge', 'scripted.run', 'default', 1);
    expect(await bench.until(refused, 'dead')).toMatchObject({ error: { code: 'internal_error' } });
    const row = await bench.until(huge, 'dead', 'failed', 'succeeded');
    // The hook answers with the whole result, so the settlement refuses it.
    expect(row).toMatchObject({ status: 'failed', error: { code: 'job_result_too_large' } });
    for (const id of [refused, huge]) expect((await bench.stages(process, ctx, id)).at(-1)).toBe('error');
  });

  it('cancels a running job cooperatively', async () => {
    const id = await bench.enqueue(process, ctx, 'wait');
    await bench.started(process, ctx, id);
    expect(await process.get(Jobs).cancel(ctx, id)).toEqual({ ended: false });
    expect(await bench.until(id, 'cancelled')).toMatchObject({ error: null });
    const frames = await bench.frames(process, ctx, id);
    expect(frames.slice(-2).map(({ stage }) => stage)).toEqual(['cancelling', 'cancelled']);
    expect(frames.at(-1)).toMatchObject({ reason: 'requested' });
    expect(await process.get(Jobs).cancel(ctx, id)).toEqual({ ended: true });
  });

  it('says once that it was asked to stop, however often it is', async () => {
    const id = await bench.enqueue(process, ctx, 'ignore-abort');
    await bench.started(process, ctx, id);
    const asked = await Promise.all(Array.from({ length: 6 }, () => process.get(Jobs).cancel(ctx, id)));
    expect(asked).toEqual(Array(6).fill({ ended: false }));
    await bench.until(id, 'cancelled');
    diary.release(id);
    expect((await bench.stages(process, ctx, id)).filter((stage) => stage === 'cancelling')).toHaveLength(1);
  });

  it('takes a job away from a processor that does not hear the cancel', async () => {
    const id = await bench.enqueue(process, ctx, 'ignore-abort');
    await bench.until(id, 'running');
    await process.get(Jobs).cancel(ctx, id);
    await bench.until(id, 'cancelled');
    diary.release(id);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await bench.row(id)).status).toBe('cancelled');
    expect(
      (await bench.stages(process, ctx, id)).filter((stage) => ['done', 'cancelled', 'error'].includes(String(stage))),
    ).toEqual(['cancelled']);
  });

  it('fails a job that takes too long', async () => {
    const id = await bench.enqueue(process, ctx, 'wait', 'scripted.deterministic', 'backtest');
    expect(await bench.until(id, 'failed')).toMatchObject({ error: { code: 'timeout', retryable: false } });
  });

  it('retries a failed job as a new one with the old one beside it', async () => {
    const id = await bench.enqueue(process, ctx, 'refuse');
    await bench.until(id, 'failed');
    const task = await process.get(Jobs).retry(ctx, id);
    expect(task.task_id).not.toBe(id);
    await bench.until(task.task_id, 'failed');
    expect(await bench.count('jobs WHERE id = $1 AND retry_of = $2', [task.task_id, id])).toBe(1);
    await expect(process.get(Jobs).retry(ctx, id)).rejects.toMatchObject({ status: 409, code: 'not_retryable' });
    expect(await bench.stages(process, ctx, id)).toEqual(['queued', 'start', 'error']);
    const done = await bench.enqueue(process, ctx, 'succeed');
    await bench.until(done, 'succeeded');
    await expect(process.get(Jobs).retry(ctx, done)).rejects.toMatchObject({ status: 409, code: 'not_retryable' });
  });

  it('shows another organization no job', async () => {
    const id = await bench.enqueue(process, ctx, 'wait');
    await bench.until(id, 'running');
    await expect(process.get(Jobs).cancel(userContext(), id)).rejects.toMatchObject({ status: 404 });
    await expect(process.get(Jobs).retry(userContext(), id)).rejects.toMatchObject({ status: 404 });
    while ((await bench.row(id)).status === 'running') diary.release(id);
    await bench.until(id, 'succeeded');
  });

  it('answers with the open job of the same key', async () => {
    const job = { queue: 'default' as const, name: 'scripted.run', args: { does: 'wait' }, dedupeKey: 'nightly' };
    const first = await process.get(Jobs).enqueue(ctx, { ...job, runId: newId() });
    const second = await process.get(Jobs).enqueue(ctx, { ...job, runId: newId() });
    const foreign = await process.get(Jobs).enqueue(userContext(), { ...job, runId: newId() });
    expect(second).toEqual(first);
    expect(foreign.task_id).not.toBe(first.task_id);
    await Promise.all(
      [first, foreign].map(async ({ task_id: id }) => {
        await bench.until(id, 'running');
        while ((await bench.row(id)).status === 'running') {
          diary.release(id);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      }),
    );
    expect(
      (await process.get(Jobs).enqueue(ctx, { ...job, args: { does: 'succeed' }, runId: newId() })).task_id,
    ).not.toBe(first.task_id);
  });

  it('refuses arguments that are too large', async () => {
    await expect(
      process
        .get(Jobs)
        .enqueue(ctx, { queue: 'default', name: 'scripted.run', runId: newId(), args: { text: 'x'.repeat(65_536) } }),
    ).rejects.toMatchObject({ status: 422, code: 'job_args_too_large' });
  });

  it('ends cancelled what may not start while a halt is engaged, and waits while nobody knows', async () => {
    process.halt.verdict = 'engaged';
    const halted = await bench.enqueue(process, ctx, 'succeed', 'scripted.haltable', 'paper');
    const research = await bench.enqueue(process, ctx, 'succeed');
    expect(await bench.until(halted, 'cancelled')).toMatchObject({ error: { code: 'kill_switch_engaged' } });
    expect((await bench.frames(process, ctx, halted)).at(-1)).toMatchObject({
      stage: 'cancelled',
      halted: true,
      reason: 'halted',
    });
    await bench.until(research, 'succeeded');
    process.halt.verdict = 'unknown';
    const unknown = await bench.enqueue(process, ctx, 'succeed', 'scripted.haltable', 'paper');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await bench.row(unknown)).toMatchObject({ status: 'queued', attempt: 0 });
    process.halt.verdict = 'clear';
  });
});
