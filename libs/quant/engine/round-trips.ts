import { decimal } from '../decimal/index.ts';
import { addQuantity } from '../strategy/index.ts';
import type { Fill } from './fill-table.ts';
import { growColumns } from './growable.ts';
import type { Market } from './market.ts';
import type { RoundTripRow } from './types.ts';

const PRICE_SCALE = 10;

/** A trip that is under way. Quantities exact, cash in 1e-8 units with commission. */
class Trip {
  id: number;
  readonly direction: 1 | -1;
  entryBar: number;
  readonly entryTime: number;
  opened: decimal.Exact = decimal.ZERO;
  openNotional: decimal.Exact = decimal.ZERO;
  closed: decimal.Exact = decimal.ZERO;
  closeNotional: decimal.Exact = decimal.ZERO;
  cash: decimal.Integer = 0;
  /**
   * What it saw as another symbol before: extremes in the prices of today's, and how many bars before `entryBar` it
   * began.
   */
  high = Number.NEGATIVE_INFINITY;
  low = Number.POSITIVE_INFINITY;
  barsBefore = 0;

  constructor({ id, sign, bar, time }: Pick<Fill, 'id' | 'sign' | 'bar' | 'time'>) {
    this.id = id;
    this.direction = sign;
    this.entryBar = bar;
    this.entryTime = time;
  }
}

/** Where a trip is closed: a fill, or what an action pays out. */
type Exit = Pick<Fill, 'id' | 'bar' | 'time'>;

/** A position that another symbol takes over. */
interface Takeover {
  /** New shares per old one. */
  readonly ratio: number;
  /** Signed, in old and in new shares. */
  readonly quantity: number;
  readonly moved: number;
  /** Held of the heir so far. */
  readonly before: number;
  /** Value at the average cost. */
  readonly gross: decimal.Exact;
}

/**
 * Flat-to-flat trades per symbol, net of commission (trading.md 7.9). Those under way are objects, finished ones are
 * columns.
 */
