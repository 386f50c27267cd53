import { type OnApplicationShutdown } from '@nestjs/common';
import { type ObservableResult, metrics } from '@opentelemetry/api';
import pg from 'pg';

/** Connections of one role. */
export class RolePool extends pg.Pool {
  constructor(role: 'app' | 'owner' | 'sealer', config: pg.PoolConfig) {
    super(config);
    observePool(this, role);
    // An idle connection that the server closes must not end the process; the next query reconnects or fails with its
    // own error.
    this.on('error', () => undefined);
    this.on('connect', (client) => client.on('error', () => undefined));
  }
}

class BackgroundPool extends RolePool implements OnApplicationShutdown {
  async onApplicationShutdown(): Promise<void> {
    if (!this.ended) await this.end();
  }
}

/** Connections of the owner role, for what reaches over all organizations: queue, purges, signals. Session-capable. */
export class OwnerPool extends BackgroundPool {
  constructor(connectionString: string) {
    super('owner', { connectionString, max: 12 });
  }
}

/** Connections of the sealer role: the audit sealer alone uses them. `prepare` as for AppPool. */
export class SealerPool extends BackgroundPool {
  readonly prepare: boolean;

  constructor(connectionString: string, { prepare }: { prepare: boolean }) {
    super('sealer', { connectionString, max: 2, pipeline: true });
    this.prepare = prepare;
  }
}

/** `alphaswarm.db.pool`: connections that are in use. */
function observePool(pool: pg.Pool, role: string): void {
  const observe = (result: ObservableResult): void => result.observe(pool.totalCount - pool.idleCount, { role });
  metrics.getMeter('alphaswarm').createObservableGauge('alphaswarm.db.pool').addCallback(observe);
}
