import { decimal } from '../decimal/index.ts';
import { addQuantity } from '../strategy/index.ts';
import type { EventLog } from './event-log.ts';
import type { Fill } from './fill-table.ts';
import type { Market } from './market.ts';
import { RoundTrips } from './round-trips.ts';

const AVERAGE_SCALE = 10;

export type CashKind =
  'trade' | 'commission' | 'borrow' | 'interest' | 'dividend' | 'split_fraction' | 'merger' | 'merger_fraction';

/** Cash in exact units, positions at average cost, and what the run has cost so far. */
export class Account {
  readonly kind: 'cash' | 'margin';
  readonly quantity: Float64Array;
  readonly trips: RoundTrips;
  /** Rises with every posting and every change of a position. */
  revision = 0;
  /** Rises with every change of a position. */
  positionRevision = 0;
  /** Costs so far, 1e-8 units; interest is what was paid minus what was received. */
  readonly costs: Record<'commission' | 'slippage' | 'borrow' | 'interest', decimal.Integer> = {
    commission: 0,
    slippage: 0,
    borrow: 0,
    interest: 0,
  };
  /** Σ|quantity·price| of all fills. */
  traded: decimal.Integer = 0;
  /** Σ|quantity·close| and Σ quantity·close at the last `mark`. */
  gross = 0;
  net = 0;
  readonly #market: Market;
  readonly #log: EventLog;
  readonly #average: decimal.Integer[];
  #cash: decimal.Integer;
  #cashNumber: number;
  #cashText: string | null = null;
  #held: number[] = [];
  #text = { revision: 0, text: '{}' };
  /** Ids of the positions that changed, each once: the first `#changes` of them. */
  readonly #changed: Int32Array;
  #changes = 0;
  readonly #isChanged: Uint8Array;
  /** 1 for a symbol of which something was held. */
  readonly #isHeld: Uint8Array;

  constructor(kind: 'cash' | 'margin', initialCash: number, market: Market, log: EventLog) {
    this.kind = kind;
    this.#market = market;
    this.#log = log;
    this.#cash = decimal.roundHalfEven(decimal.exact(initialCash));
    this.#cashNumber = decimal.unitsToNumber(this.#cash);
    this.quantity = new Float64Array(market.symbols.length);
    this.#average = market.symbols.map(() => 0);
    this.#changed = new Int32Array(market.symbols.length);
    this.#isChanged = new Uint8Array(market.symbols.length);
    this.#isHeld = new Uint8Array(market.symbols.length);
    this.trips = new RoundTrips(market);
  }

  /** 1e-8 units. */
  get cash(): decimal.Integer {
    return this.#cash;
  }

  get cashNumber(): number {
    return this.#cashNumber;
  }

