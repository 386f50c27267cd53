import { decimal } from '../../decimal/index.ts';

/** price·(1 + fraction), exact and rounded half-even to 8 decimals. */
export function offsetPrice(price: number, fraction: decimal.Exact): number {
  return decimal.unitsToNumber(
    decimal.roundHalfEven(decimal.multiply(decimal.exact(price), decimal.add(decimal.exact(1), fraction))),
  );
}
