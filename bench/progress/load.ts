import { randomBytes } from 'node:crypto';
import { type Socket, connect } from 'node:net';
import { requests, sayReady } from '../http/child.ts';
import { FrameReader } from './frame-reader.ts';

export type LoadOrder =
  | { kind: 'connect'; port: number; path: string; token: string; sockets: number; first: number }
  | { kind: 'receive'; frames: number };

interface Listener {
  socket: Socket;
  reader: FrameReader;
}

let listeners: Listener[] = [];
let failure: Error | undefined;
let full = 0;
let target = Number.POSITIVE_INFINITY;
let done: () => void = () => undefined;

/** A handshake by hand: a client library would cost more than either server. */
function listen({ port, path, token, first }: Extract<LoadOrder, { kind: 'connect' }>): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const reader = new FrameReader(first);
    let head = '';
    let open = false;
    socket.setNoDelay(true);
    socket.once('error', reject);
    socket.write(
      [
        `GET ${path} HTTP/1.1`,
        'Host: 127.0.0.1',
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
        `Authorization: Bearer ${token}`,
        '',
        '',
      ].join('\r\n'),
    );
    socket.on('data', (chunk: Buffer) => {
      if (open) return receive(reader, chunk);
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      if (!head.startsWith('HTTP/1.1 101')) return reject(new Error(head.slice(0, 500)));
      open = true;
      const rest = Buffer.from(head.slice(end + 4), 'latin1');
      if (rest.length > 0) receive(reader, rest);
      resolve({ socket, reader });
    });
  });
}

function receive(reader: FrameReader, chunk: Buffer): void {
  const before = reader.received;
  try {
    reader.read(chunk);
  } catch (error) {
    failure ??= error as Error;
    done();
  }
  if (before < target && reader.received >= target) full += 1;
  if (full === listeners.length && full > 0) done();
}

async function connectAll(order: Extract<LoadOrder, { kind: 'connect' }>): Promise<void> {
  for (const { socket } of listeners) socket.destroy();
  listeners = [];
  failure = undefined;
  full = 0;
  target = Number.POSITIVE_INFINITY;
  while (listeners.length < order.sockets) {
    const size = Math.min(50, order.sockets - listeners.length);
    listeners.push(...(await Promise.all(Array.from({ length: size }, () => listen(order)))));
  }
}

async function receiveAll(frames: number): Promise<void> {
  const all = new Promise<void>((resolve) => {
    done = resolve;
  });
  target = frames;
  full = listeners.filter(({ reader }) => reader.received >= frames).length;
  if (full === listeners.length) done();
  await all;
  if (failure) throw failure;
}

for await (const order of requests<LoadOrder>()) {
  if (order.kind === 'connect') await connectAll(order);
  else await receiveAll(order.frames);
  sayReady({ delivered: listeners.reduce((sum, { reader }) => sum + reader.received, 0) });
}
process.exit(0);
