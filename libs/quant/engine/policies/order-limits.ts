import { decimal } from '../../decimal/index.ts';
import { PASSES, exceeds, ratio, type Breach, type OrderCheck } from './policy.ts';

/** R5: after `on_insufficient` nothing of the order can be paid for. */
export function buyingPower({ unaffordable, order }: OrderCheck): readonly Breach[] {
  return unaffordable ? [{ code: 'insufficient_buying_power', value: order.requested, limit: 0 }] : PASSES;
}

/** R7: notional at the limit price, else the stop price, else the last close; and quantity. */
export function orderSize({ order, limits, quantity, equity, price }: OrderCheck): readonly Breach[] {
  const breaches: Breach[] = [];
  const notional = decimal.multiply(quantity, order.limit ?? order.stop ?? price!);
  const { max_order_notional: most, max_order_qty: units } = limits;
  if (most !== null && exceeds(notional, most, equity))
    breaches.push({ code: 'max_order_notional', value: ratio(notional, equity), limit: most });
  if (units !== null && decimal.compare(quantity, decimal.exact(units)) > 0)
    breaches.push({ code: 'max_order_qty', value: decimal.toNumber(quantity), limit: units });
  return breaches;
}

/** R8: distance of each price given from the last close; the worse one is shown. Children of brackets are free. */
export function priceCollar({ order, limits, price }: OrderCheck): readonly Breach[] {
  const limit = limits.price_collar_pct;
  if (limit === null || order.bracketChild) return PASSES;
  let worst: decimal.Exact | null = null;
  for (const given of [order.limit, order.stop]) {
    if (given === null) continue;
    const distance = decimal.absolute(decimal.subtract(given, price!));
    if (exceeds(distance, limit, price!) && (worst === null || decimal.compare(distance, worst) > 0)) worst = distance;
  }
  return worst === null ? PASSES : [{ code: 'price_collar', value: ratio(worst, price!), limit }];
}

/** R9: share of the mean volume of the last 20 completed sessions; unknown volume passes with a warning. */
export function volumeShare({ limits, quantity, volume }: OrderCheck): readonly Breach[] {
  const limit = limits.max_adv_pct;
  if (limit === null) return PASSES;
  const known = volume();
  if (known === null) return [{ code: 'volume_unknown', value: null, limit, severity: 'warn' }];
  const over = decimal.multiply(quantity, decimal.exact(known.sessions));
  return exceeds(over, limit, known.total) ? [{ code: 'max_adv_pct', value: ratio(over, known.total), limit }] : PASSES;
}
