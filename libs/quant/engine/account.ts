import { decimal } from '../decimal/index.ts';
import { addQuantity } from '../strategy/index.ts';
import type { EventLog } from './event-log.ts';
import type { Market } from './market.ts';
import { RoundTrips } from './round-trips.ts';

const AVERAGE_SCALE = 10;

export type CashKind = 'trade' | 'commission' | 'borrow' | 'interest' | 'dividend' | 'split_fraction';

/** One fill as the account books it; money in 1e-8 units, rounded already. */
export interface Booking {
  id: number;
  sign: 1 | -1;
  quantity: number;
  price: decimal.Exact;
  notional: decimal.Integer;
  commission: decimal.Integer;
  slippage: decimal.Integer;
  /** Index of the symbol's bar and instant of the slice. */
  bar: number;
  time: number;
  reference: string;
}

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
  readonly costs: Record<'commission' | 'slippage' | 'borrow' | 'interest', decimal.Integer> = { commission: 0, slippage: 0, borrow: 0, interest: 0 };
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
  readonly #changed = new Set<number>();

  constructor(kind: 'cash' | 'margin', initialCash: number, market: Market, log: EventLog) {
    this.kind = kind;
    this.#market = market;
    this.#log = log;
    this.#cash = decimal.roundHalfEven(decimal.exact(initialCash));
    this.#cashNumber = decimal.unitsToNumber(this.#cash);
    this.quantity = new Float64Array(market.symbols.length);
    this.#average = market.symbols.map(() => 0);
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
    if (!this.#log.off) this.#log.write('CASH', { kind, amount: decimal.formatUnits(amount), balance: this.cashText, ref: reference });
  }

  /** Trade and commission are two postings; a fill through zero realises on the closed part and opens the rest at the fill price. */
  book(fill: Booking): void {
    const { id, sign } = fill;
    const before = this.quantity[id]!;
    const after = addQuantity(before, sign * fill.quantity);
    const { costs } = this;
    costs.commission = decimal.sum(costs.commission, fill.commission);
    costs.slippage = decimal.sum(costs.slippage, fill.slippage);
    this.traded = decimal.sum(this.traded, fill.notional);
    const trade = sign > 0 ? decimal.opposite(fill.notional) : fill.notional;
    this.post('trade', trade, fill.reference);
    this.post('commission', decimal.opposite(fill.commission), fill.reference);
    this.#bookTrip(fill, before, after, trade);
    const quantity = decimal.exact(fill.quantity);
    if (after === 0) this.#average[id] = 0;
    else if (before === 0 || before > 0 !== after > 0) this.#average[id] = decimal.roundHalfEven(fill.price, AVERAGE_SCALE);
    else if (Math.abs(after) > Math.abs(before)) {
      const old = decimal.multiply({ n: this.#average[id]!, scale: AVERAGE_SCALE }, decimal.exact(Math.abs(before)));
      this.#average[id] = decimal.quotientHalfEven(decimal.add(old, decimal.multiply(fill.price, quantity)), decimal.exact(Math.abs(after)), AVERAGE_SCALE);
    }
    this.#set(id, after);
  }

  #bookTrip(fill: Booking, before: number, after: number, trade: decimal.Integer): void {
    const { id, sign, price, bar, time } = fill;
    const quantity = decimal.exact(fill.quantity);
    if (before === 0 || before > 0 === sign > 0) {
      this.trips.opens(id, sign, quantity, price, decimal.difference(trade, fill.commission), bar, time);
      return;
    }
    if (after === 0 || after > 0 === before > 0) {
      this.trips.closes(id, quantity, price, decimal.difference(trade, fill.commission), bar, time, after === 0);
      return;
    }
    const closed = decimal.exact(Math.abs(before));
    const notional = decimal.roundHalfEven(decimal.multiply(closed, price));
    const closedTrade = sign > 0 ? decimal.opposite(notional) : notional;
    const commission = decimal.quotientHalfEven(decimal.multiply(decimal.units(fill.commission), closed), quantity);
    this.trips.closes(id, closed, price, decimal.difference(closedTrade, commission), bar, time, true);
    this.trips.opens(id, sign, decimal.subtract(quantity, closed), price, decimal.difference(decimal.difference(trade, closedTrade), decimal.difference(fill.commission, commission)), bar, time);
  }

  /** A split: quantity·ratio, average/ratio. What is no whole lot is cashed by the caller. */
  split(id: number, ratio: number, quantity: number): void {
    this.trips.rescale(id, ratio);
    this.#average[id] = decimal.quotientHalfEven({ n: this.#average[id]!, scale: AVERAGE_SCALE }, decimal.exact(ratio), AVERAGE_SCALE);
    this.#set(id, quantity);
  }

  /** Positions that changed since this was last asked, as they are now; quantity 0 = closed. */
  takeChanges(take: (id: number, quantity: number, average: number) => void): void {
    for (const id of this.#changed) take(id, this.quantity[id]!, this.average(id));
    this.#changed.clear();
  }

  /** Positions in canonical JSON, as decimal texts: what SNAPSHOT events show. */
  positionsText(): string {
    if (this.#text.revision !== this.positionRevision) {
      const parts = this.#held.map((id) => `${this.#market.symbolTexts[id]}:{"avg_price":"${decimal.formatUnits(this.#average[id]!, AVERAGE_SCALE)}","quantity":"${decimal.plainDecimal(this.quantity[id]!)}"}`);
      this.#text = { revision: this.positionRevision, text: `{${parts.join(',')}}` };
    }
    return this.#text.text;
  }

  #set(id: number, quantity: number): void {
    const before = this.quantity[id]!;
    this.quantity[id] = quantity;
    this.revision++;
    this.positionRevision++;
    this.#changed.add(id);
    if ((before === 0) === (quantity === 0)) return;
    const held = this.#held.slice();
    let at = 0;
    while (at < held.length && held[at]! < id) at++;
    held.splice(at, quantity === 0 ? 1 : 0, ...(quantity === 0 ? [] : [id]));
    this.#held = held;
  }
}
