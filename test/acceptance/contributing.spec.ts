import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './support/service.ts';

const run = promisify(execFile);
const PAGE = readFileSync('CONTRIBUTING.md', 'utf8');
const SCRIPTS = (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }).scripts;

/** CI runs the first as its own first step; the second has a test of its own, because it does not end. */
const SET_UP = ['npm ci', 'npm run dev'];

const snippets = [...PAGE.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => (match[1] ?? '').trim());
const commands = snippets.flatMap((snippet) => snippet.split('\n')).filter((line) => !SET_UP.includes(line));

/** What a shell has that is not a test of ours. */
const { JEST_WORKER_ID: _worker, NODE_ENV: _env, NODE_OPTIONS: _options, ...ENVIRONMENT } = process.env;

describe('CONTRIBUTING.md', () => {
  it('sets up with two commands and has others', () => {
    expect(snippets).toEqual(expect.arrayContaining(SET_UP));
    expect(commands.length).toBeGreaterThan(5);
  });

  it.each(commands)(
    'has %s, which works as it stands',
    async (command) => {
      const complaint = await run('bash', ['-c', command], { env: ENVIRONMENT, maxBuffer: 16 * 2 ** 20 }).then(
        () => '',
        (failure: Error & { stdout: string; stderr: string }) => `${failure.message}${failure.stdout}${failure.stderr}`,
      );
      expect(complaint).toBe('');
    },
    300_000,
  );

  it('has npm run dev, which serves', async () => {
    const port = await freePort();
    const dataDir = mkdtempSync(join(tmpdir(), 'alphaswarm-dev-'));
    const child = spawn('npm', ['run', 'dev'], {
      env: { ...ENVIRONMENT, PORT: String(port), ALPHASWARM_DATA_DIR: dataDir },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    const gone = new Promise((resolve) => child.once('close', resolve));
    try {
      const deadline = performance.now() + 90_000;
      while (!/token \(user local/.test(output) && child.exitCode === null && performance.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 100));
      expect(output).toMatch(/token \(user local/);
      expect((await fetch(`http://127.0.0.1:${port}/docs`)).status).toBe(200);
    } finally {
      // The whole group: npm, the watcher and the service.
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
      await gone;
      rmSync(dataDir, { recursive: true, force: true });
    }
  }, 120_000);

  it('names only scripts that there are', () => {
    const named = [...PAGE.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map((match) => match[1] ?? '');
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !SCRIPTS[name])).toEqual([]);
  });

  it('names and links only files that there are', () => {
    const named = [
      ...[...PAGE.matchAll(/`((?:libs|docs|migrations|test|apps)\/[\w./-]+)`/g)].map((match) => match[1] ?? ''),
      ...[...PAGE.matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] ?? ''),
    ];
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });
});
