import { decimal } from '../decimal/index.ts';
import { grown } from './growable.ts';
import type { Order } from './order.ts';
import type { FillRow } from './types.ts';

export type Liquidity = FillRow['liquidity'];
const LIQUIDITIES: readonly Liquidity[] = ['taker', 'maker', 'auction'];

/** One fill; money in 1e-8 units. */
export interface Fill { order: Order; quantity: number; price: decimal.Exact; commission: decimal.Integer; slippage: decimal.Integer; liquidity: Liquidity; time: number }

/** Fills of a run as columns: a run has many, and their rows are seldom asked for. */
export class FillTable {
  #length = 0;
  #order = new Int32Array(0);
  #quantity = new Float64Array(0);
  #price = new Float64Array(0);
  #scale = new Int32Array(0);
  #commission = new Float64Array(0);
  #slippage = new Float64Array(0);
  #liquidity = new Int8Array(0);
  #time = new Float64Array(0);
  /** Fills with an amount that no double holds. */
  readonly #large = new Map<number, Fill>();

  get length(): number {
    return this.#length;
  }

  add(fill: Fill): void {
    const at = this.#length++;
    if (at === this.#order.length) this.#grow(at + 1);
    const { price, commission, slippage } = fill;
    if (typeof price.n !== 'number' || typeof commission !== 'number' || typeof slippage !== 'number') {
      this.#large.set(at, fill);
      return;
    }
    this.#order[at] = fill.order.sequence - 1;
    this.#quantity[at] = fill.quantity;
    this.#price[at] = price.n;
    this.#scale[at] = price.scale;
    this.#commission[at] = commission;
    this.#slippage[at] = slippage;
    this.#liquidity[at] = LIQUIDITIES.indexOf(fill.liquidity);
    this.#time[at] = fill.time;
  }

  /** `orders` by sequence. */
  rows(orders: readonly Order[]): FillRow[] {
    return Array.from({ length: this.#length }, (_, at) => fillRow(this.#large.get(at) ?? this.#at(at, orders), at));
  }

  #at(at: number, orders: readonly Order[]): Fill {
    return {
      order: orders[this.#order[at]!]!, quantity: this.#quantity[at]!, price: decimal.units(this.#price[at]!, this.#scale[at]!), commission: this.#commission[at]!,
      slippage: this.#slippage[at]!, liquidity: LIQUIDITIES[this.#liquidity[at]!]!, time: this.#time[at]!,
    };
  }

  #grow(length: number): void {
    this.#order = grown(this.#order, length);
    this.#quantity = grown(this.#quantity, length);
    this.#price = grown(this.#price, length);
    this.#scale = grown(this.#scale, length);
    this.#commission = grown(this.#commission, length);
    this.#slippage = grown(this.#slippage, length);
    this.#liquidity = grown(this.#liquidity, length);
    this.#time = grown(this.#time, length);
  }
}

export function fillRow(fill: Fill, index: number): FillRow {
  const id = `f-${index + 1}`;
  return {
    fill_id: id, trade_id: id, order_id: fill.order.orderId, vt_symbol: fill.order.vtSymbol, side: fill.order.side, quantity: decimal.plainDecimal(fill.quantity),
    price: decimal.formatExact(fill.price), commission: decimal.formatUnits(fill.commission), slippage_cost: decimal.formatUnits(fill.slippage),
    liquidity: fill.liquidity, ts: new Date(fill.time).toISOString(),
  };
}
