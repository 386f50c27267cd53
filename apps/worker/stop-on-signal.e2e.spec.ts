import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { JobsBench, userContext } from '../../libs/platform/jobs/testing/index.ts';

const SETTINGS = { ALPHASWARM_JOB_SHUTDOWN_MS: '50' };

describe('stopOnSignal', () => {
  let bench: JobsBench;

  beforeAll(async () => {
    bench = await JobsBench.open();
  });
  afterAll(() => bench.close());

  it.each(['SIGTERM', 'SIGINT'] as const)('lets a second %s shorten no job that may finish', async (signal) => {
    const queuing = await bench.process({ env: { ALPHASWARM_JOBS_EXECUTE: 'false' } });
    const args = ['--conditions=source', '--import', './libs/platform/jobs/testing/register-swc.mjs'];
    const worker = spawn(
      process.execPath,
      [...args, 'apps/worker/testing/finishing-worker.ts', bench.database.urls.owner, JSON.stringify(SETTINGS)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      await once(worker.stdout, 'data');
      const ctx = userContext();
      const id = await bench.enqueue(queuing, ctx, 'one-second', 'scripted.finish', 'training');
      await bench.started(queuing, ctx, id);
      worker.kill('SIGTERM');
      await sleep(300);
      expect(await bench.row(id)).toMatchObject({ status: 'running' });
      worker.kill(signal);
      expect(await once(worker, 'exit')).toEqual([0, null]);
      expect(await bench.row(id)).toMatchObject({ status: 'succeeded', attempt: 1, lost: 0 });
    } finally {
      worker.kill('SIGKILL');
      await bench.stop(queuing);
    }
  });
});
