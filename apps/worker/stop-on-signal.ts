import type { INestApplicationContext } from '@nestjs/common';
import { ServiceState } from '#platform/http';

/** Ends the process on SIGTERM or SIGINT: not ready at once, the hooks of the modules, then `close`. */
export function stopOnSignal(app: INestApplicationContext, close: () => Promise<void>): void {
  let stopping: Promise<void> | undefined;
  // A second signal changes nothing: what is being flushed must be flushed.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => { stopping ??= stop(app, close); });
}

async function stop(app: INestApplicationContext, close: () => Promise<void>): Promise<void> {
  app.get(ServiceState).stop();
  try {
    await app.close();
    await close();
  } finally {
    process.exit(0);
  }
}
