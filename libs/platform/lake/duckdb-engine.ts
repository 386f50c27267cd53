import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

export interface EngineLimits {
  readonly threads: number;
  /** DuckDB's notation, such as `768MB`. Beyond it sorts and joins spill to `spillDirectory`. */
  readonly memory: string;
  readonly spillDirectory: string;
}

/**
 * The embedded query engine: one in-memory database, a connection per operation. Its work runs on its own threads,
 * never on the event loop.
 */
export class DuckDBEngine {
  readonly #limits: EngineLimits;
  #instance: Promise<DuckDBInstance> | undefined;

  constructor(limits: EngineLimits) {
    this.#limits = limits;
  }

  /** Runs `work` on a connection of its own; an abort interrupts the running statement. */
  async use<T>(work: (connection: DuckDBConnection) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const connection = await (await this.#open()).connect();
    const interrupt = (): void => connection.interrupt();
    signal?.addEventListener('abort', interrupt);
    try {
      // Partition bounds and text casts of instants must not depend on the machine's zone.
      await connection.run("SET TimeZone = 'UTC'");
      return await work(connection);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', interrupt);
      connection.closeSync();
    }
  }

  async close(): Promise<void> {
    const opened = this.#instance;
    this.#instance = undefined;
    (await opened)?.closeSync();
  }

  #open(): Promise<DuckDBInstance> {
    // What could not be opened is tried again by the next reader.
    this.#instance ??= this.#create().catch((error: unknown) => {
      this.#instance = undefined;
      throw error;
    });
    return this.#instance;
  }

  async #create(): Promise<DuckDBInstance> {
    await mkdir(this.#limits.spillDirectory, { recursive: true });
    return DuckDBInstance.create(':memory:', {
      threads: String(this.#limits.threads),
      memory_limit: this.#limits.memory,
      temp_directory: join(this.#limits.spillDirectory, String(process.pid)),
      preserve_insertion_order: 'false',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
  }
}
