import { decimal } from '../decimal/index.ts';
import { floorToLot, type AlphaModel } from '../strategy/index.ts';
import type { CashKind } from './account.ts';
import type { DueAction, DueActions } from './due-actions.ts';
import type { Execution } from './execution.ts';
import type { RunState } from './state.ts';
import type { CorporateAction } from './types.ts';

type Of<T extends CorporateAction['type']> = Extract<CorporateAction, { type: T }>;

const LEFT_THE_MARKET = 'the symbol had left the market';
const AFTER_THE_END = 'no slice came after the open of the session in which they are due';

/** Corporate actions as they fall due: what they do to positions, orders, prices and cash. */
export class CorporateActions {
  readonly #state: RunState;
  readonly #execution: Execution;
  readonly #due: DueActions;
  readonly #alpha: AlphaModel | null;
  readonly #onGone: (id: number) => void;
  /** By symbol: how many had no effect, and why. */
  readonly #idle = new Map<string, { count: number; reasons: Set<string> }>();
  /** Ids with an action that was posted, and how many. */
  readonly #posted = new Map<number, number>();
  /** Ids whose open orders went to another symbol: their rows name that one. */
  readonly #moved = new Set<number>();

  /** `onGone` hears of a symbol that trades no more. */
  constructor(
    state: RunState,
    execution: Execution,
    due: DueActions,
    alpha: AlphaModel | null,
    onGone: (id: number) => void,
  ) {
    this.#state = state;
    this.#execution = execution;
    this.#due = due;
    this.#alpha = alpha;
    this.#onGone = onGone;
  }

  /**
   * Before the first slice, `until` the instant of the last bar before it: what took effect then happened without this
   * account; a split rescales the bars before it.
   */
  skipHistory(until: number): void {
    const { market } = this.#state;
    for (const { action, id, effective } of this.#due.take(until)) {
      if (action.type === 'split') market.rescale(id, action.ratio, effective);
      else if (action.type !== 'dividend') this.#remove(id);
    }
  }

  /** Posts what is due at this slice. */
  run(): void {
    for (const due of this.#due.take(this.#state.now)) this.#apply(due);
  }

  /** At the end: warnings about actions that had no effect. */
  report(): void {
    const { market, options, warnings, book, account } = this.#state;
    for (const { action } of this.#due.left) this.#without(action, AFTER_THE_END);
    for (const [symbol, { count, reasons }] of this.#idle)
      warnings.add(
        'action_without_effect',
        `Corporate actions posted nothing: ${[...reasons].join('; ')}.`,
        symbol,
        count,
      );
    if (this.#posted.size === 0) return;
    const ordered = book.symbolsOrdered();
    for (const [id, count] of this.#posted)
      if (!ordered.has(id) && !this.#moved.has(id) && !account.wasHeld(id) && market.symbols[id] !== options.benchmark)
        warnings.add(
          'action_without_symbol',
          'Corporate actions name a symbol that nobody traded in this run.',
          market.symbols[id],
          count,
        );
  }

  #apply({ action, id, effective }: DueAction): void {
    if (this.#state.market.removed[id]) return this.#without(action, LEFT_THE_MARKET);
    this.#posted.set(id, (this.#posted.get(id) ?? 0) + 1);
    switch (action.type) {
      case 'split':
        this.#tell(action, { ratio: action.ratio });
        return this.#split(id, action.ratio, effective);
      case 'dividend':
        this.#tell(action, { amount: decimal.plainDecimal(action.amount) });
        this.#pay('dividend', id, action.amount);
        return;
      case 'rename':
        return this.#rename(id, action);
      case 'merger':
        return this.#merge(id, action);
      case 'delisting':
        this.#tell(action, {});
        return this.#delist(id);
    }
  }

  #tell(
    { vt_symbol, type }: CorporateAction,
    fields: { ratio?: number; amount?: string; new_vt_symbol?: string },
  ): void {
    this.#state.log.write('CORP_ACTION', { vt_symbol, kind: type, ...fields });
  }

  #without({ vt_symbol: symbol }: CorporateAction, reason: string): void {
    const idle = this.#idle.get(symbol) ?? { count: 0, reasons: new Set() };
    this.#idle.set(symbol, { count: idle.count + 1, reasons: idle.reasons.add(reason) });
  }

  /** ±quantity·amount. */
  #pay(kind: CashKind, id: number, amount: number): decimal.Integer {
    const { account, market } = this.#state;
    const cash = decimal.roundHalfEven(decimal.multiply(decimal.exact(account.quantity[id]!), decimal.exact(amount)));
    account.post(kind, cash, market.symbols[id]!);
    return cash;
  }

  #split(id: number, ratio: number, effective: number): void {
    const { market, account, book } = this.#state;
    market.rescale(id, ratio, effective);
    this.#alpha?.precompute?.(market);
    this.#alpha?.onRescale?.(id);
    const { whole, fraction } = this.#converted(id, ratio, id);
    if (account.quantity[id] !== 0) account.split(id, ratio, whole);
    for (const order of book.working) {
      if (order.id === id) order.rescale(ratio);
      order.rescaleChildren(market.symbols[id]!, ratio);
    }
    // Fractional orders stay as they are (ADR 5), but none outlives the position.
    if (account.quantity[id] === 0) this.#execution.fitToPosition(id);
    this.#payFraction('split_fraction', id, fraction);
  }

  /** What a position becomes in new shares: whole lots and the fraction of one, both signed. */
  #converted(id: number, ratio: number, heir: number): { whole: number; fraction: decimal.Exact } {
    const { account, lot } = this.#state;
    const exact = decimal.multiply(decimal.exact(account.quantity[id]!), decimal.exact(ratio));
    const whole = floorToLot(decimal.absolute(exact), lot[heir]!) * (exact.n < 0 ? -1 : 1) + 0;
    return { whole, fraction: decimal.subtract(exact, decimal.exact(whole)) };
  }

  /** What is no whole lot is paid out at the open, without a bar at the last close. */
  #payFraction(kind: CashKind, id: number, fraction: decimal.Exact): void {
    const { market, account } = this.#state;
    if (fraction.n === 0) return;
    const k = market.slice.find(id);
    const value = decimal.multiply(fraction, decimal.exact(k < 0 ? market.mark[id]! : market.slice.open(k)));
    const cash = decimal.roundHalfEven(value);
    account.post(kind, cash, market.symbols[id]!);
    const at = { id, bar: k < 0 ? market.count[id]! - 1 : market.slice.barIndex(k), time: this.#state.now };
    account.trips.trade(
      at,
      fraction.n > 0 ? -1 : 1,
      decimal.toNumber(decimal.absolute(fraction)),
      decimal.absolute(value),
      cash,
      account.quantity[id] === 0,
    );
  }

  #rename(id: number, action: Of<'rename'>): void {
    const heir = this.#heir(action.new_vt_symbol, id);
    this.#tell(action, heir < 0 ? {} : { ratio: action.ratio, new_vt_symbol: action.new_vt_symbol });
    if (heir < 0) return this.#delistInstead(id, action.new_vt_symbol);
    const { market, account, book } = this.#state;
    const { ratio = 1 } = action;
    market.inherit(id, heir, ratio);
    const { whole, fraction } =
      ratio === 1 ? { whole: account.quantity[id]!, fraction: decimal.exact(0) } : this.#converted(id, ratio, heir);
    account.move(id, heir, ratio, whole);
    const to = { id: heir, vtSymbol: market.symbols[heir]! };
    for (const order of book.working) {
      if (order.id === id) this.#moved.add(id);
      if (ratio !== 1) {
        if (order.id === id) order.rescale(ratio);
        order.rescaleChildren(market.symbols[id]!, ratio);
      }
      order.rename(id, market.symbols[id]!, to);
    }
    this.#execution.fitToPosition(heir);
    this.#payFraction('merger_fraction', heir, fraction);
    this.#remove(id);
  }

