import { pixelExtremes } from './pixel-extremes.ts';

describe('pixelExtremes', () => {
  it('keeps every row of a short series, and leaves out what is not finite', () => {
    expect(pixelExtremes([1, 2, 3], [5, NaN, 7], 10)).toEqual([0, 2]);
    expect(pixelExtremes([], [], 10)).toEqual([]);
  });

  it('keeps first, lowest, highest and last of each column, in order', () => {
    const n = 100_000;
    const ts = Float64Array.from({ length: n }, (_, i) => i);
    const values = Float64Array.from({ length: n }, (_, i) => Math.sin(i / 50) * i);
    values[54_321] = 1e9;
    values[12_345] = -1e9;
    const rows = pixelExtremes(ts, values, 300);
    expect(rows.length).toBeLessThanOrEqual(301 * 4);
    expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b));
    expect(rows).toEqual(expect.arrayContaining([0, 12_345, 54_321, n - 1]));
  });

  it('does not divide by a span of zero', () => {
    expect(pixelExtremes([5, 5, 5, 5, 5], [1, 2, 3, 4, 5], 1)).toEqual([0, 1, 2, 3, 4]);
  });
});
