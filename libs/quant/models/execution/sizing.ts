import { addQuantity, lots, type Ctx, type OrderView, type Target } from '../../strategy/index.ts';

/** What a target asks for beyond the position and the working orders. */
export interface SizedChange {
  vtSymbol: string;
  id: number;
  /** Signed quantity to trade, never 0. */
  delta: number;
  /** Position before. */
  position: number;
  /** Last close. */
  price: number;
  /** Opposite to the position; a change through zero counts as a reduction. */
  reducing: boolean;
}

/** Orders that the same decision sends besides: they count as working, and are given up where a change contradicts them. */
export interface QueuedOrders {
  /** Signed. */
  remainder(id: number): number;
  drop(id: number): void;
}

/** Computed quantities may miss a whole lot by a rounding error of the division. */
const LOT_TOLERANCE = 1 + 1e-12;

const NOTHING: SizedChange[] = [];

/**
 * trading.md 7.3: q* = lot·trunc(w·E·(1−cash_buffer)/P/lot·(1+1e-12)), Δ = q* − position − signed remainder of working orders that are neither
 * reduce-only nor an OCO leg; orders that Δ contradicts are cancelled with `replaced`. Reductions first, then by symbol. Nothing to do allocates nothing.
 */
export function sizeTargets(targets: readonly Target[], ctx: Ctx, queued: QueuedOrders | null = null): SizedChange[] {
  let changes: SizedChange[] | null = null;
  for (let i = 0; i < targets.length; i++) {
    const target = targets[i]!;
    const id = target.id ?? ctx.idOf(target.vtSymbol);
    if (id === undefined) {
      ctx.warn('symbol_without_data', 'A target names a symbol that has no bars in this run.', target.vtSymbol);
      continue;
    }
    const change = sizeTarget(target, id, ctx, queued);
    if (change !== null) (changes ??= []).push(change);
  }
  if (changes === null) return NOTHING;
  return changes.length === 1 ? changes : changes.sort((a, b) => Number(b.reducing) - Number(a.reducing) || (a.vtSymbol < b.vtSymbol ? -1 : 1));
}

function sizeTarget(target: Target, id: number, ctx: Ctx, queued: QueuedOrders | null): SizedChange | null {
  const portfolio = ctx.portfolio;
  const price = portfolio.priceOf(id);
  if (!(price > 0)) return null;
  let weight = target.weight;
  if (weight < 0 && portfolio.account === 'cash') {
    weight = 0;
    ctx.warn('short_clipped', 'A cash account holds no shorts; negative targets become 0.', target.vtSymbol);
  }
  const position = portfolio.quantityOf(id);
  if (weight === 0 && position === 0 && ctx.openOrders.length === 0 && queued === null) return null;
  const { cashBuffer, minDrift, minOrderValue } = ctx.sizing;
  const lot = ctx.lotSize(id);
  const x = (weight * portfolio.equity * (1 - cashBuffer)) / price;
  const wanted = lots(Math.trunc((lot === 1 ? x : x / lot) * LOT_TOLERANCE), lot);
  let delta = addQuantity(wanted, -position);
  if (ctx.openOrders.length > 0 || queued !== null) delta = netOfWorking(delta, id, ctx, queued);
  if (delta === 0) return null;
  const closes = wanted === 0 && delta === -position;
  const value = Math.abs(delta) * price;
  if (!closes && (value < minOrderValue || value / portfolio.equity < minDrift)) return null;
  return { vtSymbol: target.vtSymbol, id, delta, position, price, reducing: position !== 0 && position > 0 !== delta > 0 };
}

function netOfWorking(change: number, id: number, ctx: Ctx, queued: QueuedOrders | null): number {
  let working = queued?.remainder(id) ?? 0;
  const counted: OrderView[] = [];
  for (const order of ctx.openOrders) {
    if (order.id !== id || order.reduceOnly || order.contingency === 'oco') continue;
    counted.push(order);
    working = addQuantity(working, order.side === 'buy' ? order.remaining : -order.remaining);
  }
  const delta = addQuantity(change, -working);
  if (delta === 0 || working === 0 || delta > 0 === working > 0) return delta;
  for (const order of counted) ctx.cancel(order.orderId, 'replaced');
  queued?.drop(id);
  return change;
}
