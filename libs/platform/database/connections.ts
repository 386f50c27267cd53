import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** The application role's connections as a whole, for processes and probes: requests use TenantTransaction. */
@Injectable()
export class Connections {
  readonly #source: DataSource;

  constructor(source: DataSource) {
    this.#source = source;
  }

  /** Rejects when PostgreSQL does not answer. */
  async ping(): Promise<void> {
    await this.#source.query('SELECT 1');
  }

  /** Ends them; when the container is closed and nothing queries any more. */
  async close(): Promise<void> {
    await this.#source.destroy();
  }
}
