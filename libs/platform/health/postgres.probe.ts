import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Connections } from '#platform/database';
import { HealthProbes } from './health-probes.ts';

/** PostgreSQL answers within half a second. That it is migrated was checked before the container existed. */
@Injectable()
export class PostgresProbe implements OnModuleInit {
  constructor(
    private readonly probes: HealthProbes,
    private readonly connections: Connections,
  ) {}

  onModuleInit(): void {
    this.probes.add({ name: 'postgres', hard: true, check: () => this.#query() });
  }

  async #query(): Promise<void> {
    const started = performance.now();
    await this.connections.ping();
    const took = performance.now() - started;
    if (took > 500) throw new Error(`a query took ${Math.round(took)} ms`);
  }
}
