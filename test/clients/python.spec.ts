import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { pythonEnvironment } from '../../bench/harness/python.ts';
import { Client } from '../acceptance/support/client.ts';
import { Service } from '../acceptance/support/service.ts';

const run = promisify(execFile);
const CSV =
  'date,open,high,low,close,volume\n2024-01-02,100,102,99,101,1000\n2024-01-03,101,103,100,102,1000\n2024-01-04,102,104,101,103,1000\n';

/** Its virtual environment is kept between runs; without a package index it is left out in one line. */
const scratch = join(tmpdir(), 'alphaswarm-python-client');
mkdirSync(scratch, { recursive: true });
const environment = await pythonEnvironment(scratch, 'test/clients/python/requirements.txt');
if ('missing' in environment) process.stdout.write(`Left out: the generated Python client; ${environment.missing}.\n`);
const described = 'python' in environment ? describe : describe.skip;

described('A Python client that is generated from openapi.json', () => {
  const tool = (name: string): string => join(scratch, 'venv', 'bin', name);
  const folder = join(scratch, 'client');
  let said: string;

  beforeAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    const { stdout, stderr } = await run(tool('openapi-python-client'), [
      'generate',
      '--meta',
      'none',
      '--path',
      resolve('openapi.json'),
      '--output-path',
      join(folder, 'alphaswarm_core_client'),
    ]);
    said = stdout + stderr;
    cpSync('test/clients/python/main_job.py', join(folder, 'main_job.py'));
  }, 120_000);

  it('leaves no operation out', () => {
    expect(said.match(/^(WARNING|ERROR).*/gm) ?? []).toEqual([]);
  });

  it('compiles strictly', async () => {
    const { stdout } = await run(tool('mypy'), ['--strict', 'main_job.py', 'alphaswarm_core_client'], {
      cwd: folder,
    }).catch((error: { stdout: string }) => error);
    expect(stdout).toMatch(/^Success/);
  }, 240_000);

  it('does the main job against a running service', async () => {
    const service = await Service.start();
    try {
      const csv = join(folder, 'bars.csv');
      writeFileSync(csv, CSV);
      const { token } = await Client.as(service.url, { user: 'ann', role: 'owner' });
      const { stdout } = await run(tool('python'), ['main_job.py'], {
        cwd: folder,
        env: { API: service.url, TOKEN: token, CSV: csv },
      });
      expect(JSON.parse(stdout)).toMatchObject({
        ingested: 'succeeded',
        ended: 'succeeded',
        first: '2024-01-02T21:00:00.000Z',
        closes: [101, 102, 103],
        code: 'validation_failed',
      });
    } finally {
      await service.stop();
    }
  }, 120_000);
});
