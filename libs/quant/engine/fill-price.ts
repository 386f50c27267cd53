import { decimal } from '../decimal/index.ts';
import type { SlippageInput } from '../models/index.ts';
import type { Act } from './path.ts';
import type { Order } from './order.ts';
import type { RunState } from './state.ts';

const IMPACT_WINDOW = 20;
const ONE = decimal.exact(1);

export interface FillPrice {
  /** 8 decimals, or a multiple of the tick. */
  price: decimal.Exact;
  /** Before slippage. */
  reference: decimal.Exact;
}

class ImpactInput implements SlippageInput {
  quantity = 0;
  volume = 0;
  readonly #state: RunState;
  readonly #id: number;

  constructor(state: RunState, id: number, quantity: number, volume: number) {
    this.#state = state;
    this.#id = id;
    this.quantity = quantity;
    this.volume = volume;
  }

  sigma(): number {
    const count = this.#state.market.count[this.#id]!;
    const closes = this.#state.market.column(this.#id, 'close').subarray(Math.max(0, count - IMPACT_WINDOW - 1), count);
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
    const count = this.#state.market.count[this.#id]!;
    const volumes = this.#state.market.column(this.#id, 'volume').subarray(Math.max(0, count - IMPACT_WINDOW), count);
    let sum = 0;
    for (const volume of volumes) sum += volume;
    return sum / volumes.length;
  }
}

/** Down to a multiple of the tick for a seller, up for a buyer: against the trader. */
function toTick(price: decimal.Exact, tick: decimal.Exact, sign: 1 | -1): decimal.Exact {
  const below = decimal.multiply({ n: decimal.wholeTimes(price, tick), scale: 0 }, tick);
  return sign > 0 && decimal.compare(below, price) < 0 ? decimal.add(below, tick) : below;
}

/**
 * Where a fill price is decided (trading.md 7.4): the reference price of the act plus adverse slippage, exact, rounded half-even to 8 decimals or to the
 * tick against the trader. Limit fills are never slipped; a triggered stop-limit is slipped at most to its limit. Never clamped to the bar.
 */
export function fillPrice(state: RunState, order: Order, act: Act, quantity: number, volume: number): FillPrice {
  const reference = act.kind === 'limit' ? order.limit! : act.kind === 'stop' ? order.stopLevel()! : decimal.exact(act.price);
  const resting = order.limit !== null && (order.orderType !== 'stop_limit' || order.triggered);
  if (resting) return { price: round(reference), reference };
  const price = slipped(state, order.id, order.sign, reference, quantity, volume);
  const past = order.orderType === 'stop_limit' && decimal.compare(price, order.limit!) * order.sign > 0;
  return { price: past ? round(order.limit!) : price, reference };
}

/** reference·(1 ± fraction) for a market fill of this quantity. */
export function slipped(state: RunState, id: number, sign: 1 | -1, reference: decimal.Exact, quantity: number, volume: number): decimal.Exact {
  const fraction = state.slippage.fraction(new ImpactInput(state, id, quantity, volume));
  const moved = decimal.multiply(reference, sign > 0 ? decimal.add(ONE, fraction) : decimal.subtract(ONE, fraction));
  const tick = state.tick[id];
  return tick ? toTick(moved, tick, sign) : round(moved);
}

function round(price: decimal.Exact): decimal.Exact {
  return decimal.units(decimal.roundHalfEven(price));
}
