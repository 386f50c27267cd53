import { decimal } from '../decimal/index.ts';
import type { Fill } from './fill-table.ts';
import { grown } from './growable.ts';
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
  /** Symbol id, negated and less one for a short. */
  #id = new Int32Array(0);
  #entryBar = new Int32Array(0);
  #exitBar = new Int32Array(0);
  #entryTime = new Float64Array(0);
  #exitTime = new Float64Array(0);
  #quantity = new Float64Array(0);
  #entryPrice = new Float64Array(0);
  #exitPrice = new Float64Array(0);
  #openNotional = new Float64Array(0);
  #cash = new Float64Array(0);
  /** Net cash that no double holds. */
  readonly #large = new Map<number, decimal.Integer>();
  #high = new Float64Array(0);
  #low = new Float64Array(0);

  constructor(market: Market) {
    this.#market = market;
  }

  get count(): number {
    return this.#length;
  }

  /** Net results and bars held, for metrics. */
  results(): { pnl: number; barsHeld: number }[] {
    return Array.from({ length: this.#length }, (_, at) => ({ pnl: decimal.unitsToNumber(this.#netCash(at)), barsHeld: this.#exitBar[at]! - this.#entryBar[at]! }));
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
    if (at === this.#id.length) this.#grow(at + 1);
    this.#id[at] = trip.direction > 0 ? trip.id : -1 - trip.id;
    this.#entryBar[at] = trip.entryBar;
    this.#exitBar[at] = bar;
    this.#entryTime[at] = trip.entryTime;
    this.#exitTime[at] = time;
    this.#quantity[at] = decimal.unitsToNumber(decimal.roundHalfEven(trip.opened, PRICE_SCALE), PRICE_SCALE);
    this.#entryPrice[at] = averagePrice(trip.openNotional, trip.opened);
    this.#exitPrice[at] = averagePrice(trip.closeNotional, trip.closed);
    this.#openNotional[at] = decimal.toNumber(trip.openNotional);
    if (typeof trip.cash === 'number') this.#cash[at] = trip.cash;
    else this.#large.set(at, trip.cash);
    this.#high[at] = extreme(this.#market.column(trip.id, 'high'), trip.entryBar, bar, 1);
    this.#low[at] = extreme(this.#market.column(trip.id, 'low'), trip.entryBar, bar, -1);
  }

  #netCash(at: number): decimal.Integer {
    return this.#large.get(at) ?? this.#cash[at]!;
  }

  #row(at: number): RoundTripRow {
    const coded = this.#id[at]!;
    const long = coded >= 0;
    const entry = this.#entryPrice[at]!;
    const [high, low] = [this.#high[at]!, this.#low[at]!];
    const cash = this.#netCash(at);
    return {
      vt_symbol: this.#market.symbols[long ? coded : -1 - coded]!,
      direction: long ? 'long' : 'short',
      quantity: decimal.plainDecimal(this.#quantity[at]!),
      entry_ts: new Date(this.#entryTime[at]!).toISOString(),
      exit_ts: new Date(this.#exitTime[at]!).toISOString(),
      entry_price: entry,
      exit_price: this.#exitPrice[at]!,
      pnl: decimal.formatUnits(cash),
      return: decimal.unitsToNumber(cash) / this.#openNotional[at]!,
      bars_held: this.#exitBar[at]! - this.#entryBar[at]!,
      mae: long ? low / entry - 1 : 1 - high / entry,
      mfe: long ? high / entry - 1 : 1 - low / entry,
    };
  }

  #grow(length: number): void {
    this.#id = grown(this.#id, length);
    this.#entryBar = grown(this.#entryBar, length);
    this.#exitBar = grown(this.#exitBar, length);
    this.#entryTime = grown(this.#entryTime, length);
    this.#exitTime = grown(this.#exitTime, length);
    this.#quantity = grown(this.#quantity, length);
    this.#entryPrice = grown(this.#entryPrice, length);
    this.#exitPrice = grown(this.#exitPrice, length);
    this.#openNotional = grown(this.#openNotional, length);
    this.#cash = grown(this.#cash, length);
    this.#high = grown(this.#high, length);
    this.#low = grown(this.#low, length);
  }
}

/** Greatest (side 1) or least (side −1) value from entry to exit, both included. */
function extreme(column: Float64Array, from: number, to: number, side: 1 | -1): number {
  let best = column[from]!;
  for (let i = from + 1; i <= to; i++) if ((column[i]! - best) * side > 0) best = column[i]!;
  return best;
}

function averagePrice(notional: decimal.Exact, quantity: decimal.Exact): number {
  return decimal.unitsToNumber(decimal.quotientHalfEven(notional, quantity, PRICE_SCALE), PRICE_SCALE);
}
