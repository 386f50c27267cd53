import { context, propagation, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import type { RequestContext } from '#platform/context';
import { type RoutedRequest, openExchange } from '#platform/http';
import { enableSpans } from '#platform/spans';
import { Jobs } from './jobs.service.ts';
import { JobsBench, type JobsProcess, type Script, diary, userContext } from './testing/index.ts';

const SENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('the trace of a job', () => {
  let bench: JobsBench;
  let process: JobsProcess;
  const ctx = userContext();

  beforeAll(async () => {
    bench = await JobsBench.open();
    process = await bench.process({
      env: { ALPHASWARM_JOB_SHUTDOWN_MS: '50', ALPHASWARM_JOB_LEADER_MS: '100', ALPHASWARM_JOB_HEARTBEAT_MS: '100' },
    });
  });

  afterAll(() => bench.close());

  const stored = async (id: string): Promise<Record<string, string | null>> => {
    const { rows } = await bench.database.owner.query<Record<string, string | null>>(
      'SELECT traceparent, tracestate FROM jobs WHERE id = $1',
      [id],
    );
    return rows[0]!;
  };

  /** As a request with these headers queues it. */
  function sent<T>(headers: Record<string, string>, work: () => Promise<T>): Promise<T> {
    const request = { headers } as unknown as RoutedRequest;
    return openExchange({ request, response: undefined as never }, work);
  }

  const enqueue = (does: Script, headers: Record<string, string>, of = ctx): Promise<string> =>
    sent(headers, () => bench.enqueue(process, of, does));

  describe('without telemetry', () => {
    it('is what the caller sent, in well-formed headers', async () => {
      const tracestate = 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE';
      expect(await stored(await enqueue('succeed', { traceparent: SENT, tracestate }))).toEqual({
        traceparent: SENT,
        tracestate,
      });
      expect(await stored(await enqueue('succeed', { traceparent: SENT, tracestate: 'rojo' }))).toEqual({
        traceparent: SENT,
        tracestate: null,
      });
      const none: Record<string, string>[] = [{}, { traceparent: `${SENT}-more`, tracestate }, { tracestate }];
      for (const headers of none)
        expect(await stored(await enqueue('succeed', headers))).toEqual({ traceparent: null, tracestate: null });
    });

    it('stays with a job that is retried by a request with another trace', async () => {
      const id = await enqueue('refuse', { traceparent: SENT, tracestate: 'rojo=1' });
      await bench.until(id, 'failed');
      const other = { traceparent: SENT.replace('b7ad', 'aaaa') };
      const { task_id: again } = await sent(other, () => process.get(Jobs).retry(ctx, id));
      expect(await stored(again)).toEqual({ traceparent: SENT, tracestate: 'rojo=1' });
    });

    it('goes with the transaction that queued it', async () => {
      let id = '';
      await expect(
        bench.inTransaction(process, ctx, async () => {
          id = await enqueue('succeed', { traceparent: SENT });
          throw new Error('no');
        }),
      ).rejects.toThrow('no');
      expect(await bench.count('jobs WHERE id = $1', [id])).toBe(0);
    });
  });

  describe('with telemetry', () => {
    const exporter = new InMemorySpanExporter();
    let sdk: NodeSDK;

    beforeAll(() => {
      sdk = new NodeSDK({ autoDetectResources: false, spanProcessors: [new SimpleSpanProcessor({ exporter })] });
      sdk.start();
      enableSpans(true);
    });

    afterAll(async () => {
      enableSpans(false);
      await sdk.shutdown();
      for (const api of [trace, context, propagation]) api.disable();
    });

    /** Queued in a span as a request has one; the caller's own trace is linked there and not continued. */
    async function asked(
      of: RequestContext,
      does: Script,
    ): Promise<{ id: string; span: { traceId: string; spanId: string } }> {
      return trace.getTracer('test').startActiveSpan('POST /x', { root: true }, async (span) => {
        const id = await enqueue(does, { traceparent: SENT }, of);
        span.end();
        return { id, span: span.spanContext() };
      });
    }

    /** Spans of the attempts of a tenant's jobs. */
    async function attempts(of: RequestContext, n: number): Promise<ReadableSpan[]> {
      for (let look = 0; look < 500; look++) {
        const found = exporter
          .getFinishedSpans()
          .filter(({ name, attributes }) => name === 'job.run' && attributes['tenant_id'] === of.orgId);
        if (found.length >= n) return found;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`there are not ${n} attempts`);
    }

    it('is the parent of every attempt, over a retry of the queue and one of the caller', async () => {
      const [once, again] = [userContext(), userContext()];
      const { id, span } = await asked(once, 'fail-once');
      await bench.until(id, 'succeeded');
      const spans = await attempts(once, 2);
      expect(await stored(id)).toEqual({ traceparent: `00-${span.traceId}-${span.spanId}-01`, tracestate: null });
      expect(spans.map((one) => one.parentSpanContext)).toEqual(
        Array(2).fill(expect.objectContaining({ traceId: span.traceId, spanId: span.spanId, isRemote: true })),
      );
      expect(new Set(spans.map((one) => one.spanContext().spanId)).size).toBe(2);

      const first = await asked(again, 'refuse');
      await bench.until(first.id, 'failed');
      const { task_id } = await trace
        .getTracer('test')
        .startActiveSpan('POST /jobs/{id}/retry', { root: true }, () => process.get(Jobs).retry(again, first.id));
      await bench.until(task_id, 'failed');
      expect((await attempts(again, 2)).map((one) => one.parentSpanContext?.spanId)).toEqual(
        Array(2).fill(first.span.spanId),
      );
    });

    it('is the parent of the attempt after a lapsed lease', async () => {
      const tenant = userContext();
      const { id, span } = await asked(tenant, 'ignore-abort');
      await bench.started(process, tenant, id);
      // As if the process had stood still for a minute: the leader takes the job from it.
      await bench.database.owner.query(
        "UPDATE jobs SET lease_owner = 'lost', lease_until = now() - interval '1 s' WHERE id = $1",
        [id],
      );
      while ((await bench.row(id)).attempt < 2) await new Promise((resolve) => setTimeout(resolve, 20));
      while ((await bench.row(id)).status !== 'succeeded') {
        diary.release(id);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const spans = await attempts(tenant, 2);
      expect(spans.map((one) => one.parentSpanContext?.spanId)).toEqual(Array(2).fill(span.spanId));
      expect(spans.map((one) => one.spanContext().traceId)).toEqual(Array(2).fill(span.traceId));
    });

    it('begins with the job where nobody had one', async () => {
      const tenant = userContext();
      await bench.until(await bench.enqueue(process, tenant, 'succeed'), 'succeeded');
      const [attempt] = await attempts(tenant, 1);
      expect(attempt?.parentSpanContext).toBeUndefined();
    });
  });
});
