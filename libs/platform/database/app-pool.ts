import { SpanKind, type SpanOptions } from '@opentelemetry/api';
import type pg from 'pg';
import { inSpan } from '#platform/spans';
import { Permits } from './permits.ts';
import { RolePool } from './pools.ts';

/** Where repositories send their SQL. */
export interface Queries {
  /**
   * The rows; of an UPDATE or DELETE the rows and their number. Rejects with PostgreSQL's error, its SQLSTATE in
   * `code`.
   */
  query<T = unknown>(sql: string, parameters?: readonly unknown[]): Promise<T>;
}

export interface AppPoolOptions {
  size: number;
  /**
   * Let PostgreSQL keep the plans of statements. Not behind a pooler of transactions, where the next one may reach
   * another server connection.
   */
  prepare: boolean;
}

/** Texts beyond this are planned every time: a connection keeps what it has prepared until it ends. */
const MOST_PREPARED = 1_000;
const LOST_CONNECTION = /^(Connection terminated|Client has encountered a connection error|Client was closed)/;

/**
 * Connections of the application role. Each sends statements without waiting for the answers to earlier ones.
 * Request code has TenantTransaction instead: here no tenant is set, so row-level security shows nothing.
 */
export class AppPool implements Queries {
  readonly #pool: pg.Pool;
  readonly #prepare: boolean;
  readonly #first: Permits;
  readonly #names = new Map<string, string>();

  constructor(connectionString: string, { size, prepare }: AppPoolOptions) {
    this.#pool = new RolePool('app', { connectionString, max: size, pipeline: true });
    this.#prepare = prepare;
    this.#first = new Permits(Math.max(1, size - 1));
  }

  query<T>(sql: string, parameters?: readonly unknown[]): Promise<T> {
    return this.#send<T>(this.#pool, sql, parameters);
  }

  /**
   * One connection until it is released. The last one is for those who hold a connection and need a second `beside` it:
   * if all were held by them, each would wait for the others, for ever.
   */
  async connect({ beside }: { beside: boolean }): Promise<AppConnection> {
    if (!beside) await this.#first.take();
    const released = (): void => {
      if (!beside) this.#first.give();
    };
    try {
      const client = await this.#pool.connect();
      return new AppConnection(client, (sql, parameters) => this.#send(client, sql, parameters), released);
    } catch (error) {
      released();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #send<T>(to: pg.Pool | pg.PoolClient, text: string, parameters: readonly unknown[] = []): Promise<T> {
    const name = parameters.length > 0 ? this.#nameOf(text) : undefined;
    const result = await inSpan(
      'sql',
      () => to.query<pg.QueryResultRow>({ name, text, values: [...parameters] }),
      () => sqlSpan(text),
    ).catch(withState);
    // PostgreSQL answers so, and without an error, where a statement of the transaction had failed.
    if (text === 'COMMIT' && result.command === 'ROLLBACK')
      throw new Error('The transaction was rolled back: a statement in it had failed.');
    return (
      result.command === 'UPDATE' || result.command === 'DELETE' ? [result.rows, result.rowCount] : result.rows
    ) as T;
  }

  #nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined || !this.#prepare || this.#names.size >= MOST_PREPARED) return known;
    const name = `s${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }
}

/** node-postgres has no code for a connection that is gone already; SQL has one (class 08, connection exception). */
function withState(error: Error): never {
  throw !('code' in error) && LOST_CONNECTION.test(error.message) ? Object.assign(error, { code: '08006' }) : error;
}

function sqlSpan(text: string): SpanOptions {
  // The few texts that carry values have them in quotes.
  return {
    kind: SpanKind.CLIENT,
    attributes: { 'db.system.name': 'postgresql', 'db.query.text': text.replaceAll(/'(?:[^']|'')*'/g, '?') },
  };
}

/** A connection that somebody holds. */
export class AppConnection implements Queries {
  readonly #client: pg.PoolClient;
  readonly #send: (sql: string, parameters?: readonly unknown[]) => Promise<unknown>;
  readonly #whenReleased: () => void;
  #released = false;

  constructor(
    client: pg.PoolClient,
    send: (sql: string, parameters?: readonly unknown[]) => Promise<unknown>,
    whenReleased: () => void,
  ) {
    this.#client = client;
    this.#send = send;
    this.#whenReleased = whenReleased;
  }

  /** Throws after the release: the connection is another's by then. */
  query<T>(sql: string, parameters?: readonly unknown[]): Promise<T> {
    if (this.#released) throw new Error('The transaction of this query has ended.');
    // Statements of one turn of the event loop leave in one write: a write costs more than what PostgreSQL's protocol
    // adds to it.
    const { stream } = this.#client.connection;
    stream.cork();
    process.nextTick(() => stream.uncork());
    return this.#send(sql, parameters) as Promise<T>;
  }

  /** `broken`: it is ended instead of kept. */
  release(broken = false): void {
    this.#released = true;
    this.#client.release(broken);
    this.#whenReleased();
  }
}
