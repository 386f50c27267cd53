import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from './support/client.ts';
import { CUTS, type Target, seeded } from './support/cut-lines.ts';
import { bars, recipe, scheduledTargets } from './support/recipes.ts';
import { Service } from './support/service.ts';

const COUNT = Number(process.env['CUTS'] ?? 500);
const SEED = Number(process.env['SEED'] ?? 7);
const CLIENTS = 8;
const AT_ONCE = 6;
const MOST_GROWTH_MB = 96;

describe('lines that are cut', () => {
  let service: Service;
  let ann: Client;
  let target: Target;

  beforeAll(async () => {
    service = await Service.start({ ALPHASWARM_LOG_LEVEL: 'warn' });
    ann = await Client.as(service.url, { user: 'ann', role: 'owner' });
    const started = await ann.post<{ task_id: string; run_id: string }>('/backtests', {
      config: recipe({ models: scheduledTargets([[1, 1]]) }),
      data: { inline: bars(Array.from({ length: 20 }, () => [100, 101, 99, 100] as const)) },
    });
    expect((await ann.settled(started.body.task_id)).status).toBe('succeeded');
    await ingestMinutes(ann);
    target = { port: service.port, token: ann.token, backtestId: started.body.run_id, taskId: started.body.task_id };
  });

  afterAll(() => service.stop());

  /** What a user does meanwhile; every answer must be the right one. */
  async function work(client: number, more: () => boolean, wrong: string[]): Promise<number> {
    const form = (): FormData => {
      const data = new FormData();
      data.append('file', new Blob(['date,open,high,low,close,volume\n2024-01-02,1,2,1,2,5\n']), 'a.csv');
      return data;
    };
    const requests: [string, () => Promise<number>][] = [
      ['whoami', async () => (await ann.get('/auth/whoami')).status],
      [
        'equity',
        async () =>
          (await ann.get(`/backtests/${target.backtestId}/equity`, { accept: 'application/x-ndjson' })).status,
      ],
      ['events', async () => (await ann.get(`/backtests/${target.backtestId}/events`)).status],
      [
        'upload',
        async () => {
          const response = await fetch(`${service.url}/ingest/uploads`, {
            method: 'POST',
            body: form(),
            headers: { authorization: `Bearer ${ann.token}` },
          });
          await response.arrayBuffer();
          return response.status;
        },
      ],
      ['jobs', async () => (await ann.get('/jobs')).status],
      ['readyz', async () => (await ann.get('/readyz')).status],
    ];
    let done = 0;
    for (; more(); done++) {
      const [name, request] = requests[(client + done) % requests.length]!;
      const expected = name === 'upload' ? 201 : 200;
      const status = await request().catch((error: unknown) => String(error));
      if (status !== expected) wrong.push(`${name}: ${status}`);
      await sleep(10);
    }
    return done;
  }

  async function cutLines(from: number, to: number): Promise<void> {
    const kinds = Object.entries(CUTS);
    let next = from;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let i = next++; i < to; i = next++) {
          const [name, cut] = kinds[i % kinds.length]!;
          await cut(target, seeded(SEED * 1_000_003 + i)).catch((error: Error) => {
            throw new Error(`cut ${i} (${name}, SEED=${SEED}): ${error.message}`, { cause: error });
          });
        }
      }),
    );
  }

  /** Open descriptors of the process by kind, and its resident memory. */
  function held(): { files: string[]; descriptors: number; megabytes: number } {
    const folder = `/proc/${service.pid}/fd`;
    const links = readdirSync(folder).flatMap((name) => {
      try {
        return [readlinkSync(join(folder, name))];
      } catch {
        return [];
      }
    });
    const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${service.pid}/status`, 'utf8'))?.[1];
    return {
      files: links.filter((link) => link.startsWith(service.dataDir)).sort(),
      descriptors: links.length,
      megabytes: Math.round(Number(rss) / 1_024),
    };
  }

  it(
    `${COUNT} times in bodies, uploads, downloads and sockets harm no other request, and leave nothing ` + `behind`,
    async () => {
      const wrong: string[] = [];
      const measured: ReturnType<typeof held>[] = [];
      let done = 0;
      for (const [from, to] of [
        [0, COUNT / 2],
        [COUNT / 2, COUNT],
      ] as const) {
        let cutting = true;
        const stop = async (): Promise<void> => {
          try {
            await cutLines(from, to);
          } finally {
            cutting = false;
          }
        };
        const counts = await Promise.all([
          stop(),
          ...Array.from({ length: CLIENTS }, (_, client) => work(client, () => cutting, wrong)),
        ]);
        done += counts.slice(1).reduce<number>((sum, count) => sum + Number(count), 0);
        // Connections that wait for another request of theirs, and answers to nobody, take their time to end.
        await sleep(6_000);
        if (process.platform === 'linux') measured.push(held());
      }
      const [before, after] = measured;
      process.stdout.write(
        `cut lines: ${COUNT} cuts, ` +
          `${done} requests beside them, ` +
          `${JSON.stringify(measured.map(({ files, ...rest }) => ({ ...rest, files: files.length })))}\n`,
      );
      expect(wrong).toEqual([]);
      expect(done).toBeGreaterThan(COUNT / 2);
      expect(service.exitCode).toBeNull();
      expect(service.output).not.toMatch(/nobody listening|caught by nobody/);
      expect(readdirSync(join(service.dataDir, 'spool'))).toEqual([]);
      if (!before || !after) return;
      expect(after.files.length).toBeLessThanOrEqual(before.files.length);
      expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 8);
      expect(after.megabytes - before.megabytes).toBeLessThan(MOST_GROWTH_MB);
    },
    180_000,
  );
});

/** More than a socket takes at once. */
async function ingestMinutes(ann: Client): Promise<void> {
  const rows = Array.from(
    { length: 6_000 },
    (_, i) => `${new Date(Date.UTC(2024, 0, 2, 14, 30) + i * 60_000).toISOString()},1,2,1,2,5\n`,
  );
  const upload = await ann.post<{ upload_id: string }>(
    '/ingest/uploads',
    `timestamp,open,high,low,close,volume\n${rows.join('')}`,
    { 'content-type': 'text/csv' },
  );
  const run = await ann.post<{ task_id: string }>('/ingest/runs', {
    source: { kind: 'upload', upload_id: upload.body.upload_id },
    mapping: { constants: { vt_symbol: 'AAA.LOCAL', interval: '1m' } },
  });
  expect((await ann.settled(run.body.task_id)).status).toBe('succeeded');
  expect((await ann.get<{ count: number }>('/data/AAA.LOCAL/bars?interval=1m&limit=5000&session=all')).body.count).toBe(
    5_000,
  );
}
