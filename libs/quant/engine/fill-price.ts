import { decimal } from '../decimal/index.ts';
import type { SlippageInput } from '../models/index.ts';
import type { Act } from './path.ts';
import type { Order } from './order.ts';
import type { RunState } from './state.ts';

const IMPACT_WINDOW = 20;
const ONE = decimal.exact(1);
/** A price is above 0, however large the impact. */
const SMALLEST = decimal.units(1);

/** The bar in which something fills: its index and its volume, NaN = unknown. */
interface FillBar {
  readonly bar: number;
  readonly volume: number;
}

class ImpactInput implements SlippageInput {
  quantity = 0;
  volume = 0;
  readonly #state: RunState;
  readonly #id: number;
  /** Index of the bar of the fill: what is before it counts. */
  readonly #bar: number;

  constructor(state: RunState, id: number, quantity: number, { bar, volume }: FillBar) {
    this.#state = state;
    this.#id = id;
    this.#bar = bar;
    this.quantity = quantity;
    this.volume = volume;
  }

  sigma(): number {
    const closes = this.#state.market
      .column(this.#id, 'close')
      .subarray(Math.max(0, this.#bar - IMPACT_WINDOW - 1), Math.max(0, this.#bar));
    const n = closes.length - 1;
    if (n < 2) return Number.NaN;
    let sum = 0;
    for (let i = 1; i <= n; i++) sum += closes[i]! / closes[i - 1]! - 1;
    const mean = sum / n;
    let squares = 0;
    for (let i = 1; i <= n; i++) squares += (closes[i]! / closes[i - 1]! - 1 - mean) ** 2;
    return Math.sqrt(squares / (n - 1));
  }

  averageVolume(): number {
    const volumes = this.#state.market
      .column(this.#id, 'volume')
      .subarray(Math.max(0, this.#bar - IMPACT_WINDOW), Math.max(0, this.#bar));
    let sum = 0;
    for (const volume of volumes) sum += volume;
    return sum / volumes.length;
  }
}

/** What a model whose fraction is constant does not look at. */
const NO_IMPACT: SlippageInput = {
  quantity: 0,
  volume: Number.NaN,
  sigma: () => Number.NaN,
  averageVolume: () => Number.NaN,
};

/** Down to a multiple of the tick for a seller, up for a buyer: against the trader. */
function toTick(price: decimal.Exact, tick: decimal.Exact, sign: 1 | -1): decimal.Exact {
  const below = decimal.multiply({ n: decimal.wholeTimes(price, tick), scale: 0 }, tick);
  return sign > 0 && decimal.compare(below, price) < 0 ? decimal.add(below, tick) : below;
}

/** The price of a quantity, exact. */
export interface Pricing {
  at(quantity: number): decimal.Exact;
}

/**
 * Where a fill price is decided (trading.md 7.4): the reference price of the act plus adverse slippage, exact, rounded
 * half-even to 8 decimals or to the tick against the trader. A resting limit is never slipped; a triggered stop-limit
 * is slipped at most to its limit. Never clamped to the bar.
 */
export class FillPricing implements Pricing {
  /** Before slippage. */
  reference: decimal.Exact = decimal.ZERO;
  readonly #slipping: Slipping;
  #order: Order | null = null;
  #bar: FillBar = { bar: 0, volume: Number.NaN };
  /** The price, where it is the same for every quantity. */
  #fixed: decimal.Exact | null = null;

  constructor(slipping: Slipping) {
    this.#slipping = slipping;
  }

  /** Of an order that acts so in this bar. One at a time: it stands until the next call. */
  of(order: Order, act: Act, bar: FillBar): this {
    this.reference =
      act.kind === 'limit' ? order.limit! : act.kind === 'stop' ? order.stopLevel()! : decimal.exact(act.price);
    this.#order = order;
    this.#bar = bar;
    this.#fixed = order.rests ? round(this.reference) : this.#slipping.constant ? this.#slipped(0) : null;
    return this;
  }

  at(quantity: number): decimal.Exact {
    return this.#fixed ?? this.#slipped(quantity);
  }

  #slipped(quantity: number): decimal.Exact {
    const order = this.#order!;
    const price = this.#slipping.price(order, this.reference, quantity, this.#bar);
    return order.limit !== null && decimal.compare(price, order.limit) * order.sign > 0 ? round(order.limit) : price;
  }
}

/** Market fills: reference·(1 ± fraction). */
export class Slipping {
  readonly #state: RunState;
  /** 1 + fraction and 1 − fraction, where the fraction is the same for every fill. */
  readonly #fixed: { buy: decimal.Exact; sell: decimal.Exact } | null;

  constructor(state: RunState) {
    this.#state = state;
    const { slippage } = state;
    this.#fixed = slippage.constant
      ? {
          buy: decimal.add(ONE, slippage.fraction(NO_IMPACT)),
          sell: decimal.subtract(ONE, slippage.fraction(NO_IMPACT)),
        }
      : null;
  }

  /** The price is the same for every quantity. */
  get constant(): boolean {
    return this.#fixed !== null;
  }

  price(
    { id, sign }: Pick<Order, 'id' | 'sign'>,
    reference: decimal.Exact,
    quantity: number,
    bar: FillBar,
  ): decimal.Exact {
    const factor =
      this.#fixed === null ? this.#impact(id, sign, quantity, bar) : sign > 0 ? this.#fixed.buy : this.#fixed.sell;
    const tick = this.#state.tick[id];
    const price = tick
      ? toTick(decimal.multiply(reference, factor), tick, sign)
      : decimal.units(decimal.roundedProduct(reference, factor));
    return price.n > 0 ? price : (tick ?? SMALLEST);
  }

  #impact(id: number, sign: 1 | -1, quantity: number, bar: FillBar): decimal.Exact {
    const fraction = this.#state.slippage.fraction(new ImpactInput(this.#state, id, quantity, bar));
    return sign > 0 ? decimal.add(ONE, fraction) : decimal.subtract(ONE, fraction);
  }
}

function round(price: decimal.Exact): decimal.Exact {
  return decimal.units(decimal.roundHalfEven(price));
}
