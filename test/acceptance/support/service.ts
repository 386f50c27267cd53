import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

/**
 * The built service as a process of its own, on a port and in a data directory of its own. Nothing of the code base is
 * imported.
 */
export class Service {
  readonly url: string;
  readonly dataDir: string;
  readonly #port: number;
  readonly #env: Record<string, string>;
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(port: number, dataDir: string, env: Record<string, string>) {
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.dataDir = dataDir;
    this.#env = env;
  }

  static async start(env: Record<string, string> = {}): Promise<Service> {
    const dataDir = mkdtempSync(join(tmpdir(), 'alphaswarm-acceptance-'));
    // As root the database runs as another user, who must get in.
    chmodSync(dataDir, 0o755);
    const service = new Service(await freePort(), dataDir, {
      ...(await databaseOfItsOwn()),
      ...bucketOfItsOwn(),
      ...env,
    });
    await service.boot();
    return service;
  }

  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Null while the process lives. */
  get exitCode(): number | null {
    return this.#child?.exitCode ?? null;
  }

  get port(): number {
    return this.#port;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Starts the process and waits for `/readyz`. Returns the milliseconds it took. */
  async boot(): Promise<number> {
    const started = performance.now();
    const child = spawn(process.execPath, ['dist/apps/api/main.js'], {
      env: {
        PATH: process.env['PATH'] ?? '',
        ALPHASWARM_ENV: 'test',
        ALPHASWARM_AUTH_PROVIDER: 'local',
        ALPHASWARM_DRAIN_DELAY_MS: '0',
        ...RATES,
        ...this.#env,
        PORT: String(this.#port),
        ALPHASWARM_DATA_DIR: this.dataDir,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stdout?.on('data', (chunk) => {
      this.#output += String(chunk);
    });
    child.stderr?.on('data', (chunk) => {
      this.#output += String(chunk);
    });
    const deadline = started + 30_000;
    while (performance.now() < deadline) {
      if (child.exitCode !== null)
        throw new Error(`the service ended with ${child.exitCode}:\n${this.#output.slice(-4_000)}`);
      const ready = await fetch(`${this.url}/readyz`).then(
        (response) => response.ok,
        () => false,
      );
      if (ready) return performance.now() - started;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`the service was not ready in 30 s:\n${this.#output.slice(-4_000)}`);
  }

  /** kill -9: nothing is flushed, the database server lives on. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM, then the data directory is removed. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }
}

/** Rates so high that they are not what a run measures. */
const RATES: Record<string, string> = Object.fromEntries(
  ['IP', 'LOGIN', 'PRINCIPAL', 'WRITE', 'STEPUP', 'ORG'].flatMap((bucket) =>
    [`ALPHASWARM_RATE_${bucket}`, `ALPHASWARM_RATE_${bucket}_PER_MINUTE`].map((name) => [name, '100000000']),
  ),
);

/** On the server that `npm run test:services` has brought up; elsewhere the service has the embedded one. */
async function databaseOfItsOwn(): Promise<Record<string, string>> {
  const direct = process.env['ALPHASWARM_TEST_DATABASE_DIRECT_URL'];
  if (!direct) return {};
  const name = `service_${randomBytes(6).toString('hex')}`;
  const client = new pg.Client({ connectionString: direct });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const on = (address: string): string => Object.assign(new URL(address), { pathname: `/${name}` }).toString();
  return {
    DATABASE_URL: on(process.env['ALPHASWARM_TEST_DATABASE_URL'] ?? direct),
    DATABASE_DIRECT_URL: on(direct),
  };
}

/** Keys of its own in the bucket that `npm run test:services` has brought up; elsewhere the service has its disk. */
function bucketOfItsOwn(): Record<string, string> {
  const names = ['BUCKET', 'ENDPOINT_URL', 'ACCESS_KEY', 'SECRET_KEY'];
  const settings = names.flatMap((name) => {
    const value = process.env[`ALPHASWARM_TEST_S3_${name}`];
    return value ? [[`ALPHASWARM_S3_${name}`, value]] : [];
  });
  if (settings.length === 0) return {};
  return Object.fromEntries([...settings, ['ALPHASWARM_S3_PREFIX', randomBytes(6).toString('hex')]]);
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
