import { decimal } from '../decimal/index.ts';
import type { Execution } from './execution.ts';
import { moneyText } from './shown-money.ts';
import type { RunState } from './state.ts';

/** Margin requirement, margin calls and ruin (trading.md 7.4, 7.10). */
export class RiskMonitor {
  readonly #state: RunState;
  readonly #execution: Execution;
  /**
   * Instant of the first mark in breach since the requirement last held, ms; Infinity while it holds. A later breach
   * does not renew it.
   */
  #since = Number.POSITIVE_INFINITY;

  constructor(state: RunState, execution: Execution) {
    this.#state = state;
    this.#execution = execution;
  }

  /** A margin call waits for the next opens. */
  get called(): boolean {
    return this.#since !== Number.POSITIVE_INFINITY;
  }

  /** At Mark: does the account meet its maintenance requirement? A breach is acted on at the next opens. */
  watch(): void {
    const requirement = this.#state.account.held.length === 0 ? 0 : this.#requirement();
    if (requirement <= this.#state.equity) {
      this.#since = Number.POSITIVE_INFINITY;
      return;
    }
    if (!this.called) this.#since = this.#state.now;
    this.#state.warnings.add(
      'margin_call',
      'The maintenance requirement was breached; the largest positions are closed at the next open.',
    );
    this.#state.log.write('RISK', {
      policy: 'maintenance_margin',
      action: 'margin_call',
      value: moneyText(this.#state.equity),
      limit: moneyText(requirement),
    });
  }

  /**
   * At the open: whole positions close, largest first, ties by symbol, until the requirement at last marks holds; each
   * in its first bar that opened at the call or later.
   */
  liquidate(): void {
    const { account, market, book } = this.#state;
    const value = (id: number): number => Math.abs(account.quantity[id]! * market.mark[id]!);
    for (const id of [...account.held].sort((a, b) => value(b) - value(a) || a - b)) {
      if (this.#holds()) break;
      const k = market.slice.find(id);
      if (k < 0 || market.slice.volume(k) === 0) continue;
      const opened = market.opened[id]![market.slice.barIndex(k)]!;
      if (opened < this.#since) continue;
      for (const order of book.working) if (order.id === id) book.cancel(order, 'margin_call');
      this.#execution.liquidate(
        id,
        decimal.exact(market.slice.open(k)),
        market.slice.barIndex(k),
        market.slice.volume(k),
        { reason: 'margin_call', costs: true, opened },
      );
    }
    if (this.#holds()) this.#since = Number.POSITIVE_INFINITY;
  }

  /** Every position closes at its last close, with slip and commission. */
  closeAll(reason: string): void {
    const { account, market } = this.#state;
    for (const id of [...account.held])
      this.#execution.liquidate(
        id,
        decimal.exact(market.mark[id]!),
        market.count[id]! - 1,
        market.column(id, 'volume')[market.count[id]! - 1] ?? Number.NaN,
        { reason, costs: true },
      );
  }

  #holds(): boolean {
    return this.#requirement() <= this.#state.account.mark();
  }

  #requirement(): number {
    const { account, market, options } = this.#state;
    if (options.account.type !== 'margin') return 0;
    let requirement = 0;
    for (const id of account.held) {
      const value = account.quantity[id]! * market.mark[id]!;
      requirement += value > 0 ? value * options.account.maintenance_long : -value * options.account.maintenance_short;
    }
    return requirement;
  }
}
