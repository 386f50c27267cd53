import type { Server } from 'node:http';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ServiceState } from './service-state.ts';

/** Time for requests that are being answered when the listener closes (platform.md 13). */
const FINISH_MS = 25_000;
const SWEEP_MS = 50;

/**
 * Node closes connections that are idle when the listener closes; those that fall idle later would be kept alive and
 * waited for.
 */
@Injectable()
export class ConnectionDrain implements BeforeApplicationShutdown {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly state: ServiceState,
  ) {}

  beforeApplicationShutdown(): void {
    this.state.stop();
    // A worker has no listener.
    const server = this.host.httpAdapter?.getHttpServer() as Server | undefined;
    if (!server?.listening) return;
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    const deadline = setTimeout(() => server.closeAllConnections(), FINISH_MS);
    server.once('close', () => {
      clearInterval(sweep);
      clearTimeout(deadline);
    });
  }
}
