import fc from 'fast-check';
import { histogram, roundStep } from './return-histogram.ts';

describe('histogram', () => {
  it('counts every finite value but zero exactly once, in bins that do not mix gains with losses', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.double({ min: -0.5, max: 0.5, noNaN: true }).filter((value) => value === 0 || Math.abs(value) > 1e-9),
          { minLength: 1, maxLength: 300 },
        ),
        (values) => {
          const bins = histogram(Float64Array.from([...values, NaN]));
          const moved = values.filter((value) => value !== 0);
          if (!bins) return moved.length === 0;
          const losses = bins.counts.reduce(
            (sum, count, i) => sum + (bins.edges[i]! + bins.step / 2 < 0 ? count : 0),
            0,
          );
          return (
            bins.unchanged === values.length - moved.length &&
            bins.counts.reduce((a, b) => a + b, 0) === moved.length &&
            bins.counts.length < 100 &&
            (bins.beyond > 0 || losses === moved.filter((value) => value < 0).length)
          );
        },
      ),
    );
  });

  it('keeps outliers in the outermost bins', () => {
    const bins = histogram(Float64Array.from({ length: 1_000 }, (_, i) => (i === 500 ? -0.99 : Math.sin(i) * 0.01)));
    expect(bins!.beyond).toBe(1);
    expect(bins!.edges[0]).toBeGreaterThan(-0.5);
  });

  it('is nothing without a value', () => {
    expect(histogram(Float64Array.of())).toBeNull();
    expect(histogram(Float64Array.of(NaN, 0))).toBeNull();
  });
});

describe('roundStep', () => {
  it('is the next of 1, 2, 2.5, 5 and 10', () => {
    expect([0.0011, 0.0021, 0.003, 0.006, 1].map(roundStep)).toEqual(
      [0.002, 0.0025, 0.005, 0.01, 1].map((value) => expect.closeTo(value, 12)),
    );
  });
});
