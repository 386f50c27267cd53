import { Decimal } from 'decimal.js';

/** Wide enough that nothing but a division is ever rounded before the one rounding of a posting. */
export const D = Decimal.clone({ precision: 120, rounding: Decimal.ROUND_HALF_EVEN, toExpNeg: -1000, toExpPos: 1000 });
export type D = Decimal;

/** Shortest round-trip decimal of a double (trading.md 7.10, Matching). */
export const dec = (x: number | string): D => new D(typeof x === 'number' ? String(x) : x);
export const ZERO: D = new D(0);
/** Half-even to 1e-8. */
export const cents8 = (x: D): D => x.toDecimalPlaces(8, Decimal.ROUND_HALF_EVEN);
export const minD = (a: D, b: D): D => (a.lt(b) ? a : b);
export const maxD = (a: D, b: D): D => (a.gt(b) ? a : b);
/** Largest multiple of `lot` not above x (x ≥ 0). */
export const floorLot = (x: D, lot: D): D => x.div(lot).floor().times(lot);
export const num = (x: D): number => Number(x.toFixed());
/** Plain decimal text without trailing zeros. */
export const plain = (x: D): string => (x.isZero() ? '0' : x.toFixed());
