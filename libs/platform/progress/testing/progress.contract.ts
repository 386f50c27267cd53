import { newId } from '#kernel';
import { type FrameBatch, Progress, type StoredFrame, TaskFinishedError } from '../index.ts';

/** What a driver brings: two processes on one store, and a tenant transaction for the terminal frame. */
export interface ProgressHarness {
  here: Progress;
  elsewhere: Progress;
  orgId: string;
  /** Runs `work` in the tenant's transaction; when it throws, nothing of it stays. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** Newest frames a stream keeps at least. */
  retained: number;
}

export async function heardBy(
  progress: Progress,
  taskId: string,
  orgId: string,
): Promise<{ frames: StoredFrame[]; until: (count: number) => Promise<void>; stop: () => void }> {
  const frames: StoredFrame[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const stop = await progress.subscribe(taskId, orgId, (batch: FrameBatch) => {
    frames.push(...batch);
    for (const { count, resolve } of waiting) if (frames.length >= count) resolve();
  });
  const until = (count: number): Promise<void> =>
    new Promise((resolve) => {
      if (frames.length >= count) resolve();
      else waiting.push({ count, resolve });
    });
  return { frames, until, stop };
}

/** Every driver of Progress passes this suite. */
export function progressContract(driver: string, open: () => Promise<ProgressHarness>): void {
  describe(`Progress on ${driver}`, () => {
    let harness: ProgressHarness;
    let task: string;
    const say = (stage: string, extras?: Record<string, unknown>): Promise<number> =>
      harness.here.publish(task, harness.orgId, { stage, message: stage, extras });
    const texts = async (after = 0): Promise<Record<string, unknown>[]> =>
      (await harness.here.replay(task, harness.orgId, after, 20_000)).frames.map(
        ({ text }) => JSON.parse(text) as Record<string, unknown>,
      );

    beforeAll(async () => {
      harness = await open();
    });

    beforeEach(() => {
      task = newId();
    });

    it('numbers frames from 1 without gap, in the order of the calls, from two processes at once', async () => {
      await Promise.all(
        Array.from({ length: 300 }, (_, i) =>
          (i % 3 === 0 ? harness.elsewhere : harness.here).publish(task, harness.orgId, {
            stage: 'progress',
            message: String(i),
          }),
        ),
      );
      const frames = await texts();
      expect(frames.map(({ seq }) => seq)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
      const order = frames.map(({ message }) => Number(message)).filter((i) => i % 3 !== 0);
      expect(order).toEqual([...order].sort((a, b) => a - b));
    });

    it('keeps the base keys whatever the extras say', async () => {
      await say('progress', {
        task_id: 'x',
        stage: 'y',
        seq: 99,
        timestamp: 0,
        message: 'z',
        type: 't',
        pct: 5,
        progress: 0.05,
      });
      const [frame] = await texts();
      expect(frame).toMatchObject({
        task_id: task,
        stage: 'progress',
        message: 'progress',
        seq: 1,
        pct: 5,
        progress: 0.05,
      });
      expect(frame).not.toHaveProperty('type');
      expect(frame?.['timestamp']).toBeGreaterThan(1e9);
    });

    it('has result only in done and error only where something failed', async () => {
      await say('progress', { result: { a: 1 }, error: { code: 'x' } });
      await say('retry', { error: { code: 'x' } });
      await say('done', { result: { a: 1 }, error: { code: 'x' } });
      const [progress, retry, done] = await texts();
      expect(progress).not.toHaveProperty('result');
      expect(progress).not.toHaveProperty('error');
      expect(retry?.['error']).toEqual({ code: 'x' });
      expect(done?.['result']).toEqual({ a: 1 });
      expect(done).not.toHaveProperty('error');
    });

    it('redacts secrets', async () => {
      await say('progress', { nested: { password: 'hunter2-value' } });
      expect(JSON.stringify(await texts())).not.toContain('hunter2-value');
    });

    it('keeps a frame within 64 KiB: a reference for the result, the largest extras dropped by name', async () => {
      const text = 'é'.repeat(4_000);
      const large = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`k${i}`, text]));
      await say('progress', {
        small: 1,
        ...Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`big${i}`, `${text}${'x'.repeat(i)}`])),
      });
      await say('done', { result: { ...large, more: [text, text] }, run_id: 'r' });
      const [progress, done] = await texts();
      for (const frame of [progress, done])
        expect(Buffer.byteLength(JSON.stringify({ type: 'progress', ...frame }))).toBeLessThanOrEqual(65_536);
      expect(progress).toMatchObject({ small: 1, dropped: ['big9', 'big8'] });
      expect(done).toMatchObject({ result: { truncated: true, href: `/jobs/${task}` }, run_id: 'r' });
    });

    it('accepts exactly one terminal frame and nothing after it', async () => {
      await say('start');
      const ends = await Promise.allSettled(
        ['done', 'error', 'cancelled', 'done'].map((stage, i) =>
          (i % 2 ? harness.elsewhere : harness.here).publish(task, harness.orgId, { stage, message: stage }),
        ),
      );
      expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      await expect(say('late')).rejects.toThrow(TaskFinishedError);
      await expect(
        harness.transaction(() => harness.here.finish(task, harness.orgId, { stage: 'done', message: 'again' })),
      ).rejects.toMatchObject({ status: 409, code: 'task_finished' });
      const state = await harness.elsewhere.replay(task, harness.orgId, 0, 10);
      expect(state).toMatchObject({ lastSeq: 2, terminalSeq: 2 });
      expect(state.frames).toHaveLength(2);
    });

    it('ends a task with the transaction that ends it, or not at all', async () => {
      const heard = await heardBy(harness.here, task, harness.orgId);
      await say('start');
      await expect(
        harness.transaction(async () => {
          await harness.here.finish(task, harness.orgId, { stage: 'done', message: 'never' });
          throw new Error('rolled back');
        }),
      ).rejects.toThrow('rolled back');
      expect((await texts()).map(({ stage }) => stage)).toEqual(['start']);
      await harness.transaction(async () => {
        await harness.here.finish(task, harness.orgId, { stage: 'done', message: 'now' });
        expect(heard.frames.map(({ stage }) => stage)).toEqual(['start']);
      });
      await heard.until(2);
      heard.stop();
      expect(heard.frames.map(({ seq, stage, terminal }) => [seq, stage, terminal])).toEqual([
        [1, 'start', false],
        [2, 'done', true],
      ]);
    });

    it('refuses an attempt that has been replaced', async () => {
      await harness.here.publish(task, harness.orgId, { stage: 'start', message: 'first' }, 1);
      await harness.elsewhere.publish(task, harness.orgId, { stage: 'start', message: 'second' }, 2);
      await expect(
        harness.here.publish(task, harness.orgId, { stage: 'progress', message: 'stale' }, 1),
      ).rejects.toThrow(TaskFinishedError);
      expect((await texts()).map(({ message }) => message)).toEqual(['first', 'second']);
      await harness.elsewhere.fence(task, harness.orgId, 3);
      await expect(
        harness.here.publish(task, harness.orgId, { stage: 'progress', message: 'fenced off' }, 2),
      ).rejects.toThrow(TaskFinishedError);
      expect(await harness.here.publish(task, harness.orgId, { stage: 'start', message: 'third' }, 3)).toBe(3);
    });

    it('reaches listeners in every process, once and in order', async () => {
      const listeners = [
        await heardBy(harness.here, task, harness.orgId),
        await heardBy(harness.elsewhere, task, harness.orgId),
      ];
      await say('start');
      for (let i = 0; i < 50; i++)
        await (i % 2 ? harness.elsewhere : harness.here).publish(task, harness.orgId, {
          stage: 'progress',
          message: String(i),
        });
      await say('done');
      for (const heard of listeners) {
        await heard.until(52);
        heard.stop();
        expect(heard.frames.map(({ seq }) => seq)).toEqual(Array.from({ length: 52 }, (_, i) => i + 1));
      }
      expect(listeners[0]?.frames.map(({ text }) => text)).toEqual(listeners[1]?.frames.map(({ text }) => text));
    });

    it('shows ephemeral frames to listeners and to nobody later', async () => {
      const near = await heardBy(harness.here, task, harness.orgId);
      const far = await heardBy(harness.elsewhere, task, harness.orgId);
      await say('start');
      await Promise.all([near.until(1), far.until(1)]);
      await harness.here.publishEphemeral(task, harness.orgId, {
        stage: 'token',
        message: 'He',
        extras: { delta: 'He' },
      });
      await Promise.all([near.until(2), far.until(2)]);
      near.stop();
      far.stop();
      for (const { frames } of [near, far]) {
        expect(frames[1]?.seq).toBeNull();
        const frame = JSON.parse(frames[1]?.text ?? '') as Record<string, unknown>;
        expect(frame).toMatchObject({ task_id: task, stage: 'token', delta: 'He', ephemeral: true });
        expect(frame).not.toHaveProperty('seq');
      }
      expect(await texts()).toHaveLength(1);
    });

    it('replays from any point in pages', async () => {
      await Promise.all(Array.from({ length: 20 }, (_, i) => say('progress', { i })));
      const page = await harness.elsewhere.replay(task, harness.orgId, 12, 5);
      expect(page.frames.map(({ seq }) => seq)).toEqual([13, 14, 15, 16, 17]);
      expect(page).toMatchObject({ lastSeq: 20, firstSeq: 1, terminalSeq: null });
      expect((await harness.here.replay(task, harness.orgId, 20, 5)).frames).toEqual([]);
      expect(await harness.here.replay(newId(), harness.orgId, 0, 5)).toEqual({
        frames: [],
        lastSeq: 0,
        firstSeq: 1,
        terminalSeq: null,
        progress: null,
      });
    });

    it('keeps the newest frames of a long stream', async () => {
      const length = harness.retained + 3_000;
      await Promise.all(
        Array.from({ length }, (_, i) =>
          harness.here.publish(task, harness.orgId, { stage: 'progress', message: String(i) }),
        ),
      );
      const { firstSeq, lastSeq, frames } = await harness.here.replay(task, harness.orgId, 0, 1);
      expect(lastSeq).toBe(length);
      expect(lastSeq - firstSeq + 1).toBeGreaterThanOrEqual(harness.retained);
      expect(lastSeq - firstSeq + 1).toBeLessThan(harness.retained + 2_000);
      expect(frames[0]?.seq).toBe(firstSeq);
    }, 60_000);

    it('knows the newest fraction done', async () => {
      await say('progress', { progress: 0.25 });
      await say('artifact', { kind: 'equity' });
      expect((await harness.here.replay(task, harness.orgId, 0, 1)).progress).toBe(0.25);
    });
  });
}
