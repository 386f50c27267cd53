import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from './support/client.ts';
import { bars, recipe, scheduledTargets } from './support/recipes.ts';
import { Service } from './support/service.ts';

/** A process that is told by a signal to fail in a way that nobody catches, and says when it is prepared for that. */
const FAILS_ON_SIGNAL =
  `const look = setInterval(() => { if (process.listenerCount('uncaughtException') > 0) { ` +
  `clearInterval(look); process.stderr.write('prepared'); } }, 20);
  process.on('SIGUSR2', () => { throw new Error('thrown on purpose'); }); process.on('SIGHUP', () => { ` +
  `Promise.reject(new Error('rejected on purpose')); });`;
const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(FAILS_ON_SIGNAL)}`;
const FOREVER = { models: scheduledTargets([[1, 1]]) };

describe('a failure that nobody caught', () => {
  let service: Service;
  let ann: Client;

  beforeAll(async () => {
    service = await Service.start({ NODE_OPTIONS, ALPHASWARM_LOG_LEVEL: 'warn' });
    ann = await Client.as(service.url, { user: 'ann', role: 'owner' });
  });

  afterAll(() => service.stop());

  /** A request whose body never comes to its end; what it is answered. */
  async function halfRequest(): Promise<{ answered: Promise<string> }> {
    const socket = connect(service.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `POST /backtests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ` +
        `${ann.token}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"config"`,
    );
    await sleep(200);
    return {
      answered: new Promise((resolve) => {
        let text = '';
        socket.on('data', (chunk) => {
          text += String(chunk);
        });
        socket.on('error', () => undefined);
        socket.on('close', () => resolve(text));
      }),
    };
  }

  it('is told and harms nobody else when it is a promise', async () => {
    service.signal('SIGHUP');
    await sleep(300);
    expect((await ann.get('/auth/whoami')).status).toBe(200);
    expect(service.exitCode).toBeNull();
    expect(service.output).toContain('rejected on purpose');
  });

  it(
    'ends the process within 5 s when it is an exception: 503 for what is open, database and leases given back, ' +
      'exit 1',
    async () => {
      const started = await ann.post<{ task_id: string }>('/backtests', {
        config: recipe(FOREVER),
        data: {
          inline: bars([
            [100, 100, 100, 100],
            [100, 100, 100, 100],
          ]),
        },
      });
      expect(started.status).toBe(202);
      const { answered } = await halfRequest();
      const since = performance.now();
      service.signal('SIGUSR2');
      const answer = await answered;
      while (service.exitCode === null && performance.now() - since < 10_000) await sleep(20);
      expect(performance.now() - since).toBeLessThan(5_000);
      expect(service.exitCode).toBe(1);
      expect(answer).toMatch(/^HTTP\/1\.1 503 /);
      expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ code: 'shutting_down', status: 503 });
      expect(service.output).toContain('thrown on purpose');
      // It was told to stop; on a busy machine it writes its last checkpoint a little longer than its service lives.
      for (let waited = 0; existsSync(join(service.dataDir, 'postgres', 'postmaster.pid')); waited += 50) {
        if (waited > 10_000) throw new Error('the database was left behind');
        await sleep(50);
      }
      await service.boot();
      expect((await ann.settled(started.body.task_id)).status).toBe('succeeded');
      expect(service.output).not.toContain('job of a lost process');
    },
    60_000,
  );

  it.each([
    ['a worker', ['dist/apps/worker/main.js']],
    ['an operator command', ['dist/apps/ops/main.js', 'audit', 'redact']],
  ])('goes on or ends likewise in %s', async (_, program) => {
    const child = spawn(process.execPath, program, {
      env: {
        PATH: process.env['PATH'] ?? '',
        NODE_OPTIONS,
        ALPHASWARM_ENV: 'test',
        ALPHASWARM_AUTH_PROVIDER: 'local',
        ALPHASWARM_DATA_DIR: service.dataDir,
        PORT: '0',
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += String(chunk);
      });
    const said = async (text: string): Promise<void> => {
      for (let waited = 0; !output.includes(text); waited += 20) {
        if (waited > 15_000 || child.exitCode !== null)
          throw new Error(`it did not say "${text}" but:\n${output.slice(-4_000)}`);
        await sleep(20);
      }
    };
    await said('prepared');
    child.kill('SIGHUP');
    await said('rejected on purpose');
    await sleep(200);
    expect(child.exitCode).toBeNull();
    const since = performance.now();
    child.kill('SIGUSR2');
    while (child.exitCode === null && performance.now() - since < 10_000) await sleep(20);
    expect({ code: child.exitCode, output }).toEqual({
      code: 1,
      output: expect.stringContaining('thrown on purpose') as string,
    });
    expect(performance.now() - since).toBeLessThan(5_000);
    // The database belongs to the running service.
    expect((await ann.get('/auth/whoami')).status).toBe(200);
  });
});

it('a port that is taken is said in a sentence, and no database is left behind', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const dataDir = mkdtempSync(join(tmpdir(), 'alphaswarm-port-'));
  chmodSync(dataDir, 0o755);
  try {
    const { port } = holder.address() as AddressInfo;
    const child = spawn(process.execPath, ['dist/apps/api/main.js'], {
      env: {
        PATH: process.env['PATH'] ?? '',
        ALPHASWARM_ENV: 'test',
        ALPHASWARM_AUTH_PROVIDER: 'local',
        ALPHASWARM_LOG_LEVEL: 'silent',
        PORT: String(port),
        ALPHASWARM_DATA_DIR: dataDir,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += String(chunk);
    });
    await once(child, 'exit');
    expect([said, child.exitCode]).toEqual([
      `Port ${port} is in use. Stop what listens there, or give this service another PORT.\n`,
      78,
    ]);
    expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
  } finally {
    holder.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}, 60_000);