export class RoundTrips {
  readonly #market: Market;
  readonly #open: (Trip | undefined)[] = [];
  #length = 0;
  readonly #columns = {
    /** Symbol id, negated and less one for a short. */
    id: new Int32Array(0),
    entryBar: new Int32Array(0),
    exitBar: new Int32Array(0),
    entryTime: new Float64Array(0),
    exitTime: new Float64Array(0),
    quantity: new Float64Array(0),
    entryPrice: new Float64Array(0),
    exitPrice: new Float64Array(0),
    openNotional: new Float64Array(0),
    cash: new Float64Array(0),
    high: new Float64Array(0),
    low: new Float64Array(0),
  };
  /** Net cash that no double holds. */
  readonly #large = new Map<number, decimal.Integer>();

  constructor(market: Market) {
    this.#market = market;
  }

  get count(): number {
    return this.#length;
  }

  /** Net results and bars held, for metrics. */
  results(): { pnl: number; barsHeld: number }[] {
    return Array.from({ length: this.#length }, (_, at) => ({
      pnl: decimal.unitsToNumber(this.#netCash(at)),
      barsHeld: this.#columns.exitBar[at]! - this.#columns.entryBar[at]!,
    }));
  }

  rows(): RoundTripRow[] {
    return Array.from({ length: this.#length }, (_, at) => this.#row(at));
  }

  /**
   * The part of a fill that opens or increases. `gross` = quantity·price, `cash` its signed cash effect with
   * commission.
   */
  opens(
    fill: Pick<Fill, 'id' | 'sign' | 'bar' | 'time'>,
    quantity: number,
    gross: decimal.Exact,
    cash: decimal.Integer,
  ): void {
    const trip = (this.#open[fill.id] ??= new Trip(fill));
    trip.opened = decimal.add(trip.opened, decimal.exact(quantity));
    trip.openNotional = decimal.add(trip.openNotional, gross);
    trip.cash = decimal.sum(trip.cash, cash);
  }

  /** What reduces; `flat` when nothing is left. */
  closes(exit: Exit, quantity: number, gross: decimal.Exact, cash: decimal.Integer, flat: boolean): void {
    const trip = this.#open[exit.id];
    if (trip === undefined) return;
    trip.closed = decimal.add(trip.closed, decimal.exact(quantity));
    trip.closeNotional = decimal.add(trip.closeNotional, gross);
    trip.cash = decimal.sum(trip.cash, cash);
    if (!flat) return;
    this.#open[exit.id] = undefined;
    this.#finish(trip, exit);
  }

  rescale(id: number, ratio: number): void {
    const trip = this.#open[id];
    if (trip === undefined) return;
    const by = decimal.exact(ratio);
    trip.opened = decimal.multiply(trip.opened, by);
    trip.closed = decimal.multiply(trip.closed, by);
  }

  /** Like a fill of this sign that does not go through zero; `flat` when it leaves nothing. */
  trade(at: Exit, sign: 1 | -1, quantity: number, gross: decimal.Exact, cash: decimal.Integer, flat: boolean): void {
    if (this.#open[at.id]?.direction === -sign) this.closes(at, quantity, gross, cash, flat);
    else this.opens({ ...at, sign }, quantity, gross, cash);
  }

  /** Cash that belongs to the trip under way, beside its trades. */
  receive(id: number, cash: decimal.Integer): void {
    const trip = this.#open[id];
    if (trip !== undefined) trip.cash = decimal.sum(trip.cash, cash);
  }

  /**
   * The trip under way goes on as one of the heir; beside one of the heir it ends at its average cost, and the heir's
   * takes the shares over at that.
   */
  move(id: number, heir: number, takeover: Takeover): void {
    const trip = this.#open[id];
    if (trip === undefined) return;
    if (this.#open[heir] !== undefined) return this.#deliver(id, heir, takeover);
    const { count } = this.#market;
    const [high, low] = this.#extremes(trip, count[id]! - 1);
    trip.high = high / takeover.ratio;
    trip.low = low / takeover.ratio;
    trip.barsBefore += count[id]! - trip.entryBar;
    trip.entryBar = count[heir]!;
    trip.id = heir;
    this.#open[id] = undefined;
    this.#open[heir] = trip;
    this.rescale(heir, takeover.ratio);
  }

  #deliver(id: number, heir: number, { quantity, moved, before, gross }: Takeover): void {
    const { count, slice } = this.#market;
    const sign = quantity > 0 ? 1 : -1;
    const value = decimal.roundHalfEven(gross);
    const received = sign > 0 ? value : decimal.opposite(value);
    this.closes({ id, bar: count[id]! - 1, time: slice.now }, Math.abs(quantity), gross, received, true);
    const at = { id: heir, bar: Math.max(0, count[heir]! - 1), time: slice.now };
    const size = Math.abs(moved);
    const held = Math.abs(before);
    if (before > 0 === sign > 0 || size <= held)
      return this.trade(at, sign, size, gross, decimal.opposite(received), size === held);
    const closing = {
      n: decimal.quotientHalfEven(decimal.times(held, gross), decimal.exact(size), PRICE_SCALE),
      scale: PRICE_SCALE,
    };
    const closed = decimal.roundHalfEven(closing);
    const paid = sign > 0 ? decimal.opposite(closed) : closed;
    this.closes(at, held, closing, paid, true);
    this.opens(
      { ...at, sign },
      addQuantity(size, -held),
      decimal.subtract(gross, closing),
      decimal.difference(decimal.opposite(received), paid),
    );
  }

  /** Highest and lowest price from the entry to this bar of its symbol, both included. */
  #extremes(trip: Trip, bar: number): [high: number, low: number] {
    return [
      Math.max(trip.high, highest(this.#market.column(trip.id, 'high'), trip.entryBar, bar)),
      Math.min(trip.low, lowest(this.#market.column(trip.id, 'low'), trip.entryBar, bar)),
    ];
  }

  #finish(trip: Trip, { bar, time }: Exit): void {
    const at = this.#length++;
    const columns = this.#columns;
    if (at === columns.id.length) growColumns(columns, at + 1);
    columns.id[at] = trip.direction > 0 ? trip.id : -1 - trip.id;
    columns.entryBar[at] = trip.entryBar - trip.barsBefore;
    columns.exitBar[at] = bar;
    columns.entryTime[at] = trip.entryTime;
    columns.exitTime[at] = time;
    columns.quantity[at] = decimal.unitsToNumber(decimal.roundHalfEven(trip.opened, PRICE_SCALE), PRICE_SCALE);
    columns.entryPrice[at] = averagePrice(trip.openNotional, trip.opened);
    columns.exitPrice[at] = averagePrice(trip.closeNotional, trip.closed);
    columns.openNotional[at] = decimal.toNumber(trip.openNotional);
    if (typeof trip.cash === 'number') columns.cash[at] = trip.cash;
    else this.#large.set(at, trip.cash);
    const [high, low] = this.#extremes(trip, bar);
    columns.high[at] = high;
    columns.low[at] = low;
  }

  #netCash(at: number): decimal.Integer {
    return this.#large.get(at) ?? this.#columns.cash[at]!;
  }

  #row(at: number): RoundTripRow {
    const columns = this.#columns;
    const coded = columns.id[at]!;
    const long = coded >= 0;
    const entry = columns.entryPrice[at]!;
    const [high, low] = [columns.high[at]!, columns.low[at]!];
    const cash = this.#netCash(at);
    return {
      vt_symbol: this.#market.symbols[long ? coded : -1 - coded]!,
      direction: long ? 'long' : 'short',
      quantity: decimal.plainDecimal(columns.quantity[at]!),
      entry_ts: new Date(columns.entryTime[at]!).toISOString(),
      exit_ts: new Date(columns.exitTime[at]!).toISOString(),
      entry_price: entry,
      exit_price: columns.exitPrice[at]!,
      pnl: decimal.formatUnits(cash),
      return: decimal.unitsToNumber(cash) / columns.openNotional[at]!,
      bars_held: columns.exitBar[at]! - columns.entryBar[at]!,
      mae: long ? low / entry - 1 : 1 - high / entry,
      mfe: long ? high / entry - 1 : 1 - low / entry,
    };
  }
}

/** From entry to exit, both included. */
function highest(column: Float64Array, from: number, to: number): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let i = from; i <= to; i++) if (column[i]! > best) best = column[i]!;
  return best;
}

function lowest(column: Float64Array, from: number, to: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = from; i <= to; i++) if (column[i]! < best) best = column[i]!;
  return best;
}

function averagePrice(notional: decimal.Exact, quantity: decimal.Exact): number {
  return decimal.unitsToNumber(decimal.quotientHalfEven(notional, quantity, PRICE_SCALE), PRICE_SCALE);
}
