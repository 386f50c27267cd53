import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { JWK } from 'jose';
import pg from 'pg';
import { pythonEnvironment } from '../harness/python.ts';
import type { BareSettings } from './bare-server.ts';
import { ManagedProcess, freePort, untilReady } from './processes.ts';
import * as sql from './sql.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const SERVER_CORE = 0;
const POOL_SIZE = 20;
const READY_LIMIT_MS = 60_000;
const FREE = '1000000000';

/** A server that answers the two requests, and the word the tables have for it. */
export interface Contestant {
  name: string;
  url: string;
  process: ManagedProcess;
  keyed: boolean;
}

export interface Stage {
  gateway: Contestant;
  other: Contestant | undefined;
  peers: Contestant[];
  missing: string | undefined;
  token: string;
  load: ManagedProcess;
  close(): Promise<void>;
}

interface Urls {
  owner: string;
  app: string;
}
interface WhoAmI {
  active_context: { org_id: string; workspace_id: string; user_id: string };
}

async function build(checkout: string): Promise<void> {
  await promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd: checkout });
}

/** The gateway of a built checkout. */
async function startGateway(name: string, checkout: string, dataDir: string, urls: Urls): Promise<Contestant> {
  const main = join(checkout, 'dist', 'apps', 'api', 'main.js');
  if (!existsSync(main)) throw new Error(`There is no ${main} after the build.`);
  const port = await freePort();
  const rates = ['IP', 'LOGIN', 'PRINCIPAL', 'WRITE', 'STEPUP', 'ORG'].flatMap((bucket) => [
    [`ALPHASWARM_RATE_${bucket}`, FREE],
    [`ALPHASWARM_RATE_${bucket}_PER_MINUTE`, FREE],
  ]);
  const env = {
    ...(Object.fromEntries(rates) as Record<string, string>),
    PORT: String(port),
    HOST: '127.0.0.1',
    DATABASE_URL: urls.owner,
    ALPHASWARM_DATA_DIR: dataDir,
    ALPHASWARM_ENV: 'test',
    ALPHASWARM_AUTH_PROVIDER: 'local',
    ALPHASWARM_DATABASE_POOL: String(POOL_SIZE),
    ALPHASWARM_LOG_LEVEL: 'warn',
  };
  const child = new ManagedProcess(name, process.execPath, [main], { core: SERVER_CORE, env, bySignal: true });
  const url = `http://127.0.0.1:${port}`;
  await untilReady(child, `${url}/readyz`, READY_LIMIT_MS);
  return { name, url, process: child, keyed: true };
}

async function json<T>(url: string, options: RequestInit): Promise<T> {
  const response = await fetch(url, options);
  const text = await response.text();
  if (!response.ok)
    throw new Error(`${options.method ?? 'GET'} ${url} answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as T;
}

/** A token of the caller, who is made when new. */
async function tokenOf({ url }: Contestant): Promise<string> {
  const body = JSON.stringify({ user: 'bench', role: 'owner', ttl_seconds: 86_400 });
  return (
    await json<{ access_token: string }>(`${url}/auth/dev/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
  ).access_token;
}

/**
 * The gateway of another checkout on a database of its own schema, with the keys of our issuer: one token serves both.
 */
async function openOther(
  scratch: string,
  checkout: string,
  dataDir: string,
  open: ManagedProcess[],
): Promise<Contestant> {
  await build(checkout);
  const otherDir = join(scratch, 'other-gateway');
  rmSync(otherDir, { recursive: true, force: true });
  mkdirSync(otherDir, { recursive: true });
  copyFileSync(join(dataDir, 'local-issuer.json'), join(otherDir, 'local-issuer.json'));
  const cluster = new ManagedProcess('PostgreSQL of the other checkout', process.execPath, [
    join(import.meta.dirname, 'cluster.ts'),
  ]);
  open.push(cluster);
  const gateway = await startGateway(
    'the other checkout',
    checkout,
    otherDir,
    await cluster.ask<Urls>({ dataDir: join(scratch, 'other-database') }),
  );
  open.push(gateway.process);
  return gateway;
}

