import { decimal } from '#kernel';
import { parseDate, parseInstant } from '../bars/index.ts';
import { lots, wholeLots, type AlphaModel } from '../strategy/index.ts';
import type { Execution } from './execution.ts';
import type { RunState } from './state.ts';
import type { CorporateAction } from './types.ts';

const DAY_MS = 86_400_000;
const DAYS_PER_YEAR = 360n;

/** Step 1 of trading.md 7.4: what a new session brings before its first match. */
export class SessionWork {
  readonly #state: RunState;
  readonly #execution: Execution;
  readonly #alpha: AlphaModel | null;
  readonly #onDelisted: (id: number) => void;
  readonly #actions: readonly CorporateAction[];
  #next = 0;

  constructor(state: RunState, execution: Execution, actions: readonly CorporateAction[], alpha: AlphaModel | null, onDelisted: (id: number) => void) {
    this.#state = state;
    this.#execution = execution;
    this.#actions = actions;
    this.#alpha = alpha;
    this.#onDelisted = onDelisted;
  }

  /** Before the first slice: splits of the past only rescale the history they follow. */
  skipTo(day: number): void {
    const { market } = this.#state;
    for (; this.#next < this.#actions.length; this.#next++) {
      const action = this.#actions[this.#next]!;
      const ex = parseDate(action.ex_date) / DAY_MS;
      if (ex >= day) return;
      const id = market.idOf(action.vt_symbol);
      if (id === undefined || action.type !== 'split') continue;
      let before = 0;
      while (before < market.count[id]! && market.day[id]![before]! < ex) before++;
      market.rescale(id, action.ratio, before);
    }
  }

  /** At the first slice of a session date, `elapsed` calendar days after the last one; 0 at the first slice of the run. */
  run(elapsed: number): void {
    if (elapsed > 0) this.#interest(BigInt(elapsed));
    while (this.#next < this.#actions.length && parseDate(this.#actions[this.#next]!.ex_date) / DAY_MS <= this.#state.day) this.#apply(this.#actions[this.#next++]!);
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
  #interest(days: bigint): void {
    const { account, market, options } = this.#state;
    const accrued = (value: decimal.Exact, rate: number): bigint =>
      decimal.quotientHalfEven(decimal.multiply(decimal.multiply(value, decimal.exact(rate)), { n: days, scale: 0 }), { n: DAYS_PER_YEAR, scale: 0 });
    const cash = decimal.units(account.cash);
    if (options.borrow_rate > 0)
      for (const id of account.held) {
        const quantity = account.quantity[id]!;
        if (quantity < 0) account.post('borrow', -accrued(decimal.multiply(decimal.exact(-quantity), decimal.exact(market.mark[id]!)), options.borrow_rate), market.symbols[id]!);
      }
    if (cash.n > 0n && options.cash_yield > 0) account.post('interest', accrued(cash, options.cash_yield), 'cash_yield');
    else if (cash.n < 0n && options.debit_rate > 0) account.post('interest', accrued(cash, options.debit_rate), 'debit_rate');
  }

  #apply(action: CorporateAction): void {
    const { market, account, log, warnings } = this.#state;
    const id = market.idOf(action.vt_symbol);
    if (id === undefined) {
      warnings.add('action_without_symbol', 'A corporate action names a symbol that is not in this run.', action.vt_symbol);
      return;
    }
    log.write('CORP_ACTION', { vt_symbol: action.vt_symbol, kind: action.type, ratio: action.type === 'split' ? action.ratio : null, amount: action.type === 'dividend' ? decimal.plainDecimal(action.amount) : null });
    if (action.type === 'split') this.#split(id, action.ratio);
    else if (action.type === 'dividend') account.post('dividend', decimal.roundHalfEven(decimal.multiply(decimal.exact(account.quantity[id]!), decimal.exact(action.amount))), action.vt_symbol);
    else this.#delist(id);
  }

  #split(id: number, ratio: number): void {
    const { market, account, book, lot } = this.#state;
    const exact = decimal.multiply(decimal.exact(account.quantity[id]!), decimal.exact(ratio));
    const whole = lots(wholeLots(decimal.absolute(exact), lot[id]!), lot[id]!) * (exact.n < 0n ? -1 : 1);
    const fraction = decimal.subtract(exact, decimal.exact(whole));
    market.rescale(id, ratio);
    this.#alpha?.precompute?.(market);
    this.#alpha?.onRescale?.(id);
    if (account.quantity[id] !== 0) account.split(id, ratio, whole + 0);
    for (const order of book.working) if (order.id === id) order.rescale(ratio);
    if (fraction.n === 0n) return;
    const k = market.slice.find(id);
    const price = k < 0 ? market.mark[id]! : market.slice.open(k);
    const cash = decimal.roundHalfEven(decimal.multiply(fraction, decimal.exact(price)));
    account.post('split_fraction', cash, market.symbols[id]!);
    account.trips.closes(id, decimal.absolute(fraction), decimal.exact(price), cash, market.count[id]!, this.#state.now, whole === 0);
  }

  /** Orders are cancelled, the position is paid out at the last price, the symbol trades no more. */
  #delist(id: number): void {
    const { market, account, book } = this.#state;
    for (const order of book.working) if (order.id === id) book.cancel(order, 'delisted');
    if (account.quantity[id] !== 0) this.#execution.liquidate(id, decimal.exact(market.mark[id]!), market.count[id]! - 1, Number.NaN, { reason: 'delisted', costs: false });
    market.remove(id);
    this.#onDelisted(id);
  }
}
