import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';

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
  manager: EntityManager;
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
  readonly #source: DataSource;

  constructor(source: DataSource) {
    this.#source = source;
  }

  /** The transaction's entity manager. Throws outside of `run`, so no query can miss the tenant context. */
  get manager(): EntityManager {
    const open = this.#open.getStore();
    if (!open) throw new Error('There is no tenant transaction here: call TenantTransaction.run first.');
    return open.manager;
  }

  get isOpen(): boolean {
    return this.#open.getStore() !== undefined;
  }

  async run<T>(scope: TenantScope, work: () => Promise<T>): Promise<T> {
    const outer = this.#open.getStore();
    if (outer) {
      if (!covers(outer.scope, scope)) throw new Error('A tenant transaction cannot be joined by another tenant.');
      return work();
    }
    return this.#begin(scope, work);
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

  async #begin<T>(scope: TenantScope, work: () => Promise<T>): Promise<T> {
    const runner = this.#source.createQueryRunner();
    const open: OpenTransaction = { manager: runner.manager, scope, afterCommit: [] };
    try {
      await runner.startTransaction();
      // Transaction-local, so that a pooled connection carries nothing to its next user.
      await runner.query("SELECT set_config('app.org_id', $1, true), set_config('app.platform', $2, true), set_config('app.platform_read', $3, true)", [
        scope.orgId ?? '', scope.platform ? 'on' : '', scope.platformRead ? 'on' : '',
      ]);
      const result = await this.#open.run(open, work);
      await runner.commitTransaction();
      for (const notify of open.afterCommit) notify();
      return result;
    } catch (error) {
      if (runner.isTransactionActive) await runner.rollbackTransaction();
      throw error;
    } finally {
      await runner.release();
    }
  }
}

function covers(outer: TenantScope, inner: TenantScope): boolean {
  return outer.orgId === inner.orgId && (outer.platform || !inner.platform) === true && (outer.platformRead || !inner.platformRead) === true;
}
