import { PLOT_KINDS, plotFigure } from './plot-figure.ts';
import { equityColumns, tearSheetInput, walk } from './testing/tear-sheet-builder.ts';

describe('plotFigure', () => {
  it('carries every row of an ordinary run with its instant', () => {
    const input = tearSheetInput();
    const { data, layout } = plotFigure('equity', {
      ...input,
      benchmark: { label: 'Buy and hold', ts: input.equity.ts, value: input.equity.equity },
    });
    expect(data.map((trace) => trace.name)).toEqual(['Strategy', 'Buy and hold']);
    expect(data[0]!.y).toEqual([...input.equity.equity]);
    expect(data[0]!.x[0]).toBe('2024-01-02T21:00:00.000Z');
    expect(layout).toMatchObject({ xaxis: { type: 'date' }, yaxis: { type: 'linear' } });
  });

  it('shows drawdown as it was recorded and returns that chain to the total return', () => {
    const input = tearSheetInput();
    expect(plotFigure('drawdown', input).data[0]!.y).toEqual([...input.equity.drawdown]);
    const returns = plotFigure('returns', input).data[0]!;
    expect(returns.x).toHaveLength(499);
    expect(returns.y.reduce((all, value) => all * (1 + value), 1)).toBeCloseTo(
      input.equity.equity[499]! / input.equity.equity[0]!,
      10,
    );
  });

  it('is plain JSON for each kind, also without rows', () => {
    for (const kind of PLOT_KINDS) {
      const figure = plotFigure(kind, tearSheetInput({ equity: equityColumns(0, () => 0) }));
      expect(JSON.parse(JSON.stringify(figure))).toEqual(figure);
      expect(figure.data[0]!.x).toEqual([]);
    }
  });

  it('thins a million rows to the extremes of its columns', () => {
    const equity = equityColumns(1_000_000, walk(5, 100_000, 0.0005), 60_000);
    const { y } = plotFigure('equity', tearSheetInput({ equity })).data[0]!;
    expect(y.length).toBeLessThanOrEqual(20_004);
    expect(Math.max(...y)).toBe(equity.equity.reduce((a, b) => Math.max(a, b)));
    expect(Math.min(...y)).toBe(equity.equity.reduce((a, b) => Math.min(a, b)));
  });
});
