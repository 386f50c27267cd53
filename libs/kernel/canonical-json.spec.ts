import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonicalJson, hashCanonical } from './canonical-json.ts';

describe('canonicalJson', () => {
  it('gives the hash of trading.md 11, M', () => {
    expect(hashCanonical({ c: 'é', a: 1.0, b: [true, null] })).toBe(
      '6552078c5985b474977dfa39ded9c6c8ee6cd5b7c033f4ea9c259b5c3be7e107',
    );
  });

  it('writes what the library writes', () => {
    const key = fc.oneof(
      fc.string(),
      fc.constantFrom('10', '9', '', '__proto__', 'a', 'b', '1x', '\u20ac', '\r', '\ud83d\ude00', '\ufb33'),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.constantFrom<unknown>(null, true, -0, 1e21, 1e-7, undefined),
        fc.array(tie('tree')),
        fc.dictionary(key, tie('tree')),
      ),
    }));
    fc.assert(
      fc.property(
        tree.filter((value) => value !== undefined),
        (value) => {
          expect(canonicalJson(value)).toBe(canonicalize(value));
        },
      ),
      { numRuns: 2_000 },
    );
    expect(canonicalJson({ at: new Date(0), b: { toJSON: () => ({ z: 1, a: 2 }) } })).toBe(
      '{"at":"1970-01-01T00:00:00.000Z","b":{"a":2,"z":1}}',
    );
  });

  it('refuses what has no JSON form', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    for (const value of [NaN, { a: [Infinity] }, undefined, cycle, '\ud800', { '\udc00': 1 }])
      expect(() => canonicalJson(value)).toThrow();
  });
});
