import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { AppPool, type Queries } from './app-pool.ts';
import { pipelined } from './pipelined.ts';

/** What row-level security sees of the caller. */
export interface TenantScope {
  /** Rows of this organization are visible; null: none. */
  readonly orgId: string | null;
  /** Rows that belong to no organization are visible and writable (system work and platform routes). */
  readonly platform?: boolean;
  /** Rows of every organization are visible (staff reads, which write an audit row). */
  readonly platformRead?: boolean;
}

type Ending<T> = (result: T) => readonly Promise<unknown>[];

interface OpenTransaction {
  manager: Queries;
  scope: TenantScope;
  afterCommit: (() => void)[];
  /**
   * Statements whose answers the commit waits for. Null where there is none to come: each read is a transaction of its
   * own.
   */
  sent: Promise<unknown>[] | null;
}

/**
 * The only door to the database for request and job code. `run` opens a transaction as the application role and tells
 * row-level security whose rows are visible; a nested `run` joins it. Repositories take `manager`, which exists inside
 * only.
 */
@Injectable()
export class TenantTransaction {
  readonly #open = new AsyncLocalStorage<OpenTransaction>();

  constructor(private readonly pool: AppPool) {}

  /** What queries in the transaction. Throws outside of `run`, so no query can miss the tenant context. */
  get manager(): Queries {
    const open = this.#open.getStore();
    if (!open) throw new Error('There is no tenant transaction here: call TenantTransaction.run first.');
    return open.manager;
  }

  get isOpen(): boolean {
    return this.#open.getStore() !== undefined;
  }

  /**
   * `ending` sends the last statements, all at once: the commit leaves together with them, and their failure turns it
   * into a rollback; in a transaction that was joined it is the outer one's commit, which nobody awaits here. Whatever
   * else can fail in it must throw before it returns.
   */
  async run<T>(scope: TenantScope, work: () => Promise<T>, ending: Ending<T> = () => []): Promise<T> {
    if (!this.#joins(scope)) return this.#begin(scope, work, ending);
    const result = await work();
    const last = ending(result);
    const sent = this.#open.getStore()?.sent;
    if (!sent) await pipelined(last);
    else for (const statement of last) sent.push(observed(statement));
    return result;
  }

  /**
   * Reads without the round trips and statements of a transaction: each query is one of its own, which sets what
   * row-level security sees and then reads. What is no SELECT is refused. Joins a transaction where there is one. Not
   * for lists: PostgreSQL plans before the tenant is set, thinks that row-level security lets hardly a row through, and
   * reads a whole table for a page of it.
   */
  async read<T>(scope: TenantScope, work: () => Promise<T>): Promise<T> {
    return this.#joins(scope)
      ? work()
      : this.#open.run({ manager: new TenantReads(this.pool, scope), scope, afterCommit: [], sent: null }, work);
  }

  /** A transaction of its own even inside another one: what it writes stays when the outer one rolls back. */
  async runSeparately<T>(scope: TenantScope, work: () => Promise<T>): Promise<T> {
    // Within reads there is a store, but nobody holds a connection.
    const beside = (this.#open.getStore()?.sent ?? null) !== null;
    return this.#open.exit(() => this.#begin(scope, work, () => [], beside));
  }

  /** Calls `notify` after the commit of the current transaction, never when it rolls back. */
  afterCommit(notify: () => void): void {
    const open = this.#open.getStore();
    if (!open) throw new Error('There is no tenant transaction to wait for.');
    open.afterCommit.push(notify);
  }

  /** Whether there is a transaction to join. Throws when it is another tenant's. */
  #joins(scope: TenantScope): boolean {
    const outer = this.#open.getStore();
    if (outer && !covers(outer.scope, scope))
      throw new Error('A tenant transaction cannot be joined by another tenant.');
    return outer !== undefined;
  }

  async #begin<T>(scope: TenantScope, work: () => Promise<T>, ending: Ending<T>, beside = false): Promise<T> {
    const connection = await this.pool.connect({ beside });
    // Not awaited before the work's first statement, which PostgreSQL answers in the same round trip and refuses when
    // this has failed.
    const sent: Promise<unknown>[] = [];
    sent.push(observed(connection.query(entrance(scope))));
    const open: OpenTransaction = { manager: connection, scope, afterCommit: [], sent };
    let result: T;
    try {
      result = await this.#open.run(open, work);
      const done = result;
      const last = this.#open.run(open, () => ending(done));
      await pipelined([...sent, ...last, connection.query('COMMIT')]);
    } catch (error) {
      const rolledBack = await connection.query('ROLLBACK').then(
        () => true,
        () => false,
      );
      connection.release(!rolledBack);
      // Where one of these has failed, what followed it only says so too.
      await pipelined(sent);
      throw error;
    }
    connection.release();
    for (const notify of open.afterCommit) notify();
    return result;
  }
}

/** Somebody awaits it later, or nobody where another error comes first. */
function observed<T>(statement: Promise<T>): Promise<T> {
  statement.catch(() => undefined);
  return statement;
}

/**
 * Begins, and sets what row-level security sees; transaction-local, so that a pooled connection carries nothing to its
 * next user. One text: all of it or nothing.
 */
function entrance(scope: TenantScope): string {
  // SET needs no plan and answers without a row, unlike set_config().
  return ['BEGIN', ...settings(scope).map(([name, value]) => `SET LOCAL ${name} = ${pg.escapeLiteral(value)}`)].join(
    '; ',
  );
}

function settings({ orgId, platform, platformRead }: TenantScope): [name: string, value: string][] {
  return [
    ['app.org_id', orgId ?? ''],
    ['app.platform', platform ? 'on' : ''],
    ['app.platform_read', platformRead ? 'on' : ''],
  ];
}

/** Queries of one tenant, each of which enters by itself. */
class TenantReads implements Queries {
  readonly #pool: AppPool;
  readonly #scope: TenantScope;

  constructor(pool: AppPool, scope: TenantScope) {
    this.#pool = pool;
    this.#scope = scope;
  }

  query<T>(sql: string, parameters: readonly unknown[] = []): Promise<T> {
    const entered = settings(this.#scope);
    const calls = entered.map(([name], i) => `set_config('${name}', $${parameters.length + i + 1}, true)`);
    // The query asks for `entered` and has an OFFSET, so PostgreSQL can neither run it before the tenant is set nor
    // merge it with the outer one; before that, row-level security shows nothing.
    return this.#pool.query<T>(
      `SELECT answer.* FROM (SELECT
        ${calls.join(', ')}) AS entered, LATERAL (SELECT asked.* FROM
        (${sql}) AS asked WHERE entered IS NOT NULL OFFSET 0) AS answer`,
      [...parameters, ...entered.map(([, value]) => value)],
    );
  }
}

function covers(outer: TenantScope, inner: TenantScope): boolean {
  return (
    outer.orgId === inner.orgId &&
    (outer.platform || !inner.platform) === true &&
    (outer.platformRead || !inner.platformRead) === true
  );
}
