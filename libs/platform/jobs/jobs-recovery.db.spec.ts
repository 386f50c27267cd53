import { jest } from '@jest/globals';
import { Progress, isTerminalStage } from '#platform/progress';
import { Chores } from './chores.ts';
import { JobExecutor } from './job-executor.ts';
import { QueueRepository } from './queue.repository.ts';
import { JobsBench, type JobsProcess, diary, newDataDir, userContext } from './testing/index.ts';

const FAST = {
  ALPHASWARM_JOB_SHUTDOWN_MS: '100',
  ALPHASWARM_JOB_LEASE_MS: '1000',
  ALPHASWARM_JOB_HEARTBEAT_MS: '200',
  ALPHASWARM_JOB_LEADER_MS: '200',
};

async function eventually(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let i = 0; i < 1_000; i++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`never: ${what}`);
}

describe('jobs of lost processes', () => {
  let bench: JobsBench;
  const ctx = userContext();

  beforeAll(async () => {
    bench = await JobsBench.open();
  });

  afterAll(() => bench.close());

  /** As kill -9 leaves it: the lease stands, the item is locked, nobody works. */
  async function killed(holder: string, id: string): Promise<void> {
    await bench.database.owner.query(
      `UPDATE jobs SET status = 'running', attempt = attempt + 1, fencing = fencing + 1, lease_owner = $2,
      lease_until = now() + interval '60 s' WHERE id = $1`,
      [id, holder],
    );
    await bench.database.owner.query(
      'UPDATE graphile_worker._private_jobs SET locked_by = $2, locked_at = now() WHERE key = $1',
      [id, holder],
    );
  }

  it('queues the jobs of its previous life at boot, at once, and goes on with the stream', async () => {
    const dataDir = newDataDir();
    const queuing = await bench.process({ env: { ALPHASWARM_JOBS_EXECUTE: 'false' } });
    const [running, taken] = [
      await bench.enqueue(queuing, ctx, 'succeed', 'scripted.deterministic', 'backtest'),
      await bench.enqueue(queuing, ctx, 'succeed'),
    ];
    const first = await bench.process({ dataDir, processors: [] });
    await bench.stop(first);
    const { readFileSync, writeFileSync } = await import('node:fs');
    writeFileSync(`${dataDir}/service-id`, 'service-under-test', { flag: 'w' });
    expect(readFileSync(`${dataDir}/service-id`, 'utf8')).toBe('service-under-test');
    await killed('service-under-test/0', running);
    await bench.database.owner.query(
      'UPDATE graphile_worker._private_jobs SET locked_by = $2, locked_at = now() WHERE key = $1',
      [taken, 'service-under-test/0'],
    );
    await queuing.get(Progress).publish(running, ctx.orgId, { stage: 'start', message: 'of the first life' }, 1);
    const started = performance.now();
    const second = await bench.process({ dataDir });
    expect(await bench.until(running, 'succeeded')).toMatchObject({ attempt: 1, lost: 1, fencing: '2' });
    await bench.until(taken, 'succeeded');
    expect(performance.now() - started).toBeLessThan(10_000);
    const frames = await bench.frames(second, ctx, running);
    expect(frames.map(({ seq, stage }) => [seq, stage])).toEqual([
      [1, 'queued'],
      [2, 'start'],
      [3, 'start'],
      [4, 'done'],
    ]);
    await bench.stop(second);
    await bench.stop(queuing);
  });

  it('does its chores: what counts no longer goes, and one that fails or is slow holds up no other', async () => {
    const { owner } = bench.database;
    for (const age of ['25 hours', '23 hours']) {
      await owner.query(
        `INSERT INTO idempotency_keys (org_id, principal, key, claim_id, fingerprint, claimed_at)
         VALUES ($1, 'user:x', $2::text, gen_random_uuid(), repeat('a', 64), now() - $2::text::interval)`,
        [ctx.orgId, age],
      );
    }
    for (const end of ['-1 hour', '1 hour']) {
      await owner.query(
        `INSERT INTO token_revocations (id, kind, key_hash, not_before, expires_at) VALUES (gen_random_uuid(),
        'token', sha256($1::text::bytea), now(), now() + $1::text::interval)`,
        [end],
      );
    }
    const process = await bench.process({ env: FAST });
    let done = 0;
    let finish = (): void => undefined;
    // Begun anew before the process stops, it is over at once.
    const finished = new Promise<void>((resolve) => (finish = resolve));
    process
      .get(Chores)
      .add(
        { name: 'slow', everyMs: 1, run: () => finished },
        { name: 'hopeless', everyMs: 3_600_000, run: () => Promise.reject(new Error('no')) },
        { name: 'counted', everyMs: 3_600_000, run: () => Promise.resolve(done++) },
      );
    await eventually(() => done > 0, 'the chore after the one that fails');
    await eventually(
      async () =>
        (await owner.query('SELECT 1 FROM idempotency_keys UNION ALL SELECT 1 FROM token_revocations')).rowCount === 2,
      'the purges',
    );
    expect((await owner.query('SELECT key FROM idempotency_keys')).rows).toEqual([{ key: '23 hours' }]);
    expect((await owner.query('SELECT expires_at > now() AS counts FROM token_revocations')).rows).toEqual([
      { counts: true },
    ]);
    expect(done).toBe(1);
    finish();
    await bench.stop(process);
  });

  it('gives processes that share a data directory different names', async () => {
    const dataDir = newDataDir();
    const processes = [await bench.process({ dataDir }), await bench.process({ dataDir })];
    const { rows } = await bench.database.owner.query<{ holder: string }>('SELECT DISTINCT holder FROM job_consumers');
    expect(rows.map(({ holder }) => holder.split('/')[1]).sort()).toEqual(['0', '1']);
    for (const process of processes) await bench.stop(process);
    expect(await bench.count('job_consumers')).toBe(0);
  });

  it('takes a job from a process whose lease lapsed, and refuses what that one still says', async () => {
    const slow = await bench.process({ env: FAST });
    const id = await bench.enqueue(slow, ctx, 'ignore-abort');
    await bench.until(id, 'running');
    // The first process stands still: its heartbeat reaches the database no more.
    const heartbeat = jest
      .spyOn(slow.get(QueueRepository), 'heartbeat')
      .mockImplementation((_holder, held) => Promise.resolve(new Set(held.map((job) => job.id))));
    const queue = slow.get(QueueRepository);
    jest.spyOn(queue, 'claim').mockImplementation((target) => queue.putBack(target).then(() => undefined));
    const other = await bench.process({ env: FAST });
    await eventually(async () => (await bench.row(id)).attempt === 2, 'a second attempt');
    expect(await bench.row(id)).toMatchObject({ status: 'running', lost: 1, fencing: '2' });
    const [mine] = slow.get(JobExecutor).running;
    expect(mine?.fencing).toBe(1);
    await eventually(
      () =>
        other.get(JobExecutor).running.some(({ fencing }) => fencing === 2) &&
        diary.started.some((start) => start.id === id && start.fencing === 2),
      'the second attempt runs',
    );
    await mine?.publish('progress', 'from the dead');
    // Lets both attempts end: the first one's `done` must not count.
    await eventually(async () => {
      diary.release(id);
      return (await bench.row(id)).status === 'succeeded';
    }, 'the second attempt ends');
    expect(await bench.row(id)).toMatchObject({ attempt: 2, fencing: '2' });
    await eventually(() => slow.get(JobExecutor).running.length === 0, 'the first attempt ends');
    const frames = await bench.frames(other, ctx, id);
    expect(frames.filter(({ stage }) => isTerminalStage(String(stage)))).toHaveLength(1);
    expect(frames.map(({ message }) => message)).not.toContain('from the dead');
    expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, i) => i + 1));
    expect(await bench.count('scripted_runs s JOIN jobs j USING (run_id) WHERE j.id = $1', [id])).toBe(1);
    heartbeat.mockRestore();
    await bench.stop(slow);
    await bench.stop(other);
  });

  it('gives a deterministic job up after its limit of losses, another one after three', async () => {
    const queuing = await bench.process({ env: { ALPHASWARM_JOBS_EXECUTE: 'false' } });
    const deterministic = (): Promise<string> =>
      bench.enqueue(queuing, ctx, 'succeed', 'scripted.deterministic', 'backtest');
    const [once, often, other] = [
      await deterministic(),
      await deterministic(),
      await bench.enqueue(queuing, ctx, 'succeed'),
    ];
    await bench.database.owner.query('UPDATE jobs SET lost = 3 WHERE id = ANY ($1)', [[once, other]]);
    await bench.database.owner.query('UPDATE jobs SET lost = 4 WHERE id = $1', [often]);
    const process = await bench.process();
    expect(await bench.until(other, 'dead')).toMatchObject({ error: { code: 'worker_lost' } });
    expect(await bench.until(often, 'failed')).toMatchObject({ error: { code: 'worker_lost', retryable: false } });
    expect(await bench.stages(queuing, ctx, often)).toEqual(['queued', 'error']);
    await bench.until(once, 'succeeded');
    await bench.stop(process);
    await bench.stop(queuing);
  });

  it('returns running jobs to the queue when it stops, without counting the attempt', async () => {
    const stopping = await bench.process({ env: { ALPHASWARM_JOB_SHUTDOWN_MS: '50' } });
    const id = await bench.enqueue(stopping, ctx, 'wait');
    await bench.started(stopping, ctx, id);
    await bench.stop(stopping);
    expect(await bench.row(id)).toMatchObject({ status: 'queued', attempt: 0, lost: 0 });
    const next = await bench.process();
    await eventually(async () => {
      diary.release(id);
      return (await bench.row(id)).status === 'succeeded';
    }, 'the next process ends it');
    expect(await bench.row(id)).toMatchObject({ attempt: 1 });
    expect(await bench.stages(next, ctx, id)).toEqual(['queued', 'start', 'start', 'done']);
    await bench.stop(next);
  });
});

