import type { Calendar } from '../calendars/index.ts';
import { Xoshiro128, type Rng } from '../random/index.ts';
import type { Ctx, Field, OrderView, PortfolioView, SizingRules, Slice } from '../strategy/index.ts';
import type { RunState } from './state.ts';

class Portfolio implements PortfolioView {
  readonly account: 'cash' | 'margin';
  /** Greatest mark so far. */
  peak = Number.NEGATIVE_INFINITY;
  readonly #state: RunState;

  constructor(state: RunState) {
    this.#state = state;
    this.account = state.account.kind;
  }

  get equity(): number {
    return this.#state.equity;
  }

  get drawdown(): number {
    return this.#state.equity / this.peak - 1;
  }

  get cash(): number {
    return this.#state.account.cashNumber;
  }

  quantity(vtSymbol: string): number {
    const id = this.#state.market.idOf(vtSymbol);
    return id === undefined ? 0 : this.quantityOf(id);
  }

  quantityOf(id: number): number {
    return this.#state.account.quantity[id]!;
  }

  priceOf(id: number): number {
    return this.#state.market.mark[id]!;
  }

  averagePrice(vtSymbol: string): number {
    const id = this.#state.market.idOf(vtSymbol);
    return id === undefined ? 0 : this.#state.account.average(id);
  }

  held(): readonly number[] {
    return this.#state.account.held;
  }
}

/** What models see of the run: the past, the portfolio and the open orders; nothing that is not known at `now`. */
export class RunContext implements Ctx {
  readonly portfolio: Portfolio;
  readonly sizing: SizingRules;
  readonly calendar: Calendar;
  universe: readonly string[] = [];
  signalRevision = 0;
  readonly #state: RunState;
  readonly #seed: number;
  readonly #streams = new Map<string, Rng>();

  constructor(state: RunState, seed: number, calendar: Calendar) {
    this.#state = state;
    this.#seed = seed;
    this.calendar = calendar;
    this.portfolio = new Portfolio(state);
    const { cash_buffer: cashBuffer, min_order_value: minOrderValue, min_drift: minDrift } = state.options;
    this.sizing = { cashBuffer, minOrderValue, minDrift };
  }

  get now(): number {
    return this.#state.now;
  }

  get symbols(): readonly string[] {
    return this.#state.market.symbols;
  }

  get slice(): Slice {
    return this.#state.market.slice;
  }

  get openOrders(): readonly OrderView[] {
    return this.#state.book.working;
  }

  history(vtSymbol: string, n: number, field: Field = 'close', until = this.#state.now): Float64Array {
    const id = this.#state.market.idOf(vtSymbol);
    if (id === undefined) return new Float64Array(0);
    return this.#state.market.history(id, n, field, until);
  }

  barCount(id: number): number {
    return this.#state.market.count[id]!;
  }

  idOf(vtSymbol: string): number | undefined {
    return this.#state.market.idOf(vtSymbol);
  }

  lotSize(id: number): number {
    return this.#state.lot[id]!;
  }

  rng(stream: string): Rng {
    let rng = this.#streams.get(stream);
    if (!rng) this.#streams.set(stream, (rng = new Xoshiro128(this.#seed, stream)));
    return rng;
  }

  cancel(orderId: string, reason: string): void {
    const { book, gate } = this.#state;
    const order = book.find(orderId);
    if (order === undefined) return;
    gate?.cancelSent();
    book.cancel(order, reason);
  }

  warn(code: string, message: string, vtSymbol?: string): void {
    this.#state.warnings.add(code, message, vtSymbol);
  }

  count(code: string, message: string, vtSymbol: string): void {
    this.#state.warnings.count(code, message, vtSymbol);
  }

  log(level: string, message: string): void {
    this.#state.warnings.say(level, message);
  }
}
