/**
 * Exact decimal arithmetic on integers. A double enters as its shortest round-trip decimal (what `String(x)` shows), so
 * 101.01 is 101.01 and not the binary fraction next to it. Money is integer 1e-8 units of the account currency; every
 * posting is rounded half-even once.
 */

/** The value `n / 10^scale`. */
export interface Exact {
  readonly n: bigint;
  readonly scale: number;
}

export const MONEY_SCALE = 8;

const POWERS: bigint[] = [1n];

export function powerOfTen(exponent: number): bigint {
  for (let i = POWERS.length; i <= exponent; i++) POWERS.push(POWERS[i - 1]! * 10n);
  return POWERS[exponent]!;
}

/**
 * Below this, decimals of 8 places lie further apart than doubles, so at most one of them is read as a given double,
 * and it is the shortest.
 */
const EIGHT_PLACES_LIMIT = 4e7;

/** Exact value of a finite double's shortest decimal. Throws RangeError on NaN and infinities. */
export function exact(value: number): Exact {
  if (Number.isSafeInteger(value)) return { n: BigInt(value), scale: 0 };
  const units = Math.round(value * 1e8);
  if (Math.abs(value) < EIGHT_PLACES_LIMIT && units / 1e8 === value) return { n: BigInt(units), scale: MONEY_SCALE };
  if (!Number.isFinite(value)) throw new RangeError(`not a finite number: ${value}`);
  return parseExact(String(value));
}

/** Exact value of a decimal text such as `-12.5` or `1e-7`. Throws SyntaxError on anything else. */
export function parseExact(text: string): Exact {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) throw new SyntaxError(`not a decimal: ${text}`);
  const fraction = match[3] ?? '';
  let n = BigInt(match[2]! + fraction);
  let scale = fraction.length - Number(match[4] ?? 0);
  if (scale < 0) {
    n *= powerOfTen(-scale);
    scale = 0;
  }
  return { n: match[1] ? -n : n, scale };
}

export function units(n: bigint, scale = MONEY_SCALE): Exact {
  return { n, scale };
}

export function multiply(a: Exact, b: Exact): Exact {
  return { n: a.n * b.n, scale: a.scale + b.scale };
}

export function add(a: Exact, b: Exact): Exact {
  if (a.scale === b.scale) return { n: a.n + b.n, scale: a.scale };
  if (a.scale < b.scale) return { n: a.n * powerOfTen(b.scale - a.scale) + b.n, scale: b.scale };
  return { n: a.n + b.n * powerOfTen(a.scale - b.scale), scale: a.scale };
}

export function negate(a: Exact): Exact {
  return { n: -a.n, scale: a.scale };
}

export function subtract(a: Exact, b: Exact): Exact {
  return add(a, negate(b));
}

export function absolute(a: Exact): Exact {
  return a.n < 0n ? negate(a) : a;
}

/** −1, 0 or 1. */
export function compare(a: Exact, b: Exact): number {
  const difference = subtract(a, b).n;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** n / d rounded half-even; d > 0. */
export function divideHalfEven(n: bigint, d: bigint): bigint {
  const quotient = n / d;
  const twice = (n % d) * 2n;
  const magnitude = twice < 0n ? -twice : twice;
  if (magnitude < d || (magnitude === d && quotient % 2n === 0n)) return quotient;
  return n < 0n ? quotient - 1n : quotient + 1n;
}

/** The value in units of 10^−scale, rounded half-even. */
export function roundHalfEven(a: Exact, scale = MONEY_SCALE): bigint {
  return a.scale <= scale ? a.n * powerOfTen(scale - a.scale) : divideHalfEven(a.n, powerOfTen(a.scale - scale));
}

/** a / b in units of 10^−scale, rounded half-even; b ≠ 0. */
export function quotientHalfEven(a: Exact, b: Exact, scale = MONEY_SCALE): bigint {
  const numerator = a.n * powerOfTen(scale + b.scale);
  const denominator = b.n * powerOfTen(a.scale);
  return denominator < 0n ? divideHalfEven(-numerator, -denominator) : divideHalfEven(numerator, denominator);
}

/** Plain text without trailing zeros: 4798459500n at scale 8 is `47.984595`. */
export function formatUnits(n: bigint, scale = MONEY_SCALE): string {
  const negative = n < 0n;
  const digits = (negative ? -n : n).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = scale === 0 ? '' : digits.slice(digits.length - scale).replace(/0+$/, '');
  const text = fraction === '' ? whole : `${whole}.${fraction}`;
  return negative ? `-${text}` : text;
}

export function formatExact(a: Exact): string {
  return formatUnits(a.n, a.scale);
}

/** The double nearest to the value. */
export function toNumber(a: Exact): number {
  return unitsToNumber(a.n, a.scale);
}

/** Powers of ten up to here are exact doubles, and a quotient of two exact doubles is rounded correctly. */
const EXACT_POWER = 22;

/** The double nearest to `n` units. */
export function unitsToNumber(n: bigint, scale = MONEY_SCALE): number {
  const whole = Number(n);
  if (Number.isSafeInteger(whole) && scale <= EXACT_POWER) return whole / 10 ** scale;
  return Number(formatUnits(n, scale));
}

/** Plain decimal text of a double's shortest form, never with an exponent. */
export function plainDecimal(value: number): string {
  return Number.isSafeInteger(value) ? String(value + 0) : formatExact(exact(value));
}
