import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where requests go, and what there is to read. */
export interface Target {
  port: number;
  token: string;
  backtestId: string;
  taskId: string;
}

/** mulberry32: numbers in [0, 1) that a seed tells. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const CSV = `date,open,high,low,close,volume\n${Array.from(
  { length: 2_000 },
  (_, i) => `2024-01-02,` + `${i},2,1,2,5\n`,
).join('')}`;
const FILE = `--XX\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n${CSV}\r\n`;
const MULTIPART = `--XX\r\nContent-Disposition: form-data; name="size"\r\n\r\n${CSV.length}\r\n${FILE}--XX--\r\n`;
const JSON_BODY = JSON.stringify({
  name: 'x'.repeat(20_000),
  config: { deep: Array.from({ length: 500 }, (_, i) => ({ i })) },
});
const INLINE = JSON.stringify({
  config: {},
  data: {
    inline: Array.from({ length: 3_000 }, (_, i) => ({
      vt_symbol: 'X.SIM',
      time: '2024-01-02',
      open: i,
      high: 1,
      low: 1,
      close: 1,
      volume: null,
    })),
  },
});

type Cut = (target: Target, random: () => number) => Promise<void>;

/**
 * Every kind of line that is cut. Each makes one request and breaks it off, or what it holds, at a place of its own.
 */
export const CUTS: Readonly<Record<string, Cut>> = {
  head: (target, random) =>
    sendPart(target, random, whole(target, 'POST', '/backtests', 'application/json', JSON_BODY).slice(0, 250)),
  json: (target, random) =>
    sendPart(target, random, whole(target, 'POST', '/strategies', 'application/json', JSON_BODY)),
  inline: (target, random) => sendPart(target, random, whole(target, 'POST', '/backtests', 'application/json', INLINE)),
  upload: (target, random) => sendPart(target, random, whole(target, 'POST', '/ingest/uploads', 'text/csv', CSV)),
  multipart: (target, random) =>
    sendPart(target, random, whole(target, 'POST', '/ingest/uploads', 'multipart/form-data; boundary=XX', MULTIPART)),
  'cut multipart in a whole body': async (target, random) => {
    const two = random() < 0.5;
    const form = two ? `${FILE}${MULTIPART}` : MULTIPART;
    // With two files the cut is in the second one or its head.
    const from = two ? FILE.length : 0;
    const body = form.slice(0, from + Math.floor(random() * (form.length - from - 2)));
    const answer = await answerTo(
      target,
      whole(target, 'POST', '/ingest/uploads', 'multipart/form-data; boundary=XX', body, 'Connection: close'),
    );
    if (!/^HTTP\/1.1 422 /.test(answer) || !answer.includes('bad_multipart'))
      throw new Error(`a multipart body cut at ${body.length} was answered: ${answer.slice(0, 300)}`);
  },
  chunked: (target, random) => {
    const chunks = Array.from({ length: 20 }, () => `400\r\n${'x'.repeat(1_024)}\r\n`).join('');
    return sendPart(
      target,
      random,
      `${head(target, 'POST', '/ingest/uploads', 'text/csv')}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`,
    );
  },
  slow: async (target, random) => {
    const text = whole(target, 'POST', '/ingest/uploads', 'text/csv', CSV);
    const socket = await open(target);
    for (let at = 0, piece = 0; piece < 5; piece++) {
      const next = at + 300 + Math.floor(random() * 2_000);
      socket.write(text.slice(at, next));
      at = next;
      await sleep(random() * 60);
    }
    await cut(socket, random);
  },
  'expected body': async (target, random) => {
    const socket = await open(target);
    socket.write(
      `${head(target, 'POST', '/ingest/uploads', 'text/csv')}Content-Length: ` +
        `${CSV.length}\r\nExpect: 100-continue\r\n\r\n`,
    );
    await Promise.race([once(socket, 'data'), sleep(500)]);
    socket.write(CSV.slice(0, Math.floor(random() * CSV.length)));
    await cut(socket, random);
  },
  download: async (target, random) => {
    const paths = [
      `/backtests/${target.backtestId}/events`,
      `/backtests/${target.backtestId}/equity`,
      '/data/AAA.LOCAL/bars?interval=1m&limit=5000&session=all',
      '/data/AAA.LOCAL/bars?interval=1m&limit=5000&session=all&format=csv',
      '/data/AAA.LOCAL/bars?interval=1m&limit=5000&session=all&format=parquet',
      `/backtests/${target.backtestId}/report`,
      '/openapi.json',
    ];
    const path = paths[Math.floor(random() * paths.length)]!;
    const accept = path.endsWith('equity') ? 'application/x-ndjson' : '*/*';
    const socket = await open(target);
    socket.write(
      `${head(target, 'GET', path)}Accept: ` +
        `${accept}\r\nAccept-Encoding: ${random() < 0.5 ? 'gzip' : 'identity'}\r\n\r\n`,
    );
    const wanted = random() * 600_000;
    let received = 0;
    await new Promise<void>((resolve) => {
      socket.on('data', (chunk) => {
        if ((received += chunk.length) >= wanted) resolve();
      });
      socket.once('close', () => resolve());
      setTimeout(resolve, 20 + random() * 200);
    });
    await cut(socket, random);
  },
  upgrade: (target, random) => sendPart(target, random, upgrade(target)),
  socket: async (target, random) => {
    const socket = await open(target);
    socket.write(upgrade(target));
    await Promise.race([once(socket, 'data'), sleep(1_000)]);
    // A text frame that says it is longer than what comes, or nothing at all.
    if (random() < 0.5)
      socket.write(
        Buffer.from([
          0x81,
          0xfe,
          0x10,
          0x00,
          1,
          2,
          3,
          4,
          ...Array.from({ length: Math.floor(random() * 100) }, () => Math.floor(random() * 256)),
        ]),
      );
    await cut(socket, random);
  },
};

/**
 * Text of one request, from its first byte on, cut somewhere; the end of the line is a close, a half close or a reset.
 */
async function sendPart(target: Target, random: () => number, text: string): Promise<void> {
  const socket = await open(target);
  socket.write(text.slice(0, Math.floor(random() * text.length)));
  await sleep(random() * 40);
  await cut(socket, random);
}

async function open({ port }: Target): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  // Broken off on purpose.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

async function cut(socket: Socket, random: () => number): Promise<void> {
  if (socket.destroyed) return;
  const closed = once(socket, 'close').catch(() => undefined);
  const how = random();
  if (how < 0.4) socket.resetAndDestroy();
  else if (how < 0.8) socket.destroy();
  else {
    socket.resume().end();
    setTimeout(() => socket.destroy(), 100).unref();
  }
  await closed;
}

async function answerTo(target: Target, text: string): Promise<string> {
  const socket = await open(target);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += String(chunk);
  });
  const closed = once(socket, 'close').catch(() => undefined);
  socket.write(text);
  await closed;
  return answer;
}

function head({ token }: Target, method: string, path: string, type?: string): string {
  return (
    `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ` +
    `${token}\r\n${type === undefined ? '' : `Content-Type: ${type}\r\n`}`
  );
}

function whole(target: Target, method: string, path: string, type: string, body: string, more?: string): string {
  return (
    `${head(target, method, path, type)}${more === undefined ? '' : `${more}\r\n`}Content-Length: ` +
    `${body.length}\r\n\r\n${body}`
  );
}

function upgrade(target: Target): string {
  return (
    `${head(target, 'GET', `/ws/progress/${target.taskId}?after=0`)}Connection: Upgrade\r\nUpgrade: ` +
    `websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`
  );
}
