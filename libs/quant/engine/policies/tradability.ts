import { PASSES, type Breach, type OrderCheck } from './policy.ts';

/**
 * R14. `market_closed` is about `ioc` and `fok` orders that would first trade while the venue is closed: on bars that
 * is the next bar, so never.
 */
export function tradability({ order, limits, price, unborrowable }: OrderCheck): readonly Breach[] {
  const breaches: Breach[] = [];
  if (limits.restricted.includes(order.vtSymbol)) breaches.push({ code: 'restricted', value: null, limit: null });
  if (price === null) breaches.push({ code: 'not_tradable', value: null, limit: null });
  if (unborrowable) breaches.push({ code: 'not_borrowable', value: null, limit: null });
  return breaches;
}

/** R15: age of the last close in bars of the calendar. */
export function stalePrice({ limits, staleIntervals }: OrderCheck): readonly Breach[] {
  const limit = limits.max_stale_intervals;
  if (limit === null) return PASSES;
  const age = staleIntervals();
  return age > limit ? [{ code: 'stale_price', value: age, limit }] : PASSES;
}
