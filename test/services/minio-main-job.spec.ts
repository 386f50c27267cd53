import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../acceptance/support/client.ts';
import { minuteRun } from '../acceptance/support/minute-run.ts';
import { Service } from '../acceptance/support/service.ts';
import { TaskStream } from '../acceptance/support/stream.ts';
import { Minio } from './minio.ts';

const OUTAGE_MS = 20_000;
const RUNS = 6;

const minio = await Minio.start();

if (typeof minio === 'string') throw new Error(minio);

const CSV = [
  'timestamp,symbol,open,high,low,close,volume',
  ...Array.from({ length: 20 }, (_, i) => `2024-01-${String(i + 2).padStart(2, '0')},X.BINANCE,1,2,0.5,1.5,${i}`),
].join('\n');

describe('the main job with its objects in a bucket', () => {
  let onDisk: Service;
  let inBucket: Service;
  let disk: Client;
  let bucket: Client;

  beforeAll(async () => {
    onDisk = await Service.start({ ALPHASWARM_S3_BUCKET: '' });
    inBucket = await Service.start(minio.settings);
    [disk, bucket] = (await Promise.all(
      [onDisk, inBucket].map((service) => Client.as(service.url, { user: 'ann', role: 'owner' })),
    )) as [Client, Client];
  });

  afterAll(async () => {
    await onDisk.stop();
    await inBucket.stop();
    await minio.remove();
  });

  it('leaves the same artifacts as on disk, byte for byte, and replays them', async () => {
    const [here, there] = await Promise.all([disk.backtest(minuteRun(1, 6_000)), bucket.backtest(minuteRun(1, 6_000))]);
    for (const key of ['run_hash', 'event_log_hash', 'dataset_hash', 'artifacts'])
      expect([key, there.detail[key]]).toEqual([key, here.detail[key]]);
    // The rows themselves: fills and orders have ids of their own.
    expect([there.equity, there.roundTrips, there.events]).toEqual([here.equity, here.roundTrips, here.events]);
    expect(there.events.length).toBeGreaterThan(6_000);
    const replay = await bucket.post<{ task_id: string }>(`/backtests/${there.id}/replay`);
    expect((await bucket.settled(replay.body.task_id)).result).toMatchObject({ identical: true, first_diff: null });
  });

  it('takes an upload and ingests it', async () => {
    const upload = await fetch(`${inBucket.url}/ingest/uploads`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bucket.token}`, 'content-type': 'text/csv' },
      body: CSV,
    });
    expect(upload.status).toBe(201);
    const { upload_id } = (await upload.json()) as { upload_id: string };
    const started = await bucket.post<{ task_id: string }>('/ingest/runs', {
      source: { kind: 'upload', upload_id },
      mapping: { constants: { interval: '1d' } },
    });
    expect([started.status, started.body]).toEqual([202, expect.anything()]);
    expect((await bucket.settled(started.body.task_id)).status).toBe('succeeded');
  });

  it(`loses and fails nothing when the storage is away for ${OUTAGE_MS / 1_000} s in the middle of runs`, async () => {
    const started = await Promise.all(
      Array.from({ length: RUNS }, (_, i) =>
        bucket.post<{ task_id: string; run_id: string }>('/backtests', minuteRun(i + 2, 20_000)),
      ),
    );
    expect(started.map(({ status }) => status)).toEqual(started.map(() => 202));
    const streams = started.map(({ body }) => new TaskStream(inBucket.url, bucket.token, body.task_id));
    const outage = async (): Promise<void> => {
      await minio.down();
      await sleep(OUTAGE_MS);
      expect((await bucket.get('/backtests')).status).toBe(200);
      expect(await fetch(`${inBucket.url}/readyz`).then((answer) => answer.json())).toMatchObject({
        status: 'degraded',
        degraded: ['storage'],
      });
      minio.up();
      for (const { body } of started) expect((await bucket.settled(body.task_id, 120)).status).toBe('succeeded');
    };
    await Promise.all([outage(), ...streams.map((stream) => stream.listen())]);
    for (const { frames } of streams) expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, index) => index + 1));
    const warned = streams.filter(({ frames }) => frames.some(({ stage }) => stage === 'warning'));
    expect(warned.length).toBeGreaterThan(0);
    const ids = started.map(({ body }) => body.run_id);
    for (const id of ids) expect((await bucket.results(id)).detail['status']).toBe('completed');
  }, 300_000);
});
