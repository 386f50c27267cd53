import { decimal } from '../decimal/index.ts';
import { parseDate, parseInstant } from '#kernel';
import { INTERVAL_MS } from '../bars/index.ts';
import { DAY_MS } from '../calendars/index.ts';
import type { CorporateActions } from './corporate-actions.ts';
import type { DueActions } from './due-actions.ts';
import type { RunState } from './state.ts';

const DAYS_PER_YEAR = 360;

/** Step 1 of trading.md 7.4: what a new session brings before its first match. */
export class SessionWork {
  readonly #state: RunState;
  readonly #due: DueActions;
  readonly #actions: CorporateActions;

  constructor(state: RunState, due: DueActions, actions: CorporateActions) {
    this.#state = state;
    this.#due = due;
    this.#actions = actions;
  }

  /** A new session brings nothing: no action is left and no rate is charged. */
  get idle(): boolean {
    const { borrow_rate: borrow, cash_yield: cash, debit_rate: debit } = this.#state.options;
    return this.#due.next === Number.POSITIVE_INFINITY && borrow === 0 && cash === 0 && debit === 0;
  }

  /** An action is due at this instant. */
  isDue(now: number): boolean {
    return now >= this.#due.next;
  }

  /**
   * At the first slice of a session date, `elapsed` calendar days after the last one, and where an action is due; 0 at
   * the first slice of the run.
   */
  run(elapsed: number): void {
    if (elapsed > 0) this.#interest(elapsed);
    if (this.isDue(this.#state.now)) this.#actions.run();
  }

  /** At every slice while there are `gtd` orders: a date is the last session, by the calendar of the order's symbol. */
  expireDated(): void {
    const { book, market, now, options } = this.#state;
    const hours = options.extended_hours && INTERVAL_MS[options.interval] !== undefined ? 'extended' : 'regular';
    for (const order of book.working) {
      if (order.gtdUntil === null || order.tif !== 'gtd') continue;
      const date = parseDate(order.gtdUntil);
      if (Number.isNaN(date) ? now > parseInstant(order.gtdUntil) : market.sessionDay(order.id, hours) > date / DAY_MS)
        book.expire(order, 'gtd');
    }
  }

  /** rate·|value|·days/360, each posting rounded half-even once; cash interest on the cash of the prior close. */
  #interest(days: number): void {
    const { account, market, options } = this.#state;
    const accrued = (value: decimal.Exact, rate: number): decimal.Integer =>
      decimal.quotientHalfEven(decimal.multiply(decimal.multiply(value, decimal.exact(rate)), { n: days, scale: 0 }), {
        n: DAYS_PER_YEAR,
        scale: 0,
      });
    const cash = decimal.units(account.cash);
    if (options.borrow_rate > 0)
      for (const id of account.held) {
        const quantity = account.quantity[id]!;
        if (quantity < 0)
          account.post(
            'borrow',
            decimal.opposite(
              accrued(decimal.multiply(decimal.exact(-quantity), decimal.exact(market.mark[id]!)), options.borrow_rate),
            ),
            market.symbols[id]!,
          );
      }
    if (cash.n > 0 && options.cash_yield > 0) account.post('interest', accrued(cash, options.cash_yield), 'cash_yield');
    else if (cash.n < 0 && options.debit_rate > 0)
      account.post('interest', accrued(cash, options.debit_rate), 'debit_rate');
  }
}
