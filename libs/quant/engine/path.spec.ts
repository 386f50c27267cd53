import { highFirst } from './path.ts';

describe('which extreme the price of a bar visits first', () => {
  it('is told by the rule, or by the position at the start of the bar', () => {
    expect([highFirst('ohlc', 5, 10, 11, 9), highFirst('olhc', -5, 10, 11, 9)]).toEqual([true, false]);
    expect([highFirst('adverse_first', 5, 10, 10.1, 9), highFirst('adverse_first', -5, 10, 12, 9.9)]).toEqual([
      false,
      true,
    ]);
    expect([
      highFirst('adaptive', 5, 10, 10.1, 9),
      highFirst('adverse_first', 0, 10, 10.1, 9),
      highFirst('adverse_first', 0, 10, 12, 9),
    ]).toEqual([true, true, false]);
  });

  it('is the low when both are equally far as decimals, whatever their doubles say', () => {
    expect(19.95 - 19.85 < 19.85 - 19.75).toBe(true);
    expect(highFirst('adaptive', 0, 19.85, 19.95, 19.75)).toBe(false);
    expect(highFirst('adaptive', 0, 19.85, 19.95, 19.74999999)).toBe(true);
    expect(highFirst('adaptive', 0, 19.85, 19.95000001, 19.75)).toBe(false);
  });
});
