import { decimal as kernel } from '#kernel';

/**
 * The exact decimals of the kernel for the engine's inner steps: an integer is a double as long as it is safe and a
 * BigInt beyond, always in that normal form, so results are the kernel's, digit for digit, at a fraction of the price.
 * Functions of the same name mean the same.
 */
export type Integer = number | bigint;

/** The value `n / 10^scale`. */
export interface Exact {
  readonly n: Integer;
  readonly scale: number;
}

export const ZERO: Exact = { n: 0, scale: 0 };
export const MONEY_SCALE = kernel.MONEY_SCALE;
const LARGEST = Number.MAX_SAFE_INTEGER;
/** Those that are exact doubles. */
const POWERS = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
];
const SAFE_POWER = 15;
/** Below this at most one decimal of 8 places is read as a given double, and it is the shortest. */
const EIGHT_PLACES_LIMIT = 4e7;

function isSafe(value: number): boolean {
  return value <= LARGEST && value >= -LARGEST;
}

/** Normal form. */
function normal(n: bigint): Integer {
  const value = Number(n);
  return isSafe(value) ? value : n;
}

export function powerOfTen(exponent: number): Integer {
  return exponent <= SAFE_POWER ? POWERS[exponent]! : kernel.powerOfTen(exponent);
}

/** Exact value of a finite double's shortest decimal. Throws RangeError on NaN and infinities. */
export function exact(value: number): Exact {
  if (Number.isSafeInteger(value)) return { n: value + 0, scale: 0 };
  const units = Math.round(value * 1e8);
  if (value < EIGHT_PLACES_LIMIT && value > -EIGHT_PLACES_LIMIT && units / 1e8 === value)
    return { n: units, scale: MONEY_SCALE };
  const { n, scale } = kernel.exact(value);
  return { n: normal(n), scale };
}

/** The same for a rate that much will be multiplied by: without trailing zeros, so that products stay small. */
export function exactRate(value: number): Exact {
  let { n, scale } = exact(value);
  if (typeof n !== 'number') return { n, scale };
  for (; scale > 0 && n % 10 === 0; n /= 10) scale--;
  return { n, scale };
}

/** Exact value of a decimal text such as `-12.5` or `1e-7`. Throws SyntaxError on anything else. */
export function parseExact(text: string): Exact {
  const { n, scale } = kernel.parseExact(text);
  return { n: normal(n), scale };
}

export function units(n: Integer, scale = MONEY_SCALE): Exact {
  return { n, scale };
}

export function sum(a: Integer, b: Integer): Integer {
  if (typeof a === 'number' && typeof b === 'number') {
    const total = a + b;
    if (isSafe(total)) return total;
  }
  return normal(BigInt(a) + BigInt(b));
}

export function difference(a: Integer, b: Integer): Integer {
  if (typeof a === 'number' && typeof b === 'number') {
    const rest = a - b;
    if (isSafe(rest)) return rest;
  }
  return normal(BigInt(a) - BigInt(b));
}

export function opposite(a: Integer): Integer {
  return typeof a === 'number' ? 0 - a : -a;
}

/** Zero is never negative: it would show as such in a double. */
export function product(a: Integer, b: Integer): Integer {
  if (typeof a === 'number' && typeof b === 'number') {
    const result = a * b;
    if (isSafe(result)) return result + 0;
  }
  return normal(BigInt(a) * BigInt(b));
}

function scaled(n: Integer, exponent: number): Integer {
  return exponent === 0 ? n : product(n, powerOfTen(exponent));
}

export function multiply(a: Exact, b: Exact): Exact {
  return { n: product(a.n, b.n), scale: a.scale + b.scale };
}

export function add(a: Exact, b: Exact): Exact {
  if (a.n === 0 && a.scale <= b.scale) return b;
  if (a.scale === b.scale) return { n: sum(a.n, b.n), scale: a.scale };
  if (a.scale < b.scale) return { n: sum(scaled(a.n, b.scale - a.scale), b.n), scale: b.scale };
  return { n: sum(a.n, scaled(b.n, a.scale - b.scale)), scale: a.scale };
}

export function negate(a: Exact): Exact {
  return { n: opposite(a.n), scale: a.scale };
}

export function subtract(a: Exact, b: Exact): Exact {
  return a.scale === b.scale ? { n: difference(a.n, b.n), scale: a.scale } : add(a, negate(b));
}

export function absolute(a: Exact): Exact {
  return a.n < 0 ? negate(a) : a;
}

