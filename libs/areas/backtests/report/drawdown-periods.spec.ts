import { worstDrawdowns } from './drawdown-periods.ts';
import type { PeriodCloses } from './period-closes.ts';

const closes = (...equity: number[]): PeriodCloses => {
  const session = Float64Array.from(equity, (_, i) => i * 10);
  return { ts: session.map((label) => label + 5), session, equity: Float64Array.from(equity) };
};

describe('worstDrawdowns', () => {
  it('spans peak, valley and recovery, deepest first', () => {
    expect(worstDrawdowns(closes(100, 90, 95, 100, 120, 60, 130), 5)).toEqual([
      { peak: 40, valley: 50, recovery: 60, depth: -0.5, decline: 1, length: 2 },
      { peak: 0, valley: 10, recovery: 30, depth: expect.closeTo(-0.1, 12), decline: 1, length: 3 },
    ]);
  });

  it('leaves the last one open while equity is below the peak, and keeps only as many as asked for', () => {
    expect(worstDrawdowns(closes(100, 99, 100, 80, 90), 1)).toEqual([
      { peak: 20, valley: 30, recovery: null, depth: expect.closeTo(-0.2, 12), decline: 1, length: 2 },
    ]);
  });

  it('agrees with scenario A: bar 5 to 7, five periods under water', () => {
    const [worst] = worstDrawdowns(
      closes(
        100000,
        100882.825405,
        101832.825405,
        103732.825405,
        104682.825405,
        100882.825405,
        99865.67,
        99865.67,
        101327.73501,
        101826.73501,
      ),
      5,
    );
    expect(worst).toEqual({
      peak: 40,
      valley: 60,
      recovery: null,
      depth: expect.closeTo(-0.0460166736, 9),
      decline: 2,
      length: 5,
    });
  });

  it('finds none in equity that never falls, and none without equity', () => {
    expect(worstDrawdowns(closes(1, 1, 2), 5)).toEqual([]);
    expect(worstDrawdowns(closes(), 5)).toEqual([]);
  });
});
