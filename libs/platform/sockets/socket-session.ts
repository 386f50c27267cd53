import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { type Clock, DomainError } from '#kernel';
import type { AuthenticatedRequest } from '#platform/auth';
import type { ProgressConfig } from '#platform/config';
import type { RequestContext } from '#platform/context';
import { FrameWriter, type WriterMeter } from './frame-writer.ts';
import type { Admitted } from './socket-gate.ts';
import type { SocketMetrics } from './socket-metrics.ts';

export const SUBPROTOCOL = 'alphaswarm.v1';

/** Close codes of platform.md 9.6. */
export const CLOSE = {
  done: 1000,
  draining: 1001,
  tooBig: 1009,
  internal: 1011,
  slow: 4008,
  expired: 4401,
  accessLost: 4403,
  tooFast: 4429,
} as const;

const REASONS: Readonly<Record<number, string>> = {
  1000: 'done',
  1001: 'draining',
  1009: 'frame too big',
  1011: 'internal error',
  4008: 'slow consumer',
  4401: 'token expired',
  4403: 'access lost',
  4429: 'too many frames',
};

const LONGEST_TIMER_MS = 2_147_483_647;

/** What a session asks of its surroundings. */
export interface SessionPolicy {
  readonly clock: Clock;
  readonly config: ProgressConfig;
  readonly metrics: SocketMetrics;
  /** Is the caller still who he was, and may he still be here? Throws what refuses him. */
  readmit(credential: AuthenticatedRequest): Promise<RequestContext>;
  /** The credential behind a ticket for this socket. Throws when it has none. */
  redeem(ticket: string): AuthenticatedRequest;
}

/** One accepted socket: its writer, its liveness, its access, its end. */
export class SocketSession {
  readonly context: RequestContext;
  readonly admitted: Admitted;
  readonly writer: FrameWriter;
  readonly typed: boolean;
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #policy: SessionPolicy;
  readonly #closed: (() => void)[] = [];
  #credential: AuthenticatedRequest;
  #expiry: NodeJS.Timeout | undefined;
  #ending = false;
  #unanswered = 0;
  #pinged = performance.now();
  #checked = performance.now();
  #second = 0;
  #framesThisSecond = 0;
  #flushed = 0;
  #flushedAt = performance.now();

  constructor(ws: WebSocket, socket: Socket, admitted: Admitted, after: number, policy: SessionPolicy) {
    this.#ws = ws;
    this.#socket = socket;
    this.#policy = policy;
    this.#credential = admitted.credential;
    this.admitted = admitted;
    this.context = admitted.request.context;
    this.typed = ws.protocol === SUBPROTOCOL;
    this.writer = new FrameWriter(
      socket,
      this.typed ? 'typed' : 'plain',
      after,
      policy.config,
      meterOf(policy.metrics, admitted.route),
      () => this.close(CLOSE.slow),
    );
    this.#expireWith(this.context);
    ws.on('pong', () => {
      this.#unanswered = 0;
    });
    ws.on('message', (data) => this.#receive(data));
    // The error is followed by 'close', which is where a session ends.
    ws.on('error', () => undefined);
    ws.on('close', (code) => this.#end(code));
    policy.metrics.opened(admitted.route);
  }

  onClose(callback: () => void): void {
    this.#closed.push(callback);
  }

  /** `bye`, then the closing handshake. */
  close(code: number): void {
    if (this.#ending) return;
    this.#ending = true;
    const reason = REASONS[code] ?? '';
    this.writer.control({ type: 'bye', code, reason });
    this.#ws.close(code, reason);
  }

  /** Called every now and then by the sweep. */
  tick(now: number): void {
    if (this.#ending) return;
    const { heartbeatMs, recheckMs, stallMs } = this.#policy.config;
    if (this.#stalledSince(now) >= stallMs) return this.close(CLOSE.slow);
    if (now - this.#pinged >= heartbeatMs) this.#ping(now);
    if (now - this.writer.lastWrite >= heartbeatMs)
      this.writer.control({ type: 'heartbeat', server_time: new Date(this.#policy.clock.now()).toISOString() });
    if (now - this.#checked >= recheckMs) {
      this.#checked = now;
      this.#recheck(this.#credential);
    }
  }

  #ping(now: number): void {
    this.#pinged = now;
    if (this.#unanswered >= 2) return this.#ws.terminate();
    this.#unanswered += 1;
    this.#ws.ping();
  }

  /** Milliseconds since the peer last took anything of what waits for it. */
  #stalledSince(now: number): number {
    const flushed = this.#socket.bytesWritten - this.#socket.writableLength;
    if (this.#socket.writableLength === 0 || flushed !== this.#flushed) {
      this.#flushed = flushed;
      this.#flushedAt = now;
    }
    return now - this.#flushedAt;
  }

  #receive(data: RawData): void {
    if (this.#ending) return;
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
    if (bytes.length > this.#policy.config.maxClientFrameBytes) return this.close(CLOSE.tooBig);
    const second = Math.floor(performance.now() / 1_000);
    this.#framesThisSecond = second === this.#second ? this.#framesThisSecond + 1 : 1;
    this.#second = second;
    if (this.#framesThisSecond > this.#policy.config.clientFramesPerSecond) return this.close(CLOSE.tooFast);
    // Clients without the subprotocol only listen; what they send is ignored.
    if (this.typed) this.#obey(bytes.toString('utf8'));
  }

  #obey(text: string): void {
    const message = parseObject(text);
    if (message?.['type'] !== 'auth') return;
    try {
      this.#recheck(this.#policy.redeem(String(message['ticket'])));
    } catch {
      this.close(CLOSE.expired);
    }
  }

  /** Goes on with `credential` when it is the same caller's and he may still be here. */
  #recheck(credential: AuthenticatedRequest): void {
    this.#policy
      .readmit(credential)
      .then((context) => {
        if (context.principal.actor !== this.context.principal.actor || context.orgId !== this.context.orgId)
          return this.close(CLOSE.expired);
        this.#credential = credential;
        this.#expireWith(context);
      })
      .catch((error: unknown) => {
        if (!(error instanceof DomainError) || error.status >= 500 || error.status === 429) return;
        this.close(error.status === 401 ? CLOSE.expired : CLOSE.accessLost);
      });
  }

  #expireWith(context: RequestContext): void {
    clearTimeout(this.#expiry);
    const { token } = context.principal;
    if (!token) return;
    const left = token.expiresAt * 1_000 - this.#policy.clock.now();
    if (left > LONGEST_TIMER_MS) return;
    this.#expiry = setTimeout(() => this.close(CLOSE.expired), Math.max(0, left));
  }

  #end(code: number): void {
    this.#ending = true;
    this.#policy.metrics.closed(this.admitted.route, code);
    clearTimeout(this.#expiry);
    this.admitted.release();
    for (const callback of this.#closed) callback();
  }
}

function meterOf(metrics: SocketMetrics, route: string): WriterMeter {
  return {
    frames: (count) => metrics.frames(route, count),
    coalesced: (count) => metrics.coalesced(route, count),
    gap: () => metrics.gap(route),
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
