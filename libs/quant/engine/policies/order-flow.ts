import { decimal } from '../../decimal/index.ts';
import type { Order } from '../order.ts';
import { PASSES, type Breach, type OrderCheck } from './policy.ts';

/** R10: room in the message bucket and in the day. */
export function messageRate({ messageBreach }: OrderCheck): readonly Breach[] {
  const breach = messageBreach();
  return breach === null ? PASSES : [breach];
}

/** R11: open orders, this one included. */
export function openOrders({ order, limits, working }: OrderCheck): readonly Breach[] {
  const breaches: Breach[] = [];
  const all = working.length + 1;
  const { max_open_orders: most, max_open_orders_per_symbol: perSymbol } = limits;
  if (most !== null && all > most) breaches.push({ code: 'max_open_orders', value: all, limit: most });
  if (perSymbol === null) return breaches;
  const same = working.filter((one) => one.id === order.id).length + 1;
  if (same > perSymbol) breaches.push({ code: 'max_open_orders_per_symbol', value: same, limit: perSymbol });
  return breaches;
}

/** R12: an equal order was accepted less than the window ago. */
export function duplicate({ limits, sinceEqual }: OrderCheck): readonly Breach[] {
  const window = limits.duplicate_window_ms;
  if (window === null) return PASSES;
  const since = sinceEqual();
  return since !== null && since < window ? [{ code: 'duplicate', value: since, limit: window }] : PASSES;
}

/**
 * The price at which an order could meet another one: its limit, else the last close; null for an untriggered stop and
 * the child of a bracket.
 */
function crossingPrice(order: Order, price: decimal.Exact): decimal.Exact | null {
  if (order.bracketChild || (order.rule.stops && !order.triggered)) return null;
  return order.limit ?? price;
}

/** R13: a buy at or above an own working sell of the symbol, or the mirror of it. */
export function selfCross({ order, working, price }: OrderCheck): readonly Breach[] {
  const own = crossingPrice(order, price!);
  if (own === null) return PASSES;
  for (const one of working) {
    if (one.id !== order.id || one.sign === order.sign) continue;
    const other = crossingPrice(one, price!);
    if (other !== null && decimal.compare(own, other) * order.sign >= 0)
      return [{ code: 'self_cross', value: decimal.toNumber(own), limit: decimal.toNumber(other) }];
  }
  return PASSES;
}
