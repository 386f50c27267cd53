import type { BarSeries } from '#quant/bars';
import { packBars, unpackBars } from './pack-bars.ts';

const series = (vtSymbol: string, rows: number): BarSeries => {
  const column = (offset: number) => Float64Array.from({ length: rows }, (_, row) => row + offset);
  return { vtSymbol, time: column(0), open: column(0.1), high: column(0.2), low: column(0.3), close: column(0.4), volume: Float64Array.from({ length: rows }, () => NaN) };
};

describe('packBars', () => {
  it.each([[[]], [[series('A.SIM', 0)]], [[series('A.SIM', 3), series('BRK.B.NYSE', 1)]]])('is undone by unpackBars', (bars) => {
    expect(unpackBars(packBars(bars))).toEqual(bars);
  });
});
