import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Service } from './support/service.ts';

const run = promisify(execFile);
const README = readFileSync('README.md', 'utf8');

/** Shell snippets that set the machine up: CI runs them as its own first steps. */
const SET_UP = /^npm ci && npm (start|test)$/;

const snippets = [...README.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => (match[1] ?? '').trim());

describe('The README', () => {
  let service: Service;

  beforeAll(async () => {
    service = await Service.start({ ALPHASWARM_ENV: 'dev' });
    const deadline = performance.now() + 60_000;
    while (!/token \(user local/.test(service.output) && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50));
  }, 90_000);

  afterAll(() => service.stop());

  it('has two commands of set-up', () => {
    expect(snippets.filter((snippet) => SET_UP.test(snippet))).toHaveLength(2);
  });

  it('has five minutes of use that work as they stand', async () => {
    const script = ['set -euo pipefail', ...snippets.filter((snippet) => !SET_UP.test(snippet))].join('\n');
    const { stdout } = await run('bash', ['-c', script], {
      env: {
        ...process.env,
        PORT: new URL(service.url).port,
        ALPHASWARM_DATA_DIR: service.dataDir,
        ALPHASWARM_ENV: 'dev',
        ALPHASWARM_AUTH_PROVIDER: 'local',
      },
      maxBuffer: 16 * 2 ** 20,
    });
    for (const shown of [
      '"vt_symbol":"SPX.CBOE"',
      '"bar_count":5105',
      '"sharpe":',
      '"vt_symbol":"ACME.NASDAQ"',
      '/report/view?org=',
    ])
      expect(stdout).toContain(shown);
    expect(stdout).toMatch(/valid/i);
  }, 120_000);

  it('names only files that exist', () => {
    const named = [...README.matchAll(/`((?:libs|docs|migrations|test)\/[\w./-]+)`/g)].map((match) => match[1] ?? '');
    expect(named.length).toBeGreaterThan(5);
    for (const path of named) expect([path, exists(path)]).toEqual([path, true]);
  });
});

function exists(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EISDIR';
  }
}
