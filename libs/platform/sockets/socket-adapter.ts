import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Injectable, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import type { WebSocket, WebSocketServer } from 'ws';
import { DomainError, NotFoundError } from '#kernel';
import { SocketDoor, refusalOf } from '#platform/http';
import { refuseUpgrade } from './refuse-upgrade.ts';
import { type Admitted, SocketGate } from './socket-gate.ts';
import { SocketSessions } from './socket-sessions.ts';
import { SUBPROTOCOL } from './socket-session.ts';

/** More than a client may send, so that the session sees what is too big and says `bye` before it closes. */
const MAX_MESSAGE_BYTES = 1_048_576;

type PathServer = WebSocketServer & { path: string };

/**
 * Nest's adapter for `ws` with admission before the upgrade. The original compares paths with `===` and destroys a
 * refused socket without an answer; `ensureHttpServerExists` is internal to it, so the version of the package is pinned
 * and test/e2e proves the override.
 */
@Injectable()
export class SocketAdapter extends WsAdapter {
  readonly #log = new Logger('sockets');
  #detach: () => void = () => undefined;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly gate: SocketGate,
    private readonly sessions: SocketSessions,
    door: SocketDoor,
  ) {
    super();
    door.adapter = this;
  }

  override create(port: number, options: Record<string, unknown> = {}): WebSocketServer {
    // The base class takes the server in its constructor, before Nest has one.
    if (!this.httpServer) Object.assign(this, { httpServer: this.host.httpAdapter.getHttpServer() });
    return super.create(port, {
      ...options,
      perMessageDeflate: false,
      clientTracking: true,
      maxPayload: MAX_MESSAGE_BYTES,
      handleProtocols: (offered: Set<string>) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    } as Parameters<WsAdapter['create']>[1]) as WebSocketServer;
  }

  /** Sessions read their own messages. */
  override bindMessageHandlers(): void {
    return;
  }

  protected override ensureHttpServerExists(port: number, httpServer: Server): Server {
    if (this.httpServersRegistry.has(port)) return httpServer;
    this.httpServersRegistry.set(port, httpServer);
    const listener = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      // A peer that goes away while it is being admitted must not end the process.
      socket.on('error', (error) => this.#log.debug({ msg: 'connection lost before the upgrade', err: error }));
      this.#upgrade(port, request, socket, head).catch((error: unknown) => this.#refuse(socket, error));
    };
    httpServer.on('upgrade', listener);
    this.#detach = () => httpServer.off('upgrade', listener);
    return httpServer;
  }

  override async dispose(): Promise<void> {
    this.#detach();
    await super.dispose();
  }

  async #upgrade(port: number, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      throw new DomainError(400, 'malformed_request', { detail: 'The only protocol to upgrade to is websocket.' });
    }
    const admitted = await this.gate.admit(request);
    const server = (this.wsServersRegistry.get(port) as PathServer[] | undefined)?.find(
      ({ path }) => path === admitted.route,
    );
    if (!server) {
      admitted.release();
      throw new NotFoundError();
    }
    this.#accept(server, request, socket, head, admitted);
  }

  #accept(server: PathServer, request: IncomingMessage, socket: Duplex, head: Buffer, admitted: Admitted): void {
    let upgraded = false;
    socket.once('close', () => {
      if (!upgraded) admitted.release();
    });
    server.handleUpgrade(request, socket, head, (ws: WebSocket) => {
      upgraded = true;
      this.sessions.expect(request, admitted);
      server.emit('connection', ws, request);
    });
  }

  #refuse(socket: Duplex, thrown: unknown): void {
    if (refusalOf(thrown).status >= 500) this.#log.error({ msg: 'socket refused', err: thrown });
    refuseUpgrade(socket, thrown);
  }
}
