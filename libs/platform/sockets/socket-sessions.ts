import type { IncomingMessage } from 'node:http';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import type { WebSocket } from 'ws';
import { Clock } from '#kernel';
import { ProgressConfig } from '#platform/config';
import { ServiceState } from '#platform/http';
import { type Admitted, SocketGate } from './socket-gate.ts';
import { SocketMetrics } from './socket-metrics.ts';
import { CLOSE, SocketSession } from './socket-session.ts';
import { SocketTickets } from './socket-tickets.ts';

/** The open sockets of this process: one sweep for all of them, and their end when the service drains. */
@Injectable()
export class SocketSessions implements BeforeApplicationShutdown {
  readonly #sessions = new Set<SocketSession>();
  readonly #admitted = new WeakMap<IncomingMessage, Admitted>();
  #sweep: NodeJS.Timeout | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly config: ProgressConfig,
    private readonly gate: SocketGate,
    private readonly tickets: SocketTickets,
    private readonly metrics: SocketMetrics,
    private readonly service: ServiceState,
  ) {}

  get size(): number {
    return this.#sessions.size;
  }

  /** Between the upgrade and the gateway's `handleConnection`. */
  expect(request: IncomingMessage, admitted: Admitted): void {
    this.#admitted.set(request, admitted);
  }

  /** What the gateway's admission answered for this request. */
  factsOf(request: IncomingMessage): unknown {
    return this.#admittedOf(request).facts;
  }

  /** Opens the session of an upgraded request; `after` is the last `seq` its client has seen. */
  open(ws: WebSocket, request: IncomingMessage, after: number): SocketSession {
    const admitted = this.#admittedOf(request);
    const session = new SocketSession(ws, request.socket, admitted, after, {
      clock: this.clock,
      config: this.config,
      metrics: this.metrics,
      readmit: (credential) => this.gate.readmit(admitted, credential),
      redeem: (ticket) => this.tickets.redeem(ticket, admitted.path, admitted.origin),
    });
    this.#sessions.add(session);
    session.onClose(() => this.#sessions.delete(session));
    this.#sweep ??= setInterval(() => this.#tick(), this.#interval).unref();
    return session;
  }

  /** Every client is told to come back elsewhere; spread, so that they do not all come at once. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#sweep);
    const sessions = [...this.#sessions];
    const pause = this.service.failed ? 0 : this.config.drainMs / Math.max(1, sessions.length);
    for (const [index, session] of sessions.entries()) {
      if (index > 0) await new Promise((resolve) => setTimeout(resolve, pause));
      session.close(CLOSE.draining);
    }
    const deadline = performance.now() + 1_000;
    while (this.#sessions.size > 0 && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 10));
  }

  get #interval(): number {
    return Math.min(
      1_000,
      Math.ceil(this.config.heartbeatMs / 4),
      Math.ceil(this.config.stallMs / 4),
      Math.ceil(this.config.recheckMs / 4),
    );
  }

  #tick(): void {
    const now = performance.now();
    for (const session of this.#sessions) session.tick(now);
  }

  #admittedOf(request: IncomingMessage): Admitted {
    const admitted = this.#admitted.get(request);
    if (!admitted) throw new Error('The socket was opened without admission.');
    return admitted;
  }
}