/** −1, 0 or 1. */
export function compare(a: Exact, b: Exact): number {
  const { n } = subtract(a, b);
  return n < 0 ? -1 : n > 0 ? 1 : 0;
}

/**
 * n / d rounded half-even; d > 0. In doubles the rounded quotient is too large by at most one, and then the product
 * with d is still exact, as it exceeds a safe n by at most one.
 */
export function divideHalfEven(n: Integer, d: Integer): Integer {
  if (typeof n !== 'number' || typeof d !== 'number') return normal(kernel.divideHalfEven(BigInt(n), BigInt(d)));
  if (d === 1) return n;
  const magnitude = n < 0 ? -n : n;
  let quotient = Math.floor(magnitude / d);
  let rest = magnitude - quotient * d;
  if (rest < 0) {
    quotient--;
    rest += d;
  }
  const twice = rest * 2;
  if (twice > d || (twice === d && quotient % 2 !== 0)) quotient++;
  return n < 0 ? 0 - quotient : quotient;
}

/** The value in units of 10^−scale, rounded half-even. */
export function roundHalfEven(a: Exact, scale = MONEY_SCALE): Integer {
  return a.scale <= scale ? scaled(a.n, scale - a.scale) : divideHalfEven(a.n, powerOfTen(a.scale - scale));
}

/** a / b in units of 10^−scale, rounded half-even; b ≠ 0. */
export function quotientHalfEven(a: Exact, b: Exact, scale = MONEY_SCALE): Integer {
  const exponent = scale + b.scale - a.scale;
  const numerator = exponent > 0 ? scaled(a.n, exponent) : a.n;
  const denominator = exponent < 0 ? scaled(b.n, -exponent) : b.n;
  return denominator < 0
    ? divideHalfEven(opposite(numerator), opposite(denominator))
    : divideHalfEven(numerator, denominator);
}

/** quantity·price; a whole quantity, by far the most frequent, takes the short way. */
export function times(quantity: number, price: Exact): Exact {
  if (typeof price.n === 'number' && Number.isSafeInteger(quantity)) {
    const n = quantity * price.n;
    if (isSafe(n)) return { n: n + 0, scale: price.scale };
  }
  return multiply(exact(quantity), price);
}

/** a·b in units of 10^−8, rounded half-even, without the product in between. */
export function roundedProduct(a: Exact, b: Exact): Integer {
  if (typeof a.n === 'number' && typeof b.n === 'number') {
    const n = a.n * b.n;
    const scale = a.scale + b.scale;
    if (isSafe(n) && scale >= MONEY_SCALE && scale - MONEY_SCALE <= SAFE_POWER)
      return divideHalfEven(n + 0, POWERS[scale - MONEY_SCALE]!);
  }
  return roundHalfEven(multiply(a, b));
}

/** Whole times that b goes into a, both ≥ 0, b > 0. */
export function wholeTimes(a: Exact, b: Exact): Integer {
  const scale = Math.max(a.scale, b.scale);
  return normal(BigInt(scaled(a.n, scale - a.scale)) / BigInt(scaled(b.n, scale - b.scale)));
}

/** Plain text without trailing zeros. */
export function formatUnits(n: Integer, scale = MONEY_SCALE): string {
  if (typeof n !== 'number' || scale > SAFE_POWER) return kernel.formatUnits(BigInt(n), scale);
  const magnitude = n < 0 ? -n : n;
  const power = POWERS[scale]!;
  let whole = Math.floor(magnitude / power);
  let rest = magnitude - whole * power;
  if (rest < 0) {
    whole--;
    rest += power;
  }
  const sign = n < 0 ? '-' : '';
  if (rest === 0) return sign + whole;
  let places = scale;
  for (; rest % 10 === 0; rest /= 10) places--;
  return `${sign}${whole}.${String(rest).padStart(places, '0')}`;
}

/** Plain decimal text of a double's shortest form, never with an exponent. */
export function plainDecimal(value: number): string {
  return kernel.plainDecimal(value);
}

export function formatExact(a: Exact): string {
  return formatUnits(a.n, a.scale);
}

/** The double nearest to the value. */
export function toNumber(a: Exact): number {
  return unitsToNumber(a.n, a.scale);
}

/** The double nearest to `n` units: a quotient of two exact doubles is rounded correctly. */
export function unitsToNumber(n: Integer, scale = MONEY_SCALE): number {
  return typeof n === 'number' && scale < POWERS.length ? n / POWERS[scale]! : kernel.unitsToNumber(BigInt(n), scale);
}
