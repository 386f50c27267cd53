import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

const STOP_LIMIT_MS = 15_000;
/** Linux counts processor time in hundredths of a second for whoever asks (proc(5), USER_HZ). */
const TICK_MS = 10;
const running = new Set<ManagedProcess>();
process.once('exit', () => running.forEach((one) => one.abandon()));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** What a bench says where `canPin` is false. */
export const UNPINNED = 'taskset or a second core is missing: nothing is kept on a core of its own.';

/** Can a process be kept on one core here, so that a server and its load do not share one? */
export const canPin = availableParallelism() >= 2 && spawnSync('taskset', ['-c', '0', 'true']).status === 0;

export interface ProcessOptions {
  /** Core to stay on; nothing where `taskset` is missing. */
  core?: number;
  env?: Readonly<Record<string, string>>;
  /**
   * It is told to stop by SIGTERM; the others see the end of their input, which also comes when this process is killed.
   */
  bySignal?: boolean;
}

/** A program of the benchmark: started by us, spoken to in JSON lines, ended by its own id. */
export class ManagedProcess {
  readonly name: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<void>;
  readonly #bySignal: boolean;
  #log = '';

  constructor(
    name: string,
    program: string,
    args: readonly string[],
    { core, env = {}, bySignal = false }: ProcessOptions = {},
  ) {
    this.name = name;
    this.#bySignal = bySignal;
    const set = Object.entries(env).map(([key, value]) => `${key}=${value}`);
    const words = [
      ...(core !== undefined && canPin ? ['taskset', '-c', String(core)] : []),
      'env',
      ...set,
      program,
      ...args,
    ];
    this.#child = spawn(words[0]!, words.slice(1));
    this.#ended = new Promise((resolve) => this.#child.once('close', () => resolve()));
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => this.#keep(text));
    this.#child.stdin.on('error', () => undefined);
    const output = createInterface({ input: this.#child.stdout });
    output.on('line', (line) => this.#keep(`${line}\n`));
    this.#lines = output[Symbol.asyncIterator]();
    running.add(this);
    this.#child.once('close', () => running.delete(this));
  }

  /** The last of what it printed, for messages. */
  get log(): string {
    return this.#log.trim();
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Processor time of the process so far, milliseconds; undefined where there is no /proc. */
  cpuMs(): number | undefined {
    try {
      const fields = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    } catch {
      return undefined;
    }
  }

  async ask<T>(request: unknown): Promise<T> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.name} ended: ${this.log || 'no message'}`);
    return JSON.parse(value) as T;
  }

  /** Tells it to stop and waits; a process that does not is killed. */
  async stop(): Promise<void> {
    if (!this.alive) return;
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS);
    this.abandon();
    await this.#ended;
    clearTimeout(patience);
  }

  /** Tells it to stop without waiting. */
  abandon(): void {
    this.#child.stdin.end();
    if (this.#bySignal) this.#child.kill('SIGTERM');
  }

  #keep(text: string): void {
    this.#log = (this.#log + text).slice(-4_000);
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/** Waits until `url` answers 200. Throws with the server's last words when it ends or takes longer than `limitMs`. */
export async function untilReady(server: ManagedProcess, url: string, limitMs: number): Promise<void> {
  const until = performance.now() + limitMs;
  while (server.alive && performance.now() < until) {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${server.name} is not ready at ${url}: ${server.log || 'no message'}`);
}
