import type { decimal } from '../decimal/index.ts';
import type { CommissionModel, SlippageModel } from '../models/index.ts';
import type { BacktestKwargs, RunWarning } from '../recipe/index.ts';
import type { Account } from './account.ts';
import type { Book } from './book.ts';
import type { EventLog } from './event-log.ts';
import type { Market } from './market.ts';
// Past the door: the policies read the state, and their index would close the circle.
import type { OrderGate } from './policies/policy.ts';

/**
 * Warnings of a run: one row per code and symbol, with a count where it stands for several things, and what models say,
 * each message once.
 */
export class Warnings {
  readonly rows: RunWarning[] = [];
  readonly #seen = new Set<string>();
  readonly #counted = new Map<string, RunWarning & { count: number }>();

  add(code: string, message: string, vtSymbol?: string, count?: number): void {
    const key = `${code} ${vtSymbol ?? ''}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.rows.push({
      code,
      message,
      ...(vtSymbol !== undefined && { vt_symbol: vtSymbol }),
      ...(count !== undefined && { count }),
    });
  }

  /** Rows that were made elsewhere; what they say of a symbol is not said again. */
  take(rows: readonly RunWarning[]): void {
    for (const row of rows) this.#seen.add(`${row.code} ${row.vt_symbol ?? ''}`);
    this.rows.push(...rows);
  }

  /** One row per code and symbol that counts how often it was said. */
  count(code: string, message: string, vtSymbol: string): void {
    const key = `${code} ${vtSymbol}`;
    const row = this.#counted.get(key);
    if (row !== undefined) row.count++;
    else {
      const first = { code, message, vt_symbol: vtSymbol, count: 1 };
      this.#counted.set(key, first);
      this.rows.push(first);
    }
  }

  say(level: string, message: string): void {
    const code = `log_${level}`;
    if (this.#seen.has(`${code} ${message}`)) return;
    this.#seen.add(`${code} ${message}`);
    this.rows.push({ code, message });
  }
}

/** What the steps of one run share. */
export interface RunState {
  readonly options: BacktestKwargs;
  readonly market: Market;
  readonly account: Account;
  readonly book: Book;
  readonly log: EventLog;
  readonly slippage: SlippageModel;
  readonly commission: CommissionModel;
  /** By id. */
  readonly lot: Float64Array;
  readonly tick: readonly (decimal.Exact | null)[];
  readonly notBorrowable: ReadonlySet<string>;
  readonly warnings: Warnings;
  /** The policies of the recipe's `risk` block, null without one. */
  gate: OrderGate | null;
  /** Instant of the slice, ms, and its session date in days since 1970. */
  now: number;
  day: number;
  /** Equity at the last mark. */
  equity: number;
}
