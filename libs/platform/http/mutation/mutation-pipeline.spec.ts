import type { Response } from 'express';
import type { WorkloadRuntime } from '#platform/audit';
import { systemContext } from '#platform/context';
import type { TenantTransaction } from '#platform/database';
import type { RoutedRequest } from '../exchange.ts';
import type { HaltVerdict } from './halt-state.ts';
import type { Idempotency } from './idempotency.ts';
import type { StoredResponse } from './idempotency.repository.ts';
import { MutationPipeline } from './mutation-pipeline.ts';

const CLAIM = { id: '018cc251-f400-7000-8000-000000000001', key: 'k', fingerprint: 'f'.repeat(64) };
const STORED: StoredResponse = { status: 202, body: '{}', location: null, etag: null, contentType: null };

/** The steps before the handler, with what each of them finds. */
function start({
  verdict = 'clear',
  keyed = false,
  stored,
  taken = false,
  prepares = false,
}: {
  verdict?: HaltVerdict;
  keyed?: boolean;
  stored?: StoredResponse;
  taken?: boolean;
  prepares?: boolean;
}) {
  const steps: string[] = [];
  const workloads = {
    begin: async () => steps.push('intent') && { context: {} },
    beginClaimed: async () => (taken ? null : steps.push('claim and intent') && { context: {} }),
  };
  const idempotency = {
    claimOf: () => (keyed ? CLAIM : undefined),
    answered: async () => stored,
    replay: () => 'replayed',
  };
  const tx = {
    run: async (_scope: unknown, work: () => Promise<unknown>) => {
      steps.push('begin');
      return work();
    },
  };
  const handler = async () => steps.push('handler') && (async () => steps.push('prepared'));
  const pipeline = new MutationPipeline(
    tx as unknown as TenantTransaction,
    idempotency as unknown as Idempotency,
    { read: async () => verdict },
    workloads as unknown as WorkloadRuntime,
  );
  const request = { context: systemContext('test', 'r1'), params: {} } as unknown as RoutedRequest;
  return {
    steps,
    answer: pipeline.run(
      { action: 'thing.start', starts: true, prepares },
      { request, response: {} as Response },
      handler,
    ),
  };
}

describe('MutationPipeline', () => {
  it('records the intent, with the claim on a key, before the handler', async () => {
    for (const [keyed, first] of [
      [false, 'intent'],
      [true, 'claim and intent'],
    ] as const) {
      const { steps, answer } = start({ keyed });
      await answer;
      expect(steps).toEqual([first, 'begin', 'handler']);
    }
  });

  it('begins the transaction of a handler that prepares when it has, and after the intent', async () => {
    const { steps, answer } = start({ prepares: true });
    await answer;
    expect(steps).toEqual(['intent', 'handler', 'begin', 'prepared']);
  });

  it.each([
    ['engaged', 423, 'kill_switch_engaged'],
    ['unknown', 503, 'kill_switch_unknown'],
  ] as const)('starts and records nothing while a halt is %s', async (verdict, status, code) => {
    for (const keyed of [false, true]) {
      const { steps, answer } = start({ verdict, keyed });
      await expect(answer).rejects.toMatchObject({ status, code });
      expect(steps).toEqual([]);
    }
  });

  it('replays in spite of a halt', async () => {
    const { steps, answer } = start({ verdict: 'engaged', keyed: true, stored: STORED });
    expect([await answer, steps]).toEqual(['replayed', []]);
  });

  it('replays when the key is taken, and asks to come again when it has just been freed', async () => {
    const replayed = start({ keyed: true, taken: true, stored: STORED });
    expect([await replayed.answer, replayed.steps]).toEqual(['replayed', []]);
    await expect(start({ keyed: true, taken: true }).answer).rejects.toMatchObject({
      status: 409,
      code: 'idempotency_in_progress',
    });
  });
});