  get cashText(): string {
    return (this.#cashText ??= decimal.formatUnits(this.#cash));
  }

  /** Ids with a position, ascending. */
  get held(): readonly number[] {
    return this.#held;
  }

  average(id: number): number {
    return decimal.unitsToNumber(this.#average[id]!, AVERAGE_SCALE);
  }

  /** Marks everything at the last closes, in doubles, in code-point order; returns equity = cash + Σ quantity·close. */
  mark(): number {
    const held = this.#held;
    let equity = this.#cashNumber;
    let gross = 0;
    let net = 0;
    for (let i = 0; i < held.length; i++) {
      const value = this.quantity[held[i]!]! * this.#market.mark[held[i]!]!;
      equity += value;
      net += value;
      gross += value < 0 ? -value : value;
    }
    this.gross = gross;
    this.net = net;
    return equity;
  }

  post(kind: CashKind, amount: decimal.Integer, reference: string): void {
    if (amount === 0) return;
    this.#cash = decimal.sum(this.#cash, amount);
    this.#cashText = null;
    this.revision++;
    this.#cashNumber = decimal.unitsToNumber(this.#cash);
    if (kind === 'borrow') this.costs.borrow = decimal.difference(this.costs.borrow, amount);
    else if (kind === 'interest') this.costs.interest = decimal.difference(this.costs.interest, amount);
    if (!this.#log.off) this.#log.cash(kind, amount, this.cashText, reference);
  }

  /**
   * The n-th fill of the run. Trade and commission are two postings; a fill through zero realises on the closed part
   * and opens the rest at the fill price.
   */
  book(fill: Fill, n: number): void {
    const { id, sign, quantity, commission } = fill;
    const before = this.quantity[id]!;
    const after = addQuantity(before, sign * quantity);
    const { costs } = this;
    const notional = decimal.roundHalfEven(fill.gross);
    const trade = sign > 0 ? decimal.opposite(notional) : notional;
    costs.commission = decimal.sum(costs.commission, commission);
    costs.slippage = decimal.sum(costs.slippage, fill.slippage);
    this.traded = decimal.sum(this.traded, notional);
    /** Events alone refer to it. */
    const reference = this.#log.off ? '' : `f-${n}`;
    this.post('trade', trade, reference);
    this.post('commission', decimal.opposite(commission), reference);
    const cash = decimal.difference(trade, commission);
    if (before === 0 || before > 0 === sign > 0) this.trips.opens(fill, quantity, fill.gross, cash);
    else if (after === 0 || after > 0 === before > 0) this.trips.closes(fill, quantity, fill.gross, cash, after === 0);
    else this.#flip(fill, Math.abs(before), cash);
    this.#setAverage(fill, before, after);
    this.#set(id, after);
  }

  /** A fill through zero as two: its commission is split by quantity. */
  #flip(fill: Fill, closed: number, cash: decimal.Integer): void {
    const gross = decimal.times(closed, fill.price);
    const notional = decimal.roundHalfEven(gross);
    const closedTrade = fill.sign > 0 ? decimal.opposite(notional) : notional;
    const commission = decimal.quotientHalfEven(
      decimal.times(closed, decimal.units(fill.commission)),
      decimal.exact(fill.quantity),
    );
    const closedCash = decimal.difference(closedTrade, commission);
    this.trips.closes(fill, closed, gross, closedCash, true);
    this.trips.opens(
      fill,
      addQuantity(fill.quantity, -closed),
      decimal.subtract(fill.gross, gross),
      decimal.difference(cash, closedCash),
    );
  }

  #setAverage({ id, price, gross }: Pick<Fill, 'id' | 'price' | 'gross'>, before: number, after: number): void {
    const size = Math.abs(before);
    const average = this.#average;
    if (after === 0) average[id] = 0;
    else if (before === 0 || before > 0 !== after > 0) average[id] = decimal.roundHalfEven(price, AVERAGE_SCALE);
    else if (Math.abs(after) > size)
      average[id] = decimal.quotientHalfEven(
        decimal.add(decimal.times(size, decimal.units(average[id]!, AVERAGE_SCALE)), gross),
        decimal.exact(Math.abs(after)),
        AVERAGE_SCALE,
      );
  }

  /**
   * A rename or merger: what is held of one symbol is held of its heir, quantity·ratio at average/ratio, of which
   * `whole` (signed) are whole lots and stay. Beside a position in the heir it comes like a trade at that average,
   * without cash.
   */
  move(id: number, heir: number, ratio: number, whole: number): void {
    const quantity = this.quantity[id]!;
    if (quantity === 0) return;
    const moved = decimal.toNumber(decimal.multiply(decimal.exact(quantity), decimal.exact(ratio)));
    const price = decimal.units(this.#rescaled(id, ratio), AVERAGE_SCALE);
    const before = this.quantity[heir]!;
    this.trips.move(id, heir, { ratio, quantity, moved, before, gross: decimal.times(Math.abs(moved), price) });
    this.#setAverage(
      { id: heir, price, gross: decimal.times(Math.abs(moved), price) },
      before,
      addQuantity(before, moved),
    );
    const after = addQuantity(before, whole);
    if (after === 0) this.#average[heir] = 0;
    this.#average[id] = 0;
    this.#set(id, 0);
    this.#set(heir, after);
  }

  /** A merger for cash alone, that was posted: nothing is held any more. `amount` in currency per share. */
  payOff(id: number, amount: number, cash: decimal.Integer): void {
    const size = Math.abs(this.quantity[id]!);
    if (size === 0) return;
    const exit = { id, bar: this.#market.count[id]! - 1, time: this.#market.slice.now };
    this.trips.closes(exit, size, decimal.times(size, decimal.exact(amount)), cash, true);
    this.#average[id] = 0;
    this.#set(id, 0);
  }

  /** Whether there ever was a position. */
  wasHeld(id: number): boolean {
    return this.#isHeld[id] === 1;
  }

  /** A split: quantity·ratio, average/ratio. What is no whole lot is cashed by the caller. */
  split(id: number, ratio: number, quantity: number): void {
    this.trips.rescale(id, ratio);
    this.#average[id] = this.#rescaled(id, ratio);
    this.#set(id, quantity);
  }

  #rescaled(id: number, ratio: number): decimal.Integer {
    return decimal.quotientHalfEven(
      { n: this.#average[id]!, scale: AVERAGE_SCALE },
      decimal.exact(ratio),
      AVERAGE_SCALE,
    );
  }

  /** Positions that changed since this was last asked, as they are now; quantity 0 = closed. */
  takeChanges(take: (id: number, quantity: number, average: number) => void): void {
    for (let i = 0; i < this.#changes; i++) {
      const id = this.#changed[i]!;
      this.#isChanged[id] = 0;
      take(id, this.quantity[id]!, this.average(id));
    }
    this.#changes = 0;
  }

  /** Positions in canonical JSON, as decimal texts: what SNAPSHOT events show. */
  positionsText(): string {
    if (this.#text.revision !== this.positionRevision) {
      const parts = this.#held.map(
        (id) =>
          `${this.#market.symbolTexts[id]}:{"avg_price":"` +
          `${decimal.formatUnits(this.#average[id]!, AVERAGE_SCALE)}","quantity":"` +
          `${decimal.plainDecimal(this.quantity[id]!)}"}`,
      );
      this.#text = { revision: this.positionRevision, text: `{${parts.join(',')}}` };
    }
    return this.#text.text;
  }

  #set(id: number, quantity: number): void {
    const before = this.quantity[id]!;
    this.quantity[id] = quantity;
    this.revision++;
    this.positionRevision++;
    if (this.#isChanged[id] === 0) {
      this.#isChanged[id] = 1;
      this.#changed[this.#changes++] = id;
    }
    if ((before === 0) === (quantity === 0)) return;
    this.#isHeld[id] = 1;
    const held = this.#held;
    let at = 0;
    while (at < held.length && held[at]! < id) at++;
    this.#held = quantity === 0 ? held.toSpliced(at, 1) : held.toSpliced(at, 0, id);
  }
}
