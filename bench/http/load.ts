import { Agent, request as send } from 'node:http';
import { readStart, requests, sayReady } from './child.ts';

/** Connections that are kept alive, each with one request at a time. */
export interface LoadSettings {
  connections: number;
}

export interface LoadOrder {
  url: string;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  /** JSON body; `name` is made unique, and an Idempotency-Key comes with it where `keyed`. */
  body?: Record<string, unknown>;
  keyed?: boolean;
  expect: number;
  seconds: number;
  /** No more requests than this, however fast they are answered. */
  most: number;
}

/** Latencies in milliseconds. */
export interface LoadResult {
  requests: number;
  perSecond: number;
  p50: number;
  p99: number;
  failures: number;
  firstFailure?: string;
}

const { connections } = await readStart<LoadSettings>();
const agent = new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections });
let serial = 0;

function once(
  order: LoadOrder,
  text: string | undefined,
  headers: Record<string, string>,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = send(order.url, { agent, method: order.method, headers, timeout: 30_000 }, (response) => {
      let body = '';
      const failed = response.statusCode !== order.expect;
      response.on('data', (chunk: Buffer) => {
        if (failed) body += chunk.toString('utf8');
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', reject);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 30 s')));
    outgoing.on('error', reject);
    outgoing.end(text);
  });
}

async function run(order: LoadOrder): Promise<LoadResult> {
  const latencies: number[] = [];
  let started = 0;
  let failures = 0;
  let firstFailure: string | undefined;
  const from = performance.now();
  const until = from + order.seconds * 1_000;
  const worker = async (): Promise<void> => {
    while (performance.now() < until && started < order.most) {
      started++;
      const unique = `${process.pid}-${++serial}`;
      const text = order.body && JSON.stringify({ ...order.body, name: `${String(order.body['name'])} ${unique}` });
      const headers =
        text === undefined
          ? order.headers
          : {
              ...order.headers,
              'content-type': 'application/json',
              'content-length': String(Buffer.byteLength(text)),
              ...(order.keyed ? { 'idempotency-key': unique } : {}),
            };
      const at = performance.now();
      const { status, body } = await once(order, text, headers);
      latencies.push(performance.now() - at);
      if (status !== order.expect) {
        failures++;
        firstFailure ??= `${status} ${body.slice(0, 500)}`;
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const seconds = (performance.now() - from) / 1_000;
  latencies.sort((a, b) => a - b);
  const quantile = (share: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? 0;
  return {
    requests: latencies.length,
    perSecond: latencies.length / seconds,
    p50: quantile(0.5),
    p99: quantile(0.99),
    failures,
    firstFailure,
  };
}

sayReady({});
for await (const order of requests<LoadOrder>()) sayReady(await run(order));
agent.destroy();
