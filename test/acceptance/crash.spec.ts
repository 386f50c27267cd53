import { Client } from './support/client.ts';
import { minuteRun } from './support/minute-run.ts';
import { Service } from './support/service.ts';
import { TaskStream } from './support/stream.ts';

const ROUNDS = 20;
const BATCH = 6;
/** Enough bars that a run takes a noticeable part of a second, so that kills land inside runs. */
const BARS = 6_000;

const HASHES = ['run_hash', 'event_log_hash', 'dataset_hash', 'artifacts'] as const;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('kill -9', () => {
  let service: Service;
  let ann: Client;

  beforeAll(async () => {
    service = await Service.start();
    ann = await Client.as(service.url, { user: 'ann', role: 'owner' });
  });

  afterAll(() => service.stop());

  /** Submits a batch and follows every run of it. `seen` counts what has come back: answers and frames. */
  function submit() {
    const accepted: { seed: number; runId: string; stream: TaskStream }[] = [];
    const listening: Promise<void>[] = [];
    const submitted = Promise.all(
      Array.from({ length: BATCH }, async (_, seed) => {
        const answer = await ann
          .post<{ task_id: string; run_id: string }>('/backtests', minuteRun(seed + 1, BARS))
          .catch(() => undefined);
        if (answer?.status !== 202) return;
        const stream = new TaskStream(service.url, ann.token, answer.body.task_id);
        accepted.push({ seed, runId: answer.body.run_id, stream });
        listening.push(stream.listen());
      }),
    );
    const seen = () => accepted.reduce((count, { stream }) => count + 1 + stream.frames.length, 0);
    const ended = () => accepted.length === BATCH && accepted.every(({ stream }) => stream.ended);
    return { accepted, submitted, listening, seen, ended };
  }

  it(`at ${ROUNDS} moments of a batch loses no accepted run, no frame and no audit entry`, async () => {
    const whole = submit();
    while (!whole.ended()) await pause(5);
    const undisturbed = new Map(
      await Promise.all(
        whole.accepted.map(async ({ seed, runId }) => [seed, (await ann.get(`/backtests/${runId}`)).body] as const),
      ),
    );
    let killedWhileWorking = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const { accepted, submitted, listening, seen, ended } = submit();
      // A moment is counted in what has come back, not timed: from before the first answer to the last frames, however
      // fast the machine is.
      while (seen() < (round / ROUNDS) * whole.seen() && !ended()) await pause(1);
      await service.kill();
      await submitted;
      await Promise.all(listening);
      if (accepted.some(({ stream }) => !stream.ended)) killedWhileWorking++;
      await service.boot();
      const restarted = performance.now();
      for (const { seed, runId, stream } of accepted) {
        while (!stream.ended && performance.now() - restarted < 30_000) {
          await stream.listen();
          if (!stream.ended) await pause(50);
        }
        expect([round, seed, stream.problems()]).toEqual([round, seed, []]);
        const { body } = await ann.get(`/backtests/${runId}`);
        expect([round, seed, body['status']]).toEqual([round, seed, 'completed']);
        for (const hash of HASHES)
          expect([round, seed, hash, body[hash]]).toEqual([round, seed, hash, undisturbed.get(seed)?.[hash]]);
      }
      expect(performance.now() - restarted).toBeLessThan(30_000);
    }
    expect(killedWhileWorking).toBeGreaterThan(ROUNDS / 4);
    const who = await ann.get<{ active_context: { org_id: string } }>('/auth/whoami');
    const verified = await ann.get(`/audit/chains/org:${who.body.active_context.org_id}/verify`);
    expect(verified.body).toMatchObject({ valid: true, first_bad: null });
  }, 600_000);
});
