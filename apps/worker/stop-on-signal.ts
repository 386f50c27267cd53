import { type INestApplicationContext, Logger } from '@nestjs/common';
import type { LastResort } from '#platform/host';
import { ServiceState } from '#platform/http';

const CLOSE_MS = 3_500;

/**
 * Ends the process on SIGTERM or SIGINT: not ready at once, the hooks of the modules, then `close`. As a last resort
 * its leases are given back.
 */
export function stopOnSignal(app: INestApplicationContext, lastResort: LastResort, close: () => Promise<void>): void {
  lastResort.first(CLOSE_MS, () => app.close()).first(100, () => app.get(ServiceState).fail());
  let stopping = false;
  const stop = (): void => {
    // A second signal changes nothing: what is being flushed must be flushed.
    if (stopping) return;
    stopping = true;
    app.get(ServiceState).stop();
    app
      .close()
      .then(close)
      .then(
        () => process.exit(0),
        (error: unknown) => {
          new Logger('main').error({ msg: 'the worker did not stop tidily', err: error });
          process.exit(1);
        },
      );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
}
