import { setTimeout as sleep } from 'node:timers/promises';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { HttpConfig } from '#platform/config';
import { ServiceState } from './service-state.ts';

/** Everything of the shutdown together takes at most this long (`terminationGracePeriodSeconds`). */
const GRACE_MS = 58_000;

/**
 * Listens until SIGTERM or SIGINT, then: not ready at once, a pause in which load balancers notice, no new connections, running requests to
 * their end, then the hooks of the modules and `close` (platform.md 13). Returns the address.
 */
export async function serve(app: NestExpressApplication, close: () => Promise<void>): Promise<string> {
  const config = app.get(HttpConfig);
  await app.listen(config.port, config.host);
  let stopping: Promise<void> | undefined;
  const stop = (pauseMs: number): void => {
    // A second signal changes nothing: what is being flushed must be flushed.
    stopping ??= shutDown(app, pauseMs, close);
  };
  process.on('SIGTERM', () => stop(config.drainDelayMs));
  // Somebody at a terminal: no load balancer needs time.
  process.on('SIGINT', () => stop(0));
  return (await app.getUrl()).replace('[::1]', 'localhost').replace('127.0.0.1', 'localhost');
}

async function shutDown(app: NestExpressApplication, pauseMs: number, close: () => Promise<void>): Promise<void> {
  setTimeout(() => process.exit(1), GRACE_MS).unref();
  app.get(ServiceState).stop();
  await sleep(pauseMs);
  try {
    await app.close();
  } finally {
    await close();
  }
  process.exit(0);
}
