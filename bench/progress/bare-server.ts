import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { requests, sayReady } from '../http/child.ts';
import { CHUNK, frameOf, untilTaken } from './pace.ts';
import type { ServerOrder } from './server.ts';

/**
 * The peer: `ws` alone. Nothing is stored, numbered by a database, checked or resumable; every socket gets every frame
 * by `send`.
 */
const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
const sockets = new Set<Socket>();
server.on('connection', (_ws, { socket }) => {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
});
await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));

for await (const order of requests<ServerOrder>()) {
  if (order.kind === 'open') sayReady({ port: (http.address() as AddressInfo).port, token: 'none' });
  if (order.kind === 'task') sayReady({ path: '/', first: 1 });
  if (order.kind === 'publish') {
    for (let i = 0; i < order.frames; i++) {
      const { stage, message, extras } = frameOf(i, order.frames);
      const frame = Buffer.from(
        JSON.stringify({
          task_id: '018cc251-f400-7000-8000-0000000000bb',
          stage,
          message,
          timestamp: Date.now() / 1_000,
          ...extras,
          seq: i + 1,
        }),
      );
      for (const client of server.clients) client.send(frame, { binary: false });
      if (i % CHUNK === CHUNK - 1) await untilTaken(sockets);
    }
    sayReady({ published: order.frames });
  }
}
process.exit(0);
