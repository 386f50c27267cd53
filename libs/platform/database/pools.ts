import { type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';

class RolePool extends pg.Pool implements OnApplicationShutdown {
  constructor(connectionString: string, max: number) {
    super({ connectionString, max });
    // An idle connection that the server closes must not end the process; the next query reconnects or fails with its own error.
    this.on('error', () => undefined);
    this.on('connect', (client) => client.on('error', () => undefined));
  }

  async onApplicationShutdown(): Promise<void> {
    if (!this.ended) await this.end();
  }
}

/** Connections of the owner role: the job queue alone uses them. Session-capable. */
export class OwnerPool extends RolePool {
  constructor(connectionString: string) {
    super(connectionString, 12);
  }
}

/** Connections of the sealer role: the audit sealer alone uses them. */
export class SealerPool extends RolePool {
  constructor(connectionString: string) {
    super(connectionString, 2);
  }
}
