import { decimal } from '../decimal/index.ts';
import { growColumns } from './growable.ts';
import type { FillRow } from './types.ts';

export type Liquidity = FillRow['liquidity'];
const LIQUIDITIES: readonly Liquidity[] = ['taker', 'maker', 'auction'];

/** One fill; commission and slippage in 1e-8 units. */
export interface Fill {
  /** Sequence of its order. */
  readonly order: number;
  readonly id: number;
  readonly sign: 1 | -1;
  readonly quantity: number;
  readonly price: decimal.Exact;
  /** quantity·price. */
  readonly gross: decimal.Exact;
  readonly commission: decimal.Integer;
  readonly slippage: decimal.Integer;
  readonly liquidity: Liquidity;
  /** Index of the symbol's bar and instant of the slice. */
  readonly bar: number;
  readonly time: number;
}

/** What a row tells of a fill. */
type Told = Pick<
  Fill,
  'order' | 'id' | 'sign' | 'quantity' | 'price' | 'commission' | 'slippage' | 'liquidity' | 'time'
>;

/** Fills of a run as columns: a run has many, and their rows are seldom asked for. */
export class FillTable {
  #length = 0;
  readonly #columns = {
    order: new Int32Array(0),
    /** Symbol id, negated and less one for a sale. */
    id: new Int32Array(0),
    quantity: new Float64Array(0),
    price: new Float64Array(0),
    scale: new Int8Array(0),
    commission: new Float64Array(0),
    slippage: new Float64Array(0),
    liquidity: new Int8Array(0),
    time: new Float64Array(0),
  };
  /** Fills with an amount that no double holds. */
  readonly #large = new Map<number, Told>();

  get length(): number {
    return this.#length;
  }

  add(fill: Told): void {
    const at = this.#length++;
    const columns = this.#columns;
    if (at === columns.order.length) growColumns(columns, at + 1);
    const { price, commission, slippage } = fill;
    if (typeof price.n !== 'number' || typeof commission !== 'number' || typeof slippage !== 'number') {
      this.#large.set(at, fill);
      return;
    }
    columns.order[at] = fill.order;
    columns.id[at] = fill.sign > 0 ? fill.id : -1 - fill.id;
    columns.quantity[at] = fill.quantity;
    columns.price[at] = price.n;
    columns.scale[at] = price.scale;
    columns.commission[at] = commission;
    columns.slippage[at] = slippage;
    columns.liquidity[at] = LIQUIDITIES.indexOf(fill.liquidity);
    columns.time[at] = fill.time;
  }

  /** `symbols` by id. */
  rows(symbols: readonly string[]): FillRow[] {
    return Array.from({ length: this.#length }, (_, at) => fillRow(this.#large.get(at) ?? this.#at(at), at, symbols));
  }

  #at(at: number): Told {
    const columns = this.#columns;
    const coded = columns.id[at]!;
    return {
      order: columns.order[at]!,
      id: coded < 0 ? -1 - coded : coded,
      sign: coded < 0 ? -1 : 1,
      quantity: columns.quantity[at]!,
      price: decimal.units(columns.price[at]!, columns.scale[at]!),
      commission: columns.commission[at]!,
      slippage: columns.slippage[at]!,
      liquidity: LIQUIDITIES[columns.liquidity[at]!]!,
      time: columns.time[at]!,
    };
  }
}

function fillRow(fill: Told, index: number, symbols: readonly string[]): FillRow {
  const id = `f-${index + 1}`;
  return {
    fill_id: id,
    trade_id: id,
    order_id: `o-${fill.order}`,
    vt_symbol: symbols[fill.id]!,
    side: fill.sign > 0 ? 'buy' : 'sell',
    quantity: decimal.plainDecimal(fill.quantity),
    price: decimal.formatExact(fill.price),
    commission: decimal.formatUnits(fill.commission),
    slippage_cost: decimal.formatUnits(fill.slippage),
    liquidity: fill.liquidity,
    ts: new Date(fill.time).toISOString(),
  };
}