  /** What it pays per share is paid first; what it converts comes without the orders on it. */
  #merge(id: number, action: Of<'merger'>): void {
    const { amount, ratio, new_vt_symbol: name } = action;
    const { market, account } = this.#state;
    const heir = name === undefined ? -1 : this.#heir(name, id);
    if (name !== undefined && heir < 0) {
      this.#tell(action, {});
      return this.#delistInstead(id, name);
    }
    this.#tell(action, {
      amount: amount === undefined ? undefined : decimal.plainDecimal(amount),
      ratio,
      new_vt_symbol: name,
    });
    this.#cancel(id, 'merger');
    const paid = amount === undefined ? 0 : this.#pay('merger', id, amount);
    if (name === undefined) account.payOff(id, amount!, paid);
    else if (account.quantity[id] !== 0) {
      account.trips.receive(id, paid);
      market.inherit(id, heir, ratio!);
      const { whole, fraction } = this.#converted(id, ratio!, heir);
      account.move(id, heir, ratio!, whole);
      this.#execution.fitToPosition(heir);
      this.#payFraction('merger_fraction', heir, fraction);
    }
    this.#remove(id);
  }

  /** The symbol into which another one turns; −1 when it is not in the run, or trades no more. */
  #heir(vtSymbol: string, id: number): number {
    const { market } = this.#state;
    const heir = market.idOf(vtSymbol);
    return heir === undefined || heir === id || market.removed[heir] ? -1 : heir;
  }

  #delistInstead(id: number, name: string): void {
    const { market, warnings } = this.#state;
    warnings.add(
      'rename_without_bars',
      `The symbol became ${name}, which is not in the universe or has no bars: the position was paid out at the last ` +
        `close.`,
      market.symbols[id],
      1,
    );
    this.#delist(id);
  }

  /** Orders are cancelled, the position is paid out at the last price, the symbol trades no more. */
  #delist(id: number): void {
    const { market, account } = this.#state;
    this.#cancel(id, 'delisted');
    if (account.quantity[id] !== 0)
      this.#execution.liquidate(id, decimal.exact(market.mark[id]!), market.count[id]! - 1, Number.NaN, {
        reason: 'delisted',
        costs: false,
      });
    this.#remove(id);
  }

  #cancel(id: number, reason: string): void {
    const { book } = this.#state;
    for (const order of book.working) if (order.id === id) book.cancel(order, reason);
  }

  #remove(id: number): void {
    this.#state.market.remove(id);
    this.#onGone(id);
  }
}
