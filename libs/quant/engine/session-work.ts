import { decimal } from '../decimal/index.ts';
import { parseDate, parseInstant } from '#kernel';
import { DAY_MS } from '../calendars/index.ts';
import { floorToLot, type AlphaModel } from '../strategy/index.ts';
import type { Execution } from './execution.ts';
import type { RunState } from './state.ts';
import type { CorporateAction } from './types.ts';

const DAYS_PER_YEAR = 360;

/** Step 1 of trading.md 7.4: what a new session brings before its first match. */
export class SessionWork {
  readonly #state: RunState;
  readonly #execution: Execution;
  readonly #alpha: AlphaModel | null;
  readonly #onDelisted: (id: number) => void;
  readonly #actions: readonly CorporateAction[];
  /** Actions due whose symbol has no bar yet. */
  #waiting: CorporateAction[] = [];
  #next = 0;

  constructor(state: RunState, execution: Execution, actions: readonly CorporateAction[], alpha: AlphaModel | null, onDelisted: (id: number) => void) {
    this.#state = state;
    this.#execution = execution;
    this.#actions = actions;
    this.#alpha = alpha;
    this.#onDelisted = onDelisted;
  }

  /** Some action waits for the first bar of its symbol: `run` is due at every slice. */
  get waiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** A new session brings nothing: no action is left and no rate is charged. */
  get idle(): boolean {
    const { borrow_rate: borrow, cash_yield: cash, debit_rate: debit } = this.#state.options;
    return this.#next === this.#actions.length && this.#waiting.length === 0 && borrow === 0 && cash === 0 && debit === 0;
  }

  /** Before the first slice: what took effect among the bars before `start` happened without this account; a split rescales the bars before it. */
  skipHistory(): void {
    const { market } = this.#state;
    const last = market.lastDay();
    for (; this.#next < this.#actions.length; this.#next++) {
      const action = this.#actions[this.#next]!;
      if (exDay(action) > last) return;
      const id = market.idOf(action.vt_symbol);
      if (id === undefined) this.#warnUnknown(action);
      else if (market.count[id] === 0) this.#waiting.push(action);
      else if (action.type === 'split') market.rescale(id, action.ratio, exDay(action));
      else if (action.type === 'delisting') this.#remove(id);
    }
  }

  /** At the first slice of a session date, `elapsed` calendar days after the last one; 0 at the first slice of the run and while actions wait. */
  run(elapsed: number): void {
    if (elapsed > 0) this.#interest(elapsed);
    const due = this.#waiting;
    while (this.#next < this.#actions.length && exDay(this.#actions[this.#next]!) <= this.#state.day) due.push(this.#actions[this.#next++]!);
    if (due.length === 0) return;
    this.#waiting = [];
    for (const action of due) this.#apply(action);
  }

  /** At every slice while there are `gtd` orders. */
  expireDated(): void {
    const { book, now, day } = this.#state;
    for (const order of book.working) {
      if (order.gtdUntil === null || order.tif !== 'gtd') continue;
      const date = parseDate(order.gtdUntil);
      if (Number.isNaN(date) ? now > parseInstant(order.gtdUntil) : day > date / DAY_MS) book.expire(order, 'gtd');
    }
  }

  /** rate·|value|·days/360, each posting rounded half-even once; cash interest on the cash of the prior close. */
  #interest(days: number): void {
    const { account, market, options } = this.#state;
    const accrued = (value: decimal.Exact, rate: number): decimal.Integer =>
      decimal.quotientHalfEven(decimal.multiply(decimal.multiply(value, decimal.exact(rate)), { n: days, scale: 0 }), { n: DAYS_PER_YEAR, scale: 0 });
    const cash = decimal.units(account.cash);
    if (options.borrow_rate > 0)
      for (const id of account.held) {
        const quantity = account.quantity[id]!;
        if (quantity < 0) account.post('borrow', decimal.opposite(accrued(decimal.multiply(decimal.exact(-quantity), decimal.exact(market.mark[id]!)), options.borrow_rate)), market.symbols[id]!);
      }
    if (cash.n > 0 && options.cash_yield > 0) account.post('interest', accrued(cash, options.cash_yield), 'cash_yield');
    else if (cash.n < 0 && options.debit_rate > 0) account.post('interest', accrued(cash, options.debit_rate), 'debit_rate');
  }

  #apply(action: CorporateAction): void {
    const { market, account, log } = this.#state;
    const id = market.idOf(action.vt_symbol);
    if (id === undefined) return this.#warnUnknown(action);
    if (market.count[id] === 0 && market.slice.find(id) < 0) {
      this.#waiting.push(action);
      return;
    }
    log.write('CORP_ACTION', { vt_symbol: action.vt_symbol, kind: action.type, ratio: action.type === 'split' ? action.ratio : null, amount: action.type === 'dividend' ? decimal.plainDecimal(action.amount) : null });
    if (action.type === 'split') this.#split(id, action.ratio, exDay(action));
    else if (action.type === 'dividend') account.post('dividend', decimal.roundHalfEven(decimal.multiply(decimal.exact(account.quantity[id]!), decimal.exact(action.amount))), action.vt_symbol);
    else this.#delist(id);
  }

  /** A benchmark beside the universe has its splits applied where its closes are placed. */
  #warnUnknown(action: CorporateAction): void {
    if (action.vt_symbol === this.#state.options.benchmark) return;
    this.#state.warnings.add('action_without_symbol', 'A corporate action names a symbol that is not in this run.', action.vt_symbol);
  }

  #split(id: number, ratio: number, ex: number): void {
    const { market, account, book, lot } = this.#state;
    const exact = decimal.multiply(decimal.exact(account.quantity[id]!), decimal.exact(ratio));
    const whole = floorToLot(decimal.absolute(exact), lot[id]!) * (exact.n < 0 ? -1 : 1);
    const fraction = decimal.subtract(exact, decimal.exact(whole));
    market.rescale(id, ratio, ex);
    this.#alpha?.precompute?.(market);
    this.#alpha?.onRescale?.(id);
    if (account.quantity[id] !== 0) account.split(id, ratio, whole + 0);
    for (const order of book.working) {
      if (order.id === id) order.rescale(ratio);
      order.rescaleChildren(market.symbols[id]!, ratio);
    }
    this.#execution.fitToPosition(id);
    if (fraction.n === 0) return;
    const k = market.slice.find(id);
    const price = k < 0 ? market.mark[id]! : market.slice.open(k);
    const cash = decimal.roundHalfEven(decimal.multiply(fraction, decimal.exact(price)));
    account.post('split_fraction', cash, market.symbols[id]!);
    const exit = { id, bar: k < 0 ? market.count[id]! - 1 : market.slice.barIndex(k), time: this.#state.now };
    account.trips.closes(exit, decimal.toNumber(decimal.absolute(fraction)), decimal.multiply(decimal.absolute(fraction), decimal.exact(price)), cash, whole === 0);
  }

  /** Orders are cancelled, the position is paid out at the last price, the symbol trades no more. */
  #delist(id: number): void {
    const { market, account, book } = this.#state;
    for (const order of book.working) if (order.id === id) book.cancel(order, 'delisted');
    if (account.quantity[id] !== 0) this.#execution.liquidate(id, decimal.exact(market.mark[id]!), market.count[id]! - 1, Number.NaN, { reason: 'delisted', costs: false });
    this.#remove(id);
  }

  #remove(id: number): void {
    this.#state.market.remove(id);
    this.#onDelisted(id);
  }
}

/** Days since 1970. */
function exDay(action: CorporateAction): number {
  return parseDate(action.ex_date) / DAY_MS;
}
