import { Injectable } from '@nestjs/common';
import { AppPool } from './app-pool.ts';

/** The application role's connections as a whole, for processes and probes: requests use TenantTransaction. */
@Injectable()
export class Connections {
  constructor(private readonly pool: AppPool) {}

  /** Rejects when PostgreSQL does not answer. */
  async ping(): Promise<void> {
    await this.pool.query('SELECT 1');
  }

  /** Ends them; when the container is closed and nothing queries any more. */
  async close(): Promise<void> {
    await this.pool.close();
  }
}
