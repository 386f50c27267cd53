import { once } from 'node:events';
import { type AddressInfo, type Socket, createServer } from 'node:net';

/** Identifiers of PostgreSQL's types. */
const TEXT = 25;
const INT4 = 23;

/** What speaks PostgreSQL's protocol 3.0 and says of itself, whatever it is asked, to be of this version. */
export class FakeServer {
  readonly url: string;
  readonly #close: () => void;

  private constructor(url: string, close: () => void) {
    this.url = url;
    this.#close = close;
  }

  static async start(version: string, number: number): Promise<FakeServer> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.once('close', () => sockets.delete(socket)));
      // The client may end its connection while it is answered.
      socket.on('error', () => socket.destroy());
      socket.once('data', () => {
        socket.write(Buffer.concat([message('R', int32(0)), READY]));
        socket.on('data', (bytes) => {
          if (bytes[0] === 'Q'.charCodeAt(0)) socket.write(rowOf(version, number));
        });
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return new FakeServer(`postgres://owner:secret@127.0.0.1:${port}/old`, () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
  }

  close(): void {
    this.#close();
  }
}

const READY = message('Z', Buffer.from('I'));

/** One row of columns `version` and `number`. */
function rowOf(version: string, number: number): Buffer {
  const values = [version, String(number)];
  return Buffer.concat([
    message('T', int16(2), column('version', TEXT), column('number', INT4)),
    message('D', int16(2), ...values.flatMap((value) => [int32(value.length), Buffer.from(value)])),
    message('C', Buffer.from('SELECT 1\0')),
    READY,
  ]);
}

function column(name: string, type: number): Buffer {
  // Of no table, any length, no modifier, as text.
  return Buffer.concat([Buffer.from(`${name}\0`), int32(0), int16(0), int32(type), int16(-1), int32(-1), int16(0)]);
}

function message(kind: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(kind), int32(body.length + 4), body]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
