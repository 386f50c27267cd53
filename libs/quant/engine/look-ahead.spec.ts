import { inlineBarsToSeries } from '../bars/index.ts';
import { normaliseRecipe } from '../recipe/index.ts';
import type { AlphaModel, Ctx } from '../strategy/index.ts';
import { SCENARIO_A, dailyBars, recipe } from '../testing/builders.ts';
import { buildModels, runStrategy } from './run.ts';

function runAlpha(onSlice: (ctx: Ctx) => void): unknown {
  const { recipe: normalised, specHash } = normaliseRecipe(
    recipe({ alpha: { class: 'EmaCross', kwargs: { fast: 1, slow: 2 } }, portfolio: { class: 'EqualWeight' } }),
  );
  const alpha: AlphaModel = { warmupBars: 0, onSlice: (_slice, _universe, ctx) => (onSlice(ctx), []) };
  return runStrategy(
    { ...buildModels(normalised), alpha, warmupBars: 0 },
    { recipe: normalised, specHash, seed: 1, series: inlineBarsToSeries(dailyBars(SCENARIO_A), '1d').series },
  );
}

describe('scenario O: look-ahead', () => {
  it('fails the run of an alpha that reads past now', () => {
    expect(() => runAlpha((ctx) => ctx.history('X.SIM', 1, 'close', ctx.now + 1))).toThrow(
      expect.objectContaining({ code: 'look_ahead' }),
    );
    expect(() => runAlpha((ctx) => ctx.history('X.SIM', -1))).toThrow(expect.objectContaining({ code: 'look_ahead' }));
  });

  it('hands out copies of what is known and nothing behind them', () => {
    const lengths: number[] = [];
    runAlpha((ctx) => {
      const closes = ctx.history('X.SIM', 1_000);
      expect(closes.buffer.byteLength).toBe(closes.byteLength);
      closes.fill(0);
      expect(ctx.history('X.SIM', 1)[0]).toBe(ctx.portfolio.priceOf(0));
      lengths.push(closes.length);
    });
    expect(lengths).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});
