import { decimal } from '../../decimal/index.ts';
import { addQuantity, countingLot, lots, type Ctx, type OrderView, type Target } from '../../strategy/index.ts';

/** What a target asks for beyond the position and the working orders. */
export interface SizedChange {
  vtSymbol: string;
  id: number;
  /** Signed quantity to trade, never 0. */
  delta: number;
  /** Position now, and what it will be when this and all that works is filled. */
  position: number;
  goal: number;
  /** Last close. */
  price: number;
  /** Opposite to the position; a change through zero counts as a reduction. */
  reducing: boolean;
}

/**
 * Orders that the same decision sends besides: they count as working, and are given up where a change contradicts them.
 */
export interface QueuedOrders {
  /** Signed. */
  remainder(id: number): number;
  drop(id: number): void;
}

/** Computed quantities may miss a whole lot by a rounding error of the division. */
const LOT_TOLERANCE = 1 + 1e-12;

const NOTHING: readonly SizedChange[] = [];

/**
 * trading.md 7.3: q* = lot·trunc(w·E·(1−cash_buffer)/P/lot·(1+1e-12)), Δ = q* − position − signed remainder of working
 * orders that are neither reduce-only nor an OCO leg; orders that Δ contradicts are cancelled with `replaced`.
 * Reductions first, then by symbol. Nothing to do allocates nothing.
 */
export function sizeTargets(
  targets: readonly Target[],
  ctx: Ctx,
  queued: QueuedOrders | null = null,
): readonly SizedChange[] {
  let changes: SizedChange[] | null = null;
  const alone = queued === null && ctx.openOrders.length === 0;
  for (let i = 0; i < targets.length; i++) {
    const target = targets[i]!;
    const id = target.id ?? ctx.idOf(target.vtSymbol);
    if (id === undefined) {
      ctx.warn('symbol_without_data', 'A target names a symbol that has no bars in this run.', target.vtSymbol);
      continue;
    }
    const change = sizeTarget(target, id, ctx, alone, queued);
    if (change !== null) (changes ??= []).push(change);
  }
  return changes === null ? NOTHING : changes.length === 1 ? changes : reductionsFirst(changes);
}

/** Reductions first, then by symbol. Ids ascend as symbols do, and most targets come in that order. */
function reductionsFirst(changes: SizedChange[]): SizedChange[] {
  for (let i = 1; i < changes.length; i++)
    if (changes[i]!.id < changes[i - 1]!.id) {
      changes.sort((a, b) => a.id - b.id);
      break;
    }
  const ordered: SizedChange[] = [];
  for (let i = 0; i < changes.length; i++) if (changes[i]!.reducing) ordered.push(changes[i]!);
  if (ordered.length === 0) return changes;
  for (let i = 0; i < changes.length; i++) if (!changes[i]!.reducing) ordered.push(changes[i]!);
  return ordered;
}

/** `alone`: no order works or is queued. */
function sizeTarget(
  target: Target,
  id: number,
  ctx: Ctx,
  alone: boolean,
  queued: QueuedOrders | null,
): SizedChange | null {
  const { portfolio, sizing } = ctx;
  let weight = target.weight;
  if (weight < 0 && portfolio.account === 'cash') {
    weight = 0;
    ctx.warn('short_clipped', 'A cash account holds no shorts; negative targets become 0.', target.vtSymbol);
  }
  const price = portfolio.priceOf(id);
  if (!(price > 0)) return null;
  const position = portfolio.quantityOf(id);
  if (weight === 0 && position === 0 && alone) return null;
  const equity = portfolio.equity;
  const x = (weight * equity * (1 - sizing.cashBuffer)) / price;
  const lot = countingLot(Math.abs(x), ctx.lotSize(id));
  const wanted = lots(Math.trunc((lot === 1 ? x : x / lot) * LOT_TOLERANCE), lot);
  if (wanted === 0 && weight !== 0)
    ctx.count('target_below_lot', belowLot(lot, price, weight * equity), target.vtSymbol);
  const change = addQuantity(wanted, -position);
  const delta = alone ? change : netOfWorking(change, id, ctx, queued);
  if (delta === 0) return null;
  const value = Math.abs(delta) * price;
  // What takes the position to nothing is never too small.
  if ((value < sizing.minOrderValue || value / equity < sizing.minDrift) && wanted !== 0) return null;
  const reducing = position !== 0 && position > 0 !== delta > 0;
  return { vtSymbol: target.vtSymbol, id, delta, position, goal: wanted, price, reducing };
}

function belowLot(lot: number, price: number, value: number): string {
  const cost = decimal.formatExact(decimal.times(lot, decimal.exact(price)));
  const reason = `a lot of ${decimal.plainDecimal(lot)} costs ${cost}, the target was ${value.toFixed(2)}`;
  return (
    `A target was worth less than one lot and is held as 0: ` +
    `${reason}. The instrument or lot_size can name a smaller lot.`
  );
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
