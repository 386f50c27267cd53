import { decimal as kernel } from '#kernel';
import { Xoshiro128 } from '../random/index.ts';
import * as decimal from './decimal.ts';

const random = new Xoshiro128(7, 'decimal');
const EDGE = 2n ** 53n;

/** Integers of all sizes, most of them where doubles cease to be exact, both signs, zero among them. */
function integer(): bigint {
  const bits = Math.floor(random.uniform() * 70);
  const value =
    random.uniform() < 0.2
      ? EDGE + BigInt(Math.floor(random.uniform() * 7)) - 3n
      : BigInt(Math.floor(random.uniform() * 2 ** Math.min(bits, 53))) << BigInt(Math.max(0, bits - 53));
  return random.uniform() < 0.5 ? -value : value;
}

function scale(): number {
  return Math.floor(random.uniform() * 13);
}

/** The normal form of an integer: a double as long as it is safe. */
function normal(n: bigint): decimal.Integer {
  return n <= EDGE - 1n && n >= 1n - EDGE ? Number(n) : n;
}

function same(ours: decimal.Exact, theirs: kernel.Exact): void {
  expect(ours).toEqual({ n: normal(theirs.n), scale: theirs.scale });
  expect(Object.is(ours.n, -0)).toBe(false);
}

describe('decimals of the engine', () => {
  it('are those of the kernel, digit for digit, on either side of what a double can hold', () => {
    for (let i = 0; i < 4_000; i++) {
      const [p, q] = [
        { n: integer(), scale: scale() },
        { n: integer(), scale: scale() },
      ];
      const [a, b] = [
        { n: normal(p.n), scale: p.scale },
        { n: normal(q.n), scale: q.scale },
      ];
      same(decimal.multiply(a, b), kernel.multiply(p, q));
      same(decimal.add(a, b), kernel.add(p, q));
      same(decimal.subtract(a, b), kernel.subtract(p, q));
      expect(decimal.compare(a, b)).toBe(kernel.compare(p, q));
      expect(decimal.roundHalfEven(a)).toBe(normal(kernel.roundHalfEven(p)));
      expect(decimal.roundedProduct(a, b)).toBe(normal(kernel.roundHalfEven(kernel.multiply(p, q))));
      if (q.n !== 0n) expect(decimal.quotientHalfEven(a, b, 10)).toBe(normal(kernel.quotientHalfEven(p, q, 10)));
      if (q.n > 0n) expect(decimal.divideHalfEven(a.n, b.n)).toBe(normal(kernel.divideHalfEven(p.n, q.n)));
      expect(decimal.toNumber(a)).toBe(kernel.toNumber(p));
      expect(decimal.formatExact(a)).toBe(kernel.formatExact(p));
    }
  });

  it('round the middle to even up to the largest safe integers', () => {
    for (const d of [2n, 4n, 10n, 10_000n, 100_000_000n])
      for (const n of [
        d / 2n,
        d + d / 2n,
        2n * d + d / 2n,
        EDGE - 1n,
        EDGE - 2n,
        ((EDGE - d) / d) * d + d / 2n,
        ((EDGE - d) / d) * d + d / 2n - 1n,
      ]) {
        expect(decimal.divideHalfEven(normal(n), normal(d))).toBe(normal(kernel.divideHalfEven(n, d)));
        expect(decimal.divideHalfEven(normal(-n), normal(d))).toBe(normal(kernel.divideHalfEven(-n, d)));
      }
  });

  it('read doubles as the kernel does', () => {
    for (let i = 0; i < 2_000; i++) {
      const value = random.normal() * 10 ** (random.uniform() * 30 - 12);
      for (const x of [value, Number(value.toFixed(8)), Math.round(value)]) {
        same(decimal.exact(x), kernel.exact(x));
        expect(decimal.compare(decimal.exactRate(x), decimal.exact(x))).toBe(0);
        const price = { n: integer(), scale: scale() };
        same(decimal.times(x, { n: normal(price.n), scale: price.scale }), kernel.multiply(kernel.exact(x), price));
      }
    }
    expect(() => decimal.exact(Number.NaN)).toThrow(RangeError);
  });
});
