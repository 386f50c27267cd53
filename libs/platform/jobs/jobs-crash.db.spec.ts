import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { isTerminalStage } from '#platform/progress';
import { EFFECT_JOBS, EFFECT_NAMES } from './testing/effect.job.ts';
import { JobsBench, type JobsProcess, newDataDir, userContext } from './testing/index.ts';

const MOMENTS = 20;
const TESTING = 'libs/platform/jobs/testing';
const SETTINGS = {
  ALPHASWARM_JOB_SHUTDOWN_MS: '50',
  ALPHASWARM_JOB_LEASE_MS: '1500',
  ALPHASWARM_JOB_HEARTBEAT_MS: '300',
  ALPHASWARM_JOB_LEADER_MS: '200',
};

/** Numbers from 1 to `to`, the same at every run. */
function draws(seed: number): (to: number) => number {
  let state = seed;
  return (to) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return 1 + Math.floor((state / 2 ** 32) * to);
  };
}

describe.each([
  ['SIGKILL', 1],
  ['SIGTERM', 2],
] as const)('%s at random moments of two workers', (signal, seed) => {
  let bench: JobsBench;
  let queuing: JobsProcess;
  const workers: { dataDir: string; child: ChildProcess }[] = [];
  const ctx = userContext();
  const draw = draws(seed);

  async function start(dataDir: string): Promise<{ dataDir: string; child: ChildProcess }> {
    const child = spawn(
      process.execPath,
      [
        '--conditions=source',
        '--import',
        `./${TESTING}/register-swc.mjs`,
        `${TESTING}/effect-worker.ts`,
        bench.database.urls.owner,
        dataDir,
        JSON.stringify(SETTINGS),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ready = await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => undefined)]);
    if (!ready) throw new Error('the worker did not start');
    return { dataDir, child };
  }

  async function end({ child }: { child: ChildProcess }, by: NodeJS.Signals): Promise<void> {
    const ended = once(child, 'exit');
    child.kill(by);
    await ended;
  }

  const frames = (): Promise<number> => bench.count("progress_frames WHERE stage <> 'queued' AND stage <> 'heartbeat'");

  beforeAll(async () => {
    bench = await JobsBench.open();
    await bench.database.owner.query('CREATE TABLE effects (job_id uuid NOT NULL)');
    queuing = await bench.process({ processors: EFFECT_JOBS, env: { ALPHASWARM_JOBS_EXECUTE: 'false' } });
    workers.push(...(await Promise.all([start(newDataDir()), start(newDataDir())])));
  });

  afterAll(async () => {
    await Promise.all(workers.map((worker) => end(worker, 'SIGKILL')));
    await bench.close();
  });

  it('has each effect once, streams without gap, and gives nothing back that acted', async () => {
    const ids: string[] = [];
    for (let moment = 0; moment < MOMENTS; moment++) {
      const before = await frames();
      for (const name of EFFECT_NAMES) ids.push(await bench.enqueue(queuing, ctx, 'succeed', name, 'agents'));
      const at = before + draw(30);
      for (let i = 0; i < 1_000 && (await frames()) < at; i++) await new Promise((resolve) => setTimeout(resolve, 10));
      expect(await frames()).toBeGreaterThanOrEqual(at);
      const victim = workers.splice(draw(2) - 1, 1)[0];
      if (!victim) throw new Error('no worker is left');
      await end(victim, signal);
      workers.push(await start(victim.dataDir));
    }
    for (const id of ids) {
      const row = await bench.until(id, 'succeeded', 'failed', 'dead', 'cancelled');
      const effects = await bench.count('effects WHERE job_id = $1', [id]);
      if (row.status === 'succeeded') expect(effects).toBe(1);
      else {
        expect(row).toMatchObject({ status: 'failed', error: { code: 'effect_unknown' } });
        expect(effects).toBeLessThanOrEqual(1);
      }
      const said = await bench.frames(queuing, ctx, id);
      expect(said.map(({ seq }) => seq)).toEqual(said.map((_, i) => i + 1));
      expect(said.filter(({ stage }) => isTerminalStage(String(stage)))).toHaveLength(1);
      expect(isTerminalStage(String(said.at(-1)?.['stage']))).toBe(true);
    }
    expect(await bench.count("jobs WHERE status = 'succeeded'")).toBeGreaterThan(ids.length / 2);
    expect(await bench.count('jobs WHERE lost > 0')).toBeGreaterThan(0);
  }, 240_000);
});
