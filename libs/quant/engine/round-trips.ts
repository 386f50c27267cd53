import { decimal } from '../decimal/index.ts';
import type { Market } from './market.ts';
import type { RoundTripRow } from './types.ts';

const { ZERO } = decimal;

interface Trip {
  readonly id: number;
  direction: 1 | -1;
  entryBar: number;
  entryTime: number;
  openQuantity: decimal.Exact;
  openNotional: decimal.Exact;
  closeQuantity: decimal.Exact;
  closeNotional: decimal.Exact;
  /** Σ signed cash of the trip, commission included, 1e-8 units. */
  cash: decimal.Integer;
  /** Of a finished trip, with the extremes of the bars from entry to exit. */
  exitBar: number;
  exitTime: number;
  high: number;
  low: number;
}

/** Flat-to-flat trades per symbol, net of commission (trading.md 7.9). */
export class RoundTrips {
  /** Finished trips. */
  readonly #closed: Trip[] = [];
  readonly #market: Market;
  readonly #open: (Trip | undefined)[] = [];

  constructor(market: Market) {
    this.#market = market;
  }

  get count(): number {
    return this.#closed.length;
  }

  /** Net results and bars held, for metrics. */
  results(): { pnl: number; barsHeld: number }[] {
    return this.#closed.map((trip) => ({ pnl: decimal.unitsToNumber(trip.cash), barsHeld: trip.exitBar - trip.entryBar }));
  }

  rows(): RoundTripRow[] {
    return this.#closed.map((trip) => toRow(trip, this.#market.symbols[trip.id]!));
  }

  /** Part of a fill that opens or increases. `cash` is its signed cash effect with commission. `bar` is the index of the bar it fills in. */
  opens(id: number, sign: 1 | -1, quantity: decimal.Exact, price: decimal.Exact, cash: decimal.Integer, bar: number, time: number): void {
    let trip = this.#open[id];
    if (trip === undefined) {
      trip = { id, direction: sign, entryBar: bar, entryTime: time, openQuantity: ZERO, openNotional: ZERO, closeQuantity: ZERO, closeNotional: ZERO, cash: 0, exitBar: -1, exitTime: Number.NaN, high: Number.NaN, low: Number.NaN };
      this.#open[id] = trip;
    }
    trip.openQuantity = decimal.add(trip.openQuantity, quantity);
    trip.openNotional = decimal.add(trip.openNotional, decimal.multiply(quantity, price));
    trip.cash = decimal.sum(trip.cash, cash);
  }

  /** Part of a fill that reduces; `flat` when nothing is left. */
  closes(id: number, quantity: decimal.Exact, price: decimal.Exact, cash: decimal.Integer, bar: number, time: number, flat: boolean): void {
    const trip = this.#open[id];
    if (trip === undefined) return;
    trip.closeQuantity = decimal.add(trip.closeQuantity, quantity);
    trip.closeNotional = decimal.add(trip.closeNotional, decimal.multiply(quantity, price));
    trip.cash = decimal.sum(trip.cash, cash);
    if (!flat) return;
    this.#open[id] = undefined;
    this.#finish(trip, bar, time);
  }

  rescale(id: number, ratio: number): void {
    const trip = this.#open[id];
    if (trip === undefined) return;
    const by = decimal.exact(ratio);
    trip.openQuantity = decimal.multiply(trip.openQuantity, by);
    trip.closeQuantity = decimal.multiply(trip.closeQuantity, by);
  }

  #finish(trip: Trip, bar: number, time: number): void {
    trip.exitBar = bar;
    trip.exitTime = time;
    trip.high = this.#extreme(trip.id, 'high', trip.entryBar, bar);
    trip.low = this.#extreme(trip.id, 'low', trip.entryBar, bar);
    this.#closed.push(trip);
  }

  /** Over the bars from entry to exit, both included. */
  #extreme(id: number, field: 'high' | 'low', from: number, to: number): number {
    const column = this.#market.column(id, field);
    let best = column[from]!;
    for (let i = from + 1; i <= to; i++) if (field === 'high' ? column[i]! > best : column[i]! < best) best = column[i]!;
    return best;
  }
}

function averagePrice(notional: decimal.Exact, quantity: decimal.Exact): number {
  return decimal.unitsToNumber(decimal.quotientHalfEven(notional, quantity, 10), 10);
}

function toRow(trip: Trip, vtSymbol: string): RoundTripRow {
  const entry = averagePrice(trip.openNotional, trip.openQuantity);
  const long = trip.direction > 0;
  return {
    vt_symbol: vtSymbol,
    direction: long ? 'long' : 'short',
    quantity: decimal.formatUnits(decimal.roundHalfEven(trip.openQuantity, 10), 10),
    entry_ts: new Date(trip.entryTime).toISOString(),
    exit_ts: new Date(trip.exitTime).toISOString(),
    entry_price: entry,
    exit_price: averagePrice(trip.closeNotional, trip.closeQuantity),
    pnl: decimal.formatUnits(trip.cash),
    return: decimal.unitsToNumber(trip.cash) / decimal.toNumber(trip.openNotional),
    bars_held: trip.exitBar - trip.entryBar,
    mae: long ? trip.low / entry - 1 : 1 - trip.high / entry,
    mfe: long ? trip.high / entry - 1 : 1 - trip.low / entry,
  };
}
