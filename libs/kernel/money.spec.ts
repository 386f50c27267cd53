import fc from 'fast-check';
import {
  add,
  compare,
  divideHalfEven,
  exact,
  formatExact,
  formatUnits,
  multiply,
  parseExact,
  plainDecimal,
  quotientHalfEven,
  roundHalfEven,
  toNumber,
  unitsToNumber,
} from './money.ts';

describe('exact money', () => {
  it('takes a double as its shortest decimal', () => {
    expect(exact(101.01)).toEqual({ n: 10_101_000_000n, scale: 8 });
    expect(exact(1e-7)).toEqual({ n: 10n, scale: 8 });
    expect(exact(1e-9)).toEqual({ n: 1n, scale: 9 });
    expect(exact(1.5e21)).toEqual({ n: 1500000000000000000000n, scale: 0 });
    expect(() => exact(Number.NaN)).toThrow(RangeError);
    expect(() => parseExact('1_000')).toThrow(SyntaxError);
  });

  it('rounds half to even, on both sides of zero', () => {
    expect([5n, 15n, 25n, -5n, -15n, -25n, 26n, -26n].map((n) => divideHalfEven(n, 10n))).toEqual([
      0n,
      2n,
      2n,
      0n,
      -2n,
      -2n,
      3n,
      -3n,
    ]);
    expect(roundHalfEven({ n: 1005n, scale: 3 }, 2)).toBe(100n);
    expect(quotientHalfEven(exact(1), exact(3), 4)).toBe(3333n);
    expect(quotientHalfEven(exact(1), exact(-3), 4)).toBe(-3333n);
  });

  it('has plain text without trailing zeros', () => {
    expect(formatUnits(4798459500n)).toBe('47.984595');
    expect(formatUnits(-10000000000n)).toBe('-100');
    expect(formatUnits(1n)).toBe('0.00000001');
    expect(plainDecimal(1e-7)).toBe('0.0000001');
    expect(plainDecimal(-0)).toBe('0');
    expect(unitsToNumber(9999999999999999999n)).toBe(99999999999.99999999);
  });

  it('gives every double back', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(toNumber(exact(x))).toBe(x === 0 ? 0 : x);
        expect(Number(formatExact(exact(x)))).toBe(x === 0 ? 0 : x);
      }),
    );
  });

  it('takes the short way only where it ends at the shortest decimal', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -5e7, max: 5e7 }), fc.nat(9), (x, places) => {
        const value = Number(x.toFixed(places));
        expect(compare(exact(value), parseExact(String(value)))).toBe(0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('adds and multiplies without loss', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), fc.nat(10), fc.nat(10), (a, b, s, t) => {
        const x = { n: BigInt(a), scale: s };
        const y = { n: BigInt(b), scale: t };
        expect(compare(add(x, y), add(y, x))).toBe(0);
        expect(multiply(x, y)).toEqual({ n: BigInt(a) * BigInt(b), scale: s + t });
        expect(compare(add(x, y), x)).toBe(Math.sign(b));
      }),
    );
  });
});
