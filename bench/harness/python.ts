import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Interface, createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const INSTALL_LIMIT_MS = 300_000;

/**
 * A virtual environment below `scratch` with exactly the packages of `requirements` (pinned lines of a requirements
 * file). Kept and used again while the file is unchanged. Where there is no Python or no package index, the answer says
 * why instead.
 */
export async function pythonEnvironment(
  scratch: string,
  requirements: string,
): Promise<{ python: string } | { missing: string }> {
  const home = join(scratch, 'venv');
  const python = join(home, 'bin', 'python');
  const stamp = join(home, 'installed.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return { python };
  try {
    await run('python3', ['-c', 'import sys; assert sys.version_info >= (3, 10)'], { timeout: 20_000 });
    await run('python3', ['-m', 'venv', '--clear', home], { timeout: 60_000 });
  } catch (error) {
    return { missing: `no Python 3.10 or newer that can make a virtual environment (${firstLine(error)})` };
  }
  try {
    await run(
      python,
      [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--disable-pip-version-check',
        '--retries',
        '1',
        '--timeout',
        '20',
        '-r',
        requirements,
      ],
      { timeout: INSTALL_LIMIT_MS, maxBuffer: 1 << 24 },
    );
  } catch (error) {
    return { missing: `the packages of ${requirements} could not be installed (${firstLine(error)})` };
  }
  writeFileSync(stamp, wanted);
  return { python };
}

function firstLine(error: unknown): string {
  const text =
    error instanceof Error ? ('stderr' in error && error.stderr ? String(error.stderr) : error.message) : String(error);
  return text.trim().split('\n').at(-1)!.slice(0, 200);
}

/** A Python program that reads one JSON request per line and answers with one JSON line each. Its errors are ours. */
export class PythonPeer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  readonly #answers: AsyncIterator<string>;
  #stderr = '';

  constructor(python: string, script: string) {
    this.#child = spawn(python, ['-W', 'ignore', script]);
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4_000);
    });
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  async ask<T>(request: object): Promise<T> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`The peer ended: ${this.#stderr.trim() || 'no message'}`);
    return JSON.parse(value) as T;
  }

  close(): void {
    this.#lines.close();
    this.#child.stdin.end();
    this.#child.kill();
  }
}
