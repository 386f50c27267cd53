import { Logger } from '@nestjs/common';
import type { PoolClient } from 'pg';
import type { OwnerPool } from './pools.ts';

/**
 * Hears one channel of PostgreSQL on a connection of its own. A notification is lost with its connection and never
 * comes through a transaction pooler, so whoever listens also looks, and calls `open` at every look.
 */
export class Listener {
  readonly #logger = new Logger('database');
  #client: PoolClient | undefined;

  constructor(
    private readonly owner: OwnerPool,
    private readonly channel: string,
    private readonly hear: (payload: string) => void,
  ) {}

  /** Listens unless it does. Rejects while there is no connection to be had. */
  async open(): Promise<void> {
    if (this.#client) return;
    const client = await this.owner.connect();
    client.on('notification', ({ payload }) => this.#hearSafely(payload ?? ''));
    client.on('error', (error) => this.#lost(client, error));
    this.#client = client;
    await client.query(`LISTEN ${this.channel}`).catch((error: Error) => {
      this.#lost(client, error);
      throw error;
    });
  }

  close(): void {
    this.#client?.release(true);
    this.#client = undefined;
  }

  /** A connection can end with two errors, the farewell of PostgreSQL and that of the socket. */
  #lost(client: PoolClient, error: Error): void {
    if (this.#client !== client) return;
    this.#logger.warn({ msg: 'notifications lost their connection', channel: this.channel, err: error });
    this.#client = undefined;
    client.release(error);
  }

  /** Whoever may notify may send anything; here nobody stands above who could catch it. */
  #hearSafely(payload: string): void {
    try {
      this.hear(payload);
    } catch (error) {
      this.#logger.warn({ msg: 'notification not understood', channel: this.channel, err: error });
    }
  }
}
