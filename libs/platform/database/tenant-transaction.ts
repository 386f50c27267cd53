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

interface OpenTransaction {
  manager: Queries;
  scope: TenantScope;
  afterCommit: (() => void)[];
}

/**
 * The only door to the database for request and job code. `run` opens a transaction as the application role and tells
 * row-level security whose rows are visible; a nested `run` joins it. Repositories take `manager`, which exists inside only.
 */
@Injectable()
export class TenantTransaction {
  readonly #open = new AsyncLocalStorage<OpenTransaction>();
  readonly #pool: AppPool;

  constructor(pool: AppPool) {
    this.#pool = pool;
  }

  /** What queries in the transaction. Throws outside of `run`, so no query can miss the tenant context. */
  get manager(): Queries {
    const open = this.#open.getStore();
    if (!open) throw new Error('There is no tenant transaction here: call TenantTransaction.run first.');
    return open.manager;
  }

  get isOpen(): boolean {
    return this.#open.getStore() !== undefined;
  }

  async run<T>(scope: TenantScope, work: () => Promise<T>): Promise<T> {
    return this.#joins(scope) ? work() : this.#begin(scope, work);
  }

  /**
   * Reads in one round trip: begin, statements and commit leave together. `work` sends all its statements before it awaits an answer; later ones
   * are refused, and so are writes.
   */
  async read<T>(scope: TenantScope, work: () => Promise<T>): Promise<T> {
    if (this.#joins(scope)) return work();
    const connection = await this.#pool.connect();
    try {
      const entered = connection.query(entrance(scope, 'READ ONLY'));
      // Async, so that work which throws at once does not keep the commit from being sent.
      const answered = this.#open.run({ manager: connection, scope, afterCommit: [] }, async () => work());
      const [, result] = await pipelined([entered, answered, connection.last('COMMIT')]);
      return result;
    } finally {
      connection.release();
    }
  }

  /** A transaction of its own even inside another one: what it writes stays when the outer one rolls back. */
  async runSeparately<T>(scope: TenantScope, work: () => Promise<T>): Promise<T> {
    return this.#open.exit(() => this.#begin(scope, work));
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
    if (outer && !covers(outer.scope, scope)) throw new Error('A tenant transaction cannot be joined by another tenant.');
    return outer !== undefined;
  }

  async #begin<T>(scope: TenantScope, work: () => Promise<T>): Promise<T> {
    const connection = await this.#pool.connect();
    const open: OpenTransaction = { manager: connection, scope, afterCommit: [] };
    // Not awaited before the work's first statement, which PostgreSQL answers in the same round trip and refuses when this has failed.
    const entered = connection.query(entrance(scope));
    entered.catch(() => undefined);
    let result: T;
    try {
      result = await this.#open.run(open, work);
      await entered;
      await connection.query('COMMIT');
    } catch (error) {
      const rolledBack = await connection.query('ROLLBACK').then(() => true, () => false);
      connection.release(!rolledBack);
      await entered;
      throw error;
    }
    connection.release();
    for (const notify of open.afterCommit) notify();
    return result;
  }
}

/** Begins, and sets what row-level security sees; transaction-local, so that a pooled connection carries nothing to its next user. One text: all of it or nothing. */
function entrance({ orgId, platform, platformRead }: TenantScope, mode: 'READ WRITE' | 'READ ONLY' = 'READ WRITE'): string {
  const settings = Object.entries({ org_id: orgId ?? '', platform: platform ? 'on' : '', platform_read: platformRead ? 'on' : '' });
  // SET needs no plan and answers without a row, unlike set_config().
  return [`BEGIN ${mode}`, ...settings.map(([name, value]) => `SET LOCAL app.${name} = ${pg.escapeLiteral(value)}`)].join('; ');
}

function covers(outer: TenantScope, inner: TenantScope): boolean {
  return outer.orgId === inner.orgId && (outer.platform || !inner.platform) === true && (outer.platformRead || !inner.platformRead) === true;
}