describe('shares of organizations', () => {
  let bench: JobsBench;
  let process: JobsProcess;

  beforeAll(async () => {
    bench = await JobsBench.open();
    process = await bench.process({ env: { ALPHASWARM_JOB_QUEUE_SLOTS: '4', ALPHASWARM_JOB_ORG_SLOTS: '3' } });
  });

  afterAll(() => bench.close());

  const running = (orgId: string | null): Promise<number> =>
    bench.count("jobs WHERE status = 'running' AND org_id = $1", [orgId]);

  it('lets one organization have its cap when nobody waits, and no more than half while another one does', async () => {
    const [many, few] = [userContext(), userContext()];
    const flood = await Promise.all(Array.from({ length: 12 }, () => bench.enqueue(process, many, 'wait')));
    await eventually(async () => (await running(many.orgId)) === 3, 'the cap of the first organization');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await running(many.orgId)).toBe(3);

    const late = await Promise.all(Array.from({ length: 4 }, () => bench.enqueue(process, few, 'wait')));
    await eventually(async () => (await running(few.orgId)) === 1, 'the free slot goes to the second organization');
    // One of the first ends: it holds half now, so the slot goes to whoever has less.
    const { rows } = await bench.database.owner.query<{ id: string }>(
      "SELECT id FROM jobs WHERE status = 'running' AND org_id = $1 LIMIT 1",
      [many.orgId],
    );
    diary.release(rows[0]?.id ?? '');
    await eventually(async () => (await running(few.orgId)) === 2, 'half of the slots for the second organization');
    expect(await running(many.orgId)).toBe(2);
    const done = async (): Promise<boolean> => {
      diary.releaseAll();
      expect(await bench.count("jobs WHERE status = 'running'")).toBeLessThanOrEqual(4);
      expect(await running(many.orgId)).toBeLessThanOrEqual(3);
      return (await bench.count("jobs WHERE status = 'succeeded'")) === flood.length + late.length;
    };
    await eventually(done, 'everybody is served');
    expect(diary.peak).toBeLessThanOrEqual(4);
  });

  it('holds the cap over two processes', async () => {
    const second = await bench.process({ env: { ALPHASWARM_JOB_QUEUE_SLOTS: '4', ALPHASWARM_JOB_ORG_SLOTS: '3' } });
    const ctx = userContext();
    const ids = await Promise.all(
      Array.from({ length: 10 }, (_, i) => bench.enqueue(i % 2 ? process : second, ctx, 'wait')),
    );
    const done = async (): Promise<boolean> => {
      expect(await running(ctx.orgId)).toBeLessThanOrEqual(3);
      diary.releaseAll();
      return (await bench.count("jobs WHERE status = 'succeeded' AND org_id = $1", [ctx.orgId])) === ids.length;
    };
    await eventually(done, 'all ten are done');
    expect(new Set(diary.started.filter(({ orgId }) => orgId === ctx.orgId).map(({ id }) => id)).size).toBe(10);
    expect(diary.started.filter(({ orgId }) => orgId === ctx.orgId)).toHaveLength(10);
    await bench.stop(second);
  });

  it('leaves a slot of a queue free where the cap of an organization would take every one', async () => {
    const own = await JobsBench.open();
    const defaults = await own.process();
    const [many, few] = [userContext(), userContext()];
    const flood = await Promise.all(Array.from({ length: 20 }, () => own.enqueue(defaults, many, 'wait')));
    const taken = (): Promise<number> => own.count("jobs WHERE status = 'running' AND org_id = $1", [many.orgId]);
    await eventually(async () => (await taken()) === 7, 'all but one of the eight slots');
    // None of the twenty ends: it is the free slot that another organization gets, at once and again.
    for (let run = 0; run < 3; run++) await own.until(await own.enqueue(defaults, few, 'succeed'), 'succeeded');
    expect(await taken()).toBe(7);
    await eventually(async () => {
      diary.releaseAll();
      return (await own.count("jobs WHERE status = 'succeeded'")) === flood.length + 3;
    }, 'everybody is served');
    await own.close();
  });

  it('refuses more waiting jobs than an organization may have', async () => {
    const small = await bench.process({ env: { ALPHASWARM_JOBS_EXECUTE: 'false', ALPHASWARM_JOB_MAX_QUEUED: '2' } });
    const ctx = userContext();
    await bench.database.owner.query('UPDATE job_consumers SET seen_at = now()');
    const busy = await Promise.all(Array.from({ length: 3 }, () => bench.enqueue(process, ctx, 'wait')));
    await eventually(async () => (await running(ctx.orgId)) === 3, 'the cap is taken');
    await bench.enqueue(small, ctx, 'succeed');
    await bench.enqueue(small, ctx, 'succeed');
    await expect(bench.enqueue(small, ctx, 'succeed')).rejects.toMatchObject({
      status: 429,
      code: 'job_quota_exceeded',
    });
    busy.forEach((id) => diary.release(id));
    await bench.stop(small);
  });
});
