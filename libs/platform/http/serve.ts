import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { HttpConfig } from '#platform/config';
import type { LastResort } from '#platform/host';
import { OpenRequests } from './open-requests.ts';
import { ServiceState } from './service-state.ts';

/**
 * Everything of the shutdown together takes at most this long (`terminationGracePeriodSeconds`), and what jobs that are
 * let finish may take besides.
 */
const GRACE_MS = 58_000;
/** For the last answers to leave, when there is no time for their callers. */
const FLUSH_MS = 200;
const CLOSE_MS = 2_000;

/** Another program listens on the port. */
export class PortInUseError extends Error {
  constructor(port: number) {
    super(`Port ${port} is in use. Stop what listens there, or give this service another PORT.`);
    this.name = 'PortInUseError';
  }
}

/**
 * Listens until SIGTERM or SIGINT, then: not ready at once, a pause in which load balancers notice, no new connections,
 * running requests to their end, then the hooks of the modules and `close` (platform.md 13). Returns the address.
 * Throws PortInUseError, everything closed.
 */
export async function serve(
  app: NestExpressApplication,
  lastResort: LastResort,
  close: () => Promise<void>,
): Promise<string> {
  const config = app.get(HttpConfig);
  lastResort.first(CLOSE_MS, () => app.close()).first(FLUSH_MS, () => giveUp(app));
  try {
    await app.listen(config.port, config.host);
  } catch (error) {
    // What was opened for a service that cannot listen, such as its database, must not outlive it.
    await app.close().finally(close);
    throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? new PortInUseError(config.port) : error;
  }
  const logger = new Logger('main');
  // One connection that cannot be accepted (no descriptor left) ends neither the others nor the process.
  (app.getHttpServer() as Server).on('error', (error) =>
    logger.error({ msg: 'a connection was not accepted', err: error }),
  );
  let stopping = false;
  const stop = (pauseMs: number): void => {
    // A second signal changes nothing: what is being flushed must be flushed.
    if (stopping) return;
    stopping = true;
    shutDown(app, pauseMs, close).then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ msg: 'the service did not stop tidily', err: error });
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop(config.drainDelayMs));
  // Somebody at a terminal: no load balancer needs time.
  process.on('SIGINT', () => stop(0));
  return (await app.getUrl()).replace('[::1]', 'localhost').replace('127.0.0.1', 'localhost');
}

async function shutDown(app: NestExpressApplication, pauseMs: number, close: () => Promise<void>): Promise<void> {
  const state = app.get(ServiceState);
  setTimeout(() => process.exit(1), GRACE_MS + state.stopAllowanceMs).unref();
  state.stop();
  await sleep(pauseMs);
  try {
    await app.close();
  } finally {
    await close();
  }
}

/** Not ready, no new connections, and an answer for everybody who waits for one. */
async function giveUp(app: NestExpressApplication): Promise<void> {
  app.get(ServiceState).fail();
  const server = app.getHttpServer() as Server;
  server.close();
  app.get(OpenRequests).giveUp();
  await sleep(FLUSH_MS / 2);
  server.closeAllConnections();
}
