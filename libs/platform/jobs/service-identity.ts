import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { newId } from '#kernel';
import { EnvironmentConfig } from '#platform/config';
import { OwnerPool } from '#platform/database';

const MAX_SLOTS = 1_000;

/**
 * A name that outlives a killed process, so that its next life can free what the dead one held. It comes from a file in
 * the data directory; processes that share one directory take numbers, and a session lock proves that a number's last
 * owner is gone.
 */
@Injectable()
export class ServiceIdentity {
  readonly #logger = new Logger('jobs');
  #client: PoolClient | undefined;
  #name: string | undefined;

  constructor(
    private readonly environment: EnvironmentConfig,
    private readonly owner: OwnerPool,
  ) {}

  get name(): string {
    if (this.#name === undefined) throw new Error('The service has no identity yet.');
    return this.#name;
  }

  /** Takes the first number that nobody alive holds. */
  async acquire(): Promise<string> {
    const service = this.#serviceId();
    const client = await this.owner.connect();
    client.on('error', (error) => this.#lost(client, error));
    for (let slot = 0; slot < MAX_SLOTS; slot++) {
      const name = `${service}/${slot}`;
      if (await lock(client, name)) {
        this.#client = client;
        this.#name = name;
        return name;
      }
    }
    client.release();
    throw new Error(`More than ${MAX_SLOTS} processes share the data directory ${this.environment.dataDir}.`);
  }

  /** Takes the lock again after its connection was lost. Leases and fencing keep everything right meanwhile. */
  async hold(): Promise<void> {
    if (this.#client || this.#name === undefined) return;
    const client = await this.owner.connect();
    client.on('error', (error) => this.#lost(client, error));
    if (await lock(client, this.#name)) this.#client = client;
    else client.release();
  }

  release(): void {
    this.#client?.release(true);
    this.#client = undefined;
  }

  #lost(client: PoolClient, error: Error): void {
    this.#logger.warn({ msg: 'the connection that holds the service name was lost', err: error });
    if (this.#client !== client) return;
    this.#client = undefined;
    client.release(error);
  }

  #serviceId(): string {
    const file = join(this.environment.dataDir, 'service-id');
    mkdirSync(this.environment.dataDir, { recursive: true });
    try {
      writeFileSync(file, newId(), { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    return readFileSync(file, 'utf8').trim();
  }
}

async function lock(client: PoolClient, name: string): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(
    "SELECT pg_try_advisory_lock(hashtextextended('alphaswarm.service ' || $1, 0)) AS held",
    [name],
  );
  return rows[0]?.held === true;
}
