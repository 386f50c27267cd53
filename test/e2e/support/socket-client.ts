import { WebSocket } from 'ws';

/** A frame or control frame as JSON. */
export type Heard = Record<string, any>;

export interface SocketOptions {
  token?: string;
  origin?: string;
  /** Subprotocols to offer. Default: alphaswarm.v1. */
  protocols?: string[];
  headers?: Record<string, string>;
}

/** The answer to a request for a socket that was not upgraded. */
export interface Refused {
  status: number;
  contentType: string | undefined;
  headers: Record<string, string | string[] | undefined>;
  body: any;
}

/** A client that remembers everything it heard. */
export class SocketClient {
  readonly ws: WebSocket;
  readonly heard: Heard[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data) => this.heard.push(JSON.parse(String(data)) as Heard));
    this.closed = new Promise((resolve) => ws.on('close', (code, reason) => resolve({ code, reason: String(reason) })));
    ws.on('error', () => undefined);
  }

  static async open(base: string, path: string, options: SocketOptions = {}): Promise<SocketClient> {
    const client = new SocketClient(connect(base, path, options));
    await new Promise<void>((resolve, reject) => {
      client.ws.once('open', resolve);
      client.ws.once('unexpected-response', (_request, response) =>
        reject(new Error(`refused with ${response.statusCode}`)),
      );
      client.ws.once('error', reject);
    });
    return client;
  }

  /** Expects not to be let in. */
  static refused(base: string, path: string, options: SocketOptions = {}): Promise<Refused> {
    const ws = connect(base, path, options);
    ws.on('error', () => undefined);
    return new Promise((resolve, reject) => {
      ws.once('open', () => {
        ws.terminate();
        reject(new Error('the socket was opened'));
      });
      ws.once('unexpected-response', (_request, response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type'],
            headers: response.headers,
            body: text === '' ? null : JSON.parse(text),
          }),
        );
      });
    });
  }

  get frames(): Heard[] {
    return this.heard.filter(({ stage }) => stage !== undefined);
  }

  get seqs(): number[] {
    return this.frames.filter(({ seq }) => seq !== undefined).map(({ seq }) => seq as number);
  }

  controls(type: string): Heard[] {
    return this.heard.filter((message) => message['type'] === type);
  }

  async until(holds: (client: SocketClient) => boolean, what: string, timeoutMs = 15_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!holds(this)) {
      if (performance.now() > deadline)
        throw new Error(`never heard: ${what}; heard ${JSON.stringify(this.heard.slice(-5))}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

function connect(
  base: string,
  path: string,
  { token, origin, protocols = ['alphaswarm.v1'], headers = {} }: SocketOptions,
): WebSocket {
  return new WebSocket(base.replace(/^http/, 'ws') + path, protocols, {
    perMessageDeflate: false,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(origin === undefined ? {} : { origin }),
      ...headers,
    },
  });
}
