// usage: npm run test:services [-- [--if-possible] NAME …]    Brings each real server up (scripts/services/NAME), runs
// the suites of that name on it, and brings it down. Without names: all that can be had here, as with --if-possible; a
// named one that cannot be had fails. Ends in "N passed, N failed".
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../test/acceptance/support/service.ts';

const NOT_HERE = 77;
const BAD_USAGE = 64;

interface RealServer {
  ports: number;
  /** What Jest runs, one after the other. */
  suites: readonly (readonly string[])[];
}

/** A new one is a line here, `scripts/services/NAME/{up,down}` and `test/services/NAME*.spec.ts`. */
const SERVERS: Readonly<Record<string, RealServer>> = {
  postgres: {
    ports: 2,
    suites: [
      ['--selectProjects', 'services', '--runInBand', '--testPathPatterns', 'test/services/postgres'],
      ['--selectProjects', 'acceptance', '--runInBand', '--testPathPatterns', 'acceptance/crash'],
      ['--selectProjects', 'e2e'],
    ],
  },
  minio: {
    ports: 1,
    suites: [
      ['--selectProjects', 'services', '--runInBand', '--testPathPatterns', 'test/services/minio'],
      ['--selectProjects', 'acceptance', '--runInBand', '--testPathPatterns', 'acceptance/(crash|trading)'],
    ],
  },
};

interface Tally {
  passed: number;
  failed: number;
}

/** An interrupt ends the suites, but not this process, which still has to bring the servers down. */
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());

async function main(words: readonly string[]): Promise<number> {
  const asked = words.filter((word) => word !== '--if-possible');
  const skips = asked.length < words.length || asked.length === 0;
  const unknown = asked.filter((name) => !(name in SERVERS));
  if (unknown.length > 0) {
    process.stderr.write(`no such server: ${unknown.join(', ')}; there are ${Object.keys(SERVERS).join(', ')}\n`);
    return BAD_USAGE;
  }
  const total: Tally = { passed: 0, failed: 0 };
  for (const [name, server] of Object.entries(SERVERS)) {
    if (interrupted.signal.aborted || (asked.length > 0 && !asked.includes(name))) continue;
    const { passed, failed } = await test(name, server, skips);
    total.passed += passed;
    total.failed += failed;
  }
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
  return total.failed === 0 && !interrupted.signal.aborted ? 0 : 1;
}

async function test(name: string, { ports, suites }: RealServer, skips: boolean): Promise<Tally> {
  const scripts = join(import.meta.dirname, 'services', name);
  const directory = mkdtempSync(join(tmpdir(), `alphaswarm-${name}-`));
  // As root the server runs as another user, who must get in.
  chmodSync(directory, 0o755);
  try {
    const numbers = await Promise.all(Array.from({ length: ports }, freePort));
    const up = spawnSync(join(scripts, 'up'), [...numbers.map(String), directory], { encoding: 'utf8' });
    if (up.status === NOT_HERE) {
      process.stdout.write(`${skips ? 'skipped' : 'failed'}: ${up.stderr.trim()}\n`);
      return { passed: 0, failed: skips ? 0 : 1 };
    }
    if (up.status !== 0) {
      process.stderr.write(`${name} did not start:\n${up.stderr}\n`);
      return { passed: 0, failed: 1 };
    }
    const total: Tally = { passed: 0, failed: 0 };
    for (const suite of suites) {
      if (interrupted.signal.aborted) break;
      const { passed, failed } = await jest(suite, { ...settings(up.stdout), ALPHASWARM_TEST_SERVER_DIR: directory });
      total.passed += passed;
      total.failed += failed;
    }
    return total;
  } finally {
    spawnSync(join(scripts, 'down'), [directory], { stdio: 'inherit' });
    rmSync(directory, { recursive: true, force: true });
  }
}

/** `KEY=value` lines as `ALPHASWARM_TEST_KEY`, so that nobody's own settings are taken for a test server's. */
function settings(lines: string): Record<string, string> {
  return Object.fromEntries(
    lines
      .trim()
      .split('\n')
      .map((line) => {
        const at = line.indexOf('=');
        return [`ALPHASWARM_TEST_${line.slice(0, at).replace(/^ALPHASWARM_/, '')}`, line.slice(at + 1)];
      }),
  );
}

function jest(suite: readonly string[], env: Record<string, string>): Promise<Tally> {
  return new Promise((resolve, reject) => {
    const child = spawn('scripts/jest.sh', suite, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = '';
    child.stdout.on('data', (chunk: Buffer) => {
      process.stdout.write(chunk);
      told += chunk.toString();
    });
    const stop = (): boolean => child.kill();
    interrupted.signal.addEventListener('abort', stop);
    child.once('error', reject);
    child.once('close', (code) => {
      interrupted.signal.removeEventListener('abort', stop);
      const [, passed = '0', failed = '0'] = [...told.matchAll(/^(\d+) passed, (\d+) failed/gm)].at(-1) ?? [];
      // A run that ended badly without a tally has failed too.
      resolve({ passed: Number(passed), failed: code === 0 ? Number(failed) : Math.max(1, Number(failed)) });
    });
  });
}

process.exitCode = await main(process.argv.slice(2));
