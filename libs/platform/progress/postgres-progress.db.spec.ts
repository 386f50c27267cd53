import type { PoolClient } from 'pg';
import { SystemClock, newId } from '#kernel';
import { OwnerPool, type TenantTransaction } from '#platform/database';
import { TestDatabase } from '../database/testing/index.ts';
import { PostgresProgress } from './postgres-progress.ts';
import { ProgressRepository } from './progress.repository.ts';
import { ProgressSignal } from './progress-signal.ts';
import { progressContract } from './testing/progress.contract.ts';

const ORG = newId();

interface Process {
  progress: PostgresProgress;
  frames: ProgressRepository;
  tx: TenantTransaction;
  owner: OwnerPool;
  close: () => Promise<void>;
}

async function startProcess(database: TestDatabase): Promise<Process> {
  const tx = await database.transaction();
  const owner = new OwnerPool(database.urls.owner);
  const frames = new ProgressRepository(tx, owner);
  const progress = new PostgresProgress(tx, new SystemClock(), frames, new ProgressSignal(owner, frames));
  progress.onApplicationBootstrap();
  const close = async (): Promise<void> => {
    await progress.onApplicationShutdown();
    await owner.onApplicationShutdown();
  };
  return { progress, frames, tx, owner, close };
}

describe('PostgresProgress', () => {
  let database: TestDatabase;
  let processes: [Process, Process];

  beforeAll(async () => {
    database = await TestDatabase.create();
    processes = [await startProcess(database), await startProcess(database)];
  });

  afterAll(async () => {
    await Promise.all(processes.map(({ close }) => close()));
    await database.drop();
  });

  progressContract('PostgreSQL', () => {
    const [first, second] = processes;
    return Promise.resolve({
      here: first.progress,
      elsewhere: second.progress,
      orgId: ORG,
      retained: 10_000,
      transaction: (work) => first.tx.run({ orgId: ORG }, work),
    });
  });

  it('hides a stream from another organization', async () => {
    const task = newId();
    await processes[0].progress.publish(task, ORG, { stage: 'start', message: 'mine' });
    expect(await processes[0].progress.replay(task, newId(), 0, 10)).toMatchObject({ frames: [], lastSeq: 0 });
    await expect(processes[0].progress.publish(task, newId(), { stage: 'start', message: 'theirs' })).rejects.toThrow();
  });

  it('drops frames of streams silent for a day and keeps their numbers', async () => {
    const [{ progress, frames }] = processes;
    const [old, recent] = [newId(), newId()];
    for (const task of [old, recent]) await progress.publish(task, ORG, { stage: 'start', message: 'x' });
    await database.owner.query(
      "UPDATE progress_streams SET updated_at = now() - interval '25 hours' WHERE task_id = $1",
      [old],
    );
    await database.owner.query("UPDATE progress_frames SET at = now() - interval '25 hours' WHERE task_id = ANY ($1)", [
      [old, recent],
    ]);
    expect(await progress.replay(old, ORG, 0, 10)).toMatchObject({ frames: [], firstSeq: 2, lastSeq: 1 });
    expect(await frames.purgeExpired()).toBe(1);
    expect(await progress.publish(old, ORG, { stage: 'progress', message: 'again' })).toBe(2);
    expect((await progress.replay(recent, ORG, 0, 10)).frames).toHaveLength(1);
  });

  it('listens again when PostgreSQL ends the connection, and outlives what that still says after it', async () => {
    const process = await startProcess(database);
    const listening = new Promise<PoolClient>((resolve) => process.owner.once('acquire', resolve));
    const task = newId();
    const heard: number[] = [];
    await process.progress.subscribe(task, ORG, (batch) => heard.push(...batch.map(({ seq }) => seq ?? 0)));
    const first = await listening;
    const again = new Promise<PoolClient>((resolve) =>
      process.owner.on('acquire', (client) => client !== first && resolve(client)),
    );
    await database.owner.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1', [
      (first as unknown as { processID: number }).processID,
    ]);
    const second = await again;
    await processes[1].progress.publish(task, ORG, { stage: 'start', message: 'x' });
    while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(heard).toEqual([1]);
    await process.close();
    for (const client of [first, second])
      expect(() => client.emit('error', new Error('terminating connection'))).not.toThrow();
  });
});
