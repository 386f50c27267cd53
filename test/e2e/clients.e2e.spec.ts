import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from '@hey-api/openapi-ts';
import { TestApi } from './support/index.ts';

const run = promisify(execFile);
const CSV =
  'date,open,high,low,close,volume\n2024-01-02,100,102,99,101,1000\n2024-01-03,101,103,100,102,1000\n2024-01-04,102,104,101,103,1000\n';

describe('A TypeScript client that is generated from openapi.json', () => {
  let api: TestApi;
  let folder: string;

  beforeAll(async () => {
    api = await TestApi.start();
    folder = mkdtempSync(join(tmpdir(), 'alphaswarm-client-'));
    cpSync('test/clients/typescript', folder, { recursive: true });
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'readme-bodies.ts'), readmeBodies());
    await createClient({
      input: resolve('openapi.json'),
      output: join(folder, 'client'),
      logs: { level: 'silent', file: false },
    });
  }, 60_000);

  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await api.stop();
  });

  it('compiles strictly, with the bodies of the README', async () => {
    const { stdout } = await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', folder]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe('');
  }, 60_000);

  it('does the main job against a running service', async () => {
    const csv = join(folder, 'bars.csv');
    writeFileSync(csv, CSV);
    const { stdout } = await run(process.execPath, [join(folder, 'out/main-job.js')], {
      env: { API: api.url, TOKEN: await api.token('ann'), CSV: csv },
    });
    expect(JSON.parse(stdout)).toEqual({
      preview: 3,
      ingested: 'succeeded',
      components: expect.any(Number),
      ended: 'succeeded',
      sharpe: expect.any(Number),
      first: '2024-01-02T21:00:00.000Z',
      events: expect.any(Number),
      closes: [101, 102, 103],
      code: 'validation_failed',
    });
  }, 60_000);
});

/** JSON bodies of the README's snippets as constants of the type that their route takes. */
function readmeBodies(): string {
  const bodies = [...readFileSync('README.md', 'utf8').matchAll(/<<'JSON'\n([\s\S]*?)\nJSON$/gm)].map(
    (match) => match[1] ?? '',
  );
  if (bodies.length === 0) throw new Error('The README has no JSON body.');
  return [
    `import type { CreateStrategyBody } from './client/index.js';`,
    ...bodies.map((body, i) => `export const body${i}: CreateStrategyBody = ${body};`),
    '',
  ].join('\n');
}
