import type { BarSeries } from '#quant/bars';
import { buyAndHold } from './buy-and-hold.ts';
import { DAY } from './testing/tear-sheet-builder.ts';

const OPEN = Date.UTC(2024, 0, 2);
const ts = Float64Array.from({ length: 4 }, (_, i) => OPEN + i * DAY + 21 * 3_600_000);

function series(close: readonly number[], firstDay = 0): BarSeries {
  const prices = Float64Array.from(close);
  return { vtSymbol: 'X.SIM', time: Float64Array.from(close, (_, i) => OPEN + (firstDay + i) * DAY), open: prices, high: prices, low: prices, close: prices, volume: prices };
}

describe('buyAndHold', () => {
  it('buys equal parts at the first close and never rebalances', () => {
    expect([...buyAndHold([series([10, 20, 30, 40]), series([50, 50, 25, 50])], ts, 1_000)]).toEqual([1_000, 1_500, 1_750, 2_500]);
  });

  it('holds cash until a symbol has a bar, and its last mark when bars or prices are missing', () => {
    expect([...buyAndHold([series([10, 12], 2)], ts, 100)]).toEqual([100, 100, 100, 120]);
    expect([...buyAndHold([series([10, NaN, 11])], ts, 100)].map(Math.round)).toEqual([100, 100, 110, 110]);
  });

  it('does not see a bar that opens at the instant of the row', () => {
    const midnights = Float64Array.from({ length: 3 }, (_, i) => OPEN + (i + 1) * DAY);
    expect([...buyAndHold([series([10, 20, 40])], midnights, 100)]).toEqual([100, 200, 400]);
  });

  it('stays as it is without symbols', () => {
    expect([...buyAndHold([], ts, 100)]).toEqual([100, 100, 100, 100]);
  });
});