async function startBare(name: string, settings: BareSettings): Promise<Contestant> {
  const child = new ManagedProcess(name, process.execPath, [join(import.meta.dirname, 'bare-server.ts')], {
    core: SERVER_CORE,
  });
  const { port } = await child.ask<{ port: number }>(settings);
  return { name, url: `http://127.0.0.1:${port}`, process: child, keyed: false };
}

/** SQLAlchemy names its parameters: `$1` is `:p1`. */
function named(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(sql).map(([name, statement]) => [name, statement.replace(/\$(\d+)/g, ':p$1')]),
  );
}

async function startFastApi(scratch: string, settings: BareSettings): Promise<Contestant | { missing: string }> {
  const environment = await pythonEnvironment(scratch, join(import.meta.dirname, 'requirements.txt'));
  if ('missing' in environment) return environment;
  const name = 'FastAPI + SQLAlchemy';
  const child = new ManagedProcess(
    name,
    environment.python,
    [join(import.meta.dirname, 'peers', 'fastapi_server.py')],
    { core: SERVER_CORE },
  );
  const { port } = await child.ask<{ port: number }>({ ...settings, sql: named() });
  return { name, url: `http://127.0.0.1:${port}`, process: child, keyed: false };
}

/**
 * Starts PostgreSQL (on any core), the gateway and its peers (on one core, which only the one that is asked uses), and
 * the load (on the other). All read and write the same database as the same role under forced row-level security, with
 * pools of the same size.
 */
export async function openStage(
  scratch: string,
  options: { connections: number; peers: boolean; against: string | undefined },
): Promise<Stage> {
  const dataDir = join(scratch, 'gateway');
  rmSync(dataDir, { recursive: true, force: true });
  const open: ManagedProcess[] = [];
  const close = async (): Promise<void> => {
    for (const one of open.reverse()) await one.stop();
  };
  try {
    await build(ROOT);
    const cluster = new ManagedProcess('PostgreSQL', process.execPath, [join(import.meta.dirname, 'cluster.ts')]);
    open.push(cluster);
    const urls = await cluster.ask<Urls>({ dataDir: join(scratch, 'database') });
    const gateway = await startGateway('ours', ROOT, dataDir, urls);
    open.push(gateway.process);
    const other =
      options.against === undefined ? undefined : await openOther(scratch, resolve(options.against), dataDir, open);
    const owner = new pg.Client({ connectionString: urls.owner });
    await owner.connect();
    await owner.query(sql.PEER_TABLES).finally(() => owner.end());

    const token = await tokenOf(gateway);
    const { active_context: active } = await json<WhoAmI>(`${gateway.url}/auth/whoami`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString('utf8')) as {
      iss: string;
      aud: string;
    };
    const { n, e, kty, kid } = JSON.parse(readFileSync(join(dataDir, 'local-issuer.json'), 'utf8')) as JWK;
    const settings: BareSettings = {
      databaseUrl: urls.app,
      poolSize: POOL_SIZE,
      jwk: { n, e, kty, kid, alg: 'RS256' },
      issuer: claims.iss,
      audience: claims.aud,
      orgId: active.org_id,
      workspaceId: active.workspace_id,
      userId: active.user_id,
      verifyEach: false,
    };
    const peers: Contestant[] = [];
    const admit = (peer: Contestant): void => {
      peers.push(peer);
      open.push(peer.process);
    };
    admit(await startBare('node:http + pg', settings));
    admit(await startBare('node:http + pg, each signature checked', { ...settings, verifyEach: true }));
    const fastApi = options.peers ? await startFastApi(scratch, settings) : { missing: '--no-peers' };
    if (!('missing' in fastApi)) admit(fastApi);
    const load = new ManagedProcess('load', process.execPath, [join(import.meta.dirname, 'load.ts')], { core: 1 });
    open.push(load);
    await load.ask({ connections: options.connections });
    if (other) await tokenOf(other);
    return { gateway, other, peers, missing: 'missing' in fastApi ? fastApi.missing : undefined, token, load, close };
  } catch (error) {
    await close();
    throw error;
  }
}
