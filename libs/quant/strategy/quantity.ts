import { decimal } from '../decimal/index.ts';

/** Quantities have at most 10 decimals; whole ones, by far the most, take the short way. */
const SCALE = 10;

/** a + b, exact in 10 decimals. */
export function addQuantity(a: number, b: number): number {
  if (b === 0) return a;
  const sum = a + b;
  if (Number.isSafeInteger(a) && Number.isSafeInteger(b)) return sum;
  return decimal.unitsToNumber(
    decimal.sum(decimal.roundHalfEven(decimal.exact(a), SCALE), decimal.roundHalfEven(decimal.exact(b), SCALE)),
    SCALE,
  );
}

/** count · lot, exact. */
export function lots(count: number, lot: number): number {
  if (lot === 1) return count + 0;
  if (Number.isSafeInteger(lot)) return count * lot + 0;
  return decimal.unitsToNumber(
    decimal.roundHalfEven(decimal.multiply(decimal.exact(count), decimal.exact(lot)), SCALE),
    SCALE,
  );
}

/** Whole lots in an exact amount, rounded down; amount ≥ 0. */
function wholeLots(amount: decimal.Exact, lot: number): number {
  return Number(decimal.wholeTimes(amount, decimal.exact(lot)));
}

/**
 * The lot in which so large a quantity is counted: its own, or whole units where it is more than 2^53 lots, which
 * doubles cannot tell apart.
 */
export function countingLot(quantity: number, lot: number): number {
  return lot < 1 && quantity / lot > Number.MAX_SAFE_INTEGER ? 1 : lot;
}

/** The largest multiple of the lot within an exact amount ≥ 0; whole units of more than 2^53 lots. */
export function floorToLot(amount: decimal.Exact, lot: number): number {
  const count = wholeLots(amount, lot);
  return count > Number.MAX_SAFE_INTEGER && lot < 1 ? wholeLots(amount, 1) : lots(count, lot);
}
