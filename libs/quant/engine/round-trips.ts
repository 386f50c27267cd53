import { decimal } from '../decimal/index.ts';
import type { Fill } from './fill-table.ts';
import { growColumns } from './growable.ts';
import type { Market } from './market.ts';
import type { RoundTripRow } from './types.ts';

const PRICE_SCALE = 10;

/** A trip that is under way. Quantities exact, cash in 1e-8 units with commission. */
class Trip {
  readonly id: number;
  readonly direction: 1 | -1;
  readonly entryBar: number;
  readonly entryTime: number;
  opened: decimal.Exact = decimal.ZERO;
  openNotional: decimal.Exact = decimal.ZERO;
  closed: decimal.Exact = decimal.ZERO;
  closeNotional: decimal.Exact = decimal.ZERO;
  cash: decimal.Integer = 0;

  constructor({ id, sign, bar, time }: Fill) {
    this.id = id;
    this.direction = sign;
    this.entryBar = bar;
    this.entryTime = time;
  }
}

/** Where a trip is closed: a fill, or the cashing of a fraction after a split. */
type Exit = Pick<Fill, 'id' | 'bar' | 'time'>;

/** Flat-to-flat trades per symbol, net of commission (trading.md 7.9). Those under way are objects, finished ones are columns. */
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
    return Array.from({ length: this.#length }, (_, at) => ({ pnl: decimal.unitsToNumber(this.#netCash(at)), barsHeld: this.#columns.exitBar[at]! - this.#columns.entryBar[at]! }));
  }

  rows(): RoundTripRow[] {
    return Array.from({ length: this.#length }, (_, at) => this.#row(at));
  }

  /** The part of a fill that opens or increases. `gross` = quantity·price, `cash` its signed cash effect with commission. */
  opens(fill: Fill, quantity: number, gross: decimal.Exact, cash: decimal.Integer): void {
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

  #finish(trip: Trip, { bar, time }: Exit): void {
    const at = this.#length++;
    const columns = this.#columns;
    if (at === columns.id.length) growColumns(columns, at + 1);
    columns.id[at] = trip.direction > 0 ? trip.id : -1 - trip.id;
    columns.entryBar[at] = trip.entryBar;
    columns.exitBar[at] = bar;
    columns.entryTime[at] = trip.entryTime;
    columns.exitTime[at] = time;
    columns.quantity[at] = decimal.unitsToNumber(decimal.roundHalfEven(trip.opened, PRICE_SCALE), PRICE_SCALE);
    columns.entryPrice[at] = averagePrice(trip.openNotional, trip.opened);
    columns.exitPrice[at] = averagePrice(trip.closeNotional, trip.closed);
    columns.openNotional[at] = decimal.toNumber(trip.openNotional);
    if (typeof trip.cash === 'number') columns.cash[at] = trip.cash;
    else this.#large.set(at, trip.cash);
    columns.high[at] = highest(this.#market.column(trip.id, 'high'), trip.entryBar, bar);
    columns.low[at] = lowest(this.#market.column(trip.id, 'low'), trip.entryBar, bar);
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
  let best = column[from]!;
  for (let i = from + 1; i <= to; i++) if (column[i]! > best) best = column[i]!;
  return best;
}

function lowest(column: Float64Array, from: number, to: number): number {
  let best = column[from]!;
  for (let i = from + 1; i <= to; i++) if (column[i]! < best) best = column[i]!;
  return best;
}

function averagePrice(notional: decimal.Exact, quantity: decimal.Exact): number {
  return decimal.unitsToNumber(decimal.quotientHalfEven(notional, quantity, PRICE_SCALE), PRICE_SCALE);
}
