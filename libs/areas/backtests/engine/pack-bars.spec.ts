import type { BarSeries } from '#quant/bars';
import { packBars, packedLayout, packedTail, seriesOf, unpackBars } from './pack-bars.ts';

const series = (vtSymbol: string, rows: number): BarSeries => {
  const column = (offset: number) => Float64Array.from({ length: rows }, (_, row) => row + offset);
  return {
    vtSymbol,
    time: column(0),
    open: column(0.1),
    high: column(0.2),
    low: column(0.3),
    close: column(0.4),
    volume: Float64Array.from({ length: rows }, () => NaN),
  };
};

describe('packBars', () => {
  it.each([[[]], [[series('A.SIM', 0)]], [[series('A.SIM', 3), series('BRK.B.NYSE', 1)]]])(
    'is undone by unpackBars',
    (bars) => {
      expect(unpackBars(packBars(bars))).toEqual(bars);
    },
  );

  it('gives single symbols, and their last rows', () => {
    const bars = [series('A.SIM', 3), series('BRK.B.NYSE', 5)];
    const packed = packBars(bars);
    expect(unpackBars(packed, ['BRK.B.NYSE', 'C.SIM'])).toEqual([bars[1]]);
    const tail = packedTail(packedLayout(packed)[1]!, 2).map(({ at, bytes }) => packed.subarray(at, at + bytes));
    expect([...seriesOf('BRK.B.NYSE', tail).close]).toEqual([3.4, 4.4]);
    expect(
      seriesOf(
        'A.SIM',
        packedTail(packedLayout(packed)[0]!, 9).map(({ at, bytes }) => packed.subarray(at, at + bytes)),
      ),
    ).toEqual(bars[0]);
  });
});
