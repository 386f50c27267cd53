const backtest = {
  engine: 'event',
  kwargs: { start: '2000-01-03', end: '2020-04-17', interval: '1d', initial_cash: 100_000 },
};
const universe = { class: 'StaticUniverse', kwargs: { symbols: ['SPX.CBOE'] } };
const one = { class: 'EqualWeight', kwargs: { max_positions: 1 } };

function recipe(
  name: string,
  description: string,
  alpha: { class: string; kwargs: Record<string, unknown> },
): Record<string, unknown> {
  return {
    name,
    description,
    backtest,
    strategy: {
      class: 'FrameworkAlgorithm',
      kwargs: { universe_model: universe, alpha_model: alpha, portfolio_model: one },
    },
  };
}

/** Whole recipes to start from; they run on the sample data. */
export const SAMPLE_RECIPES: Record<string, unknown>[] = [
  recipe('Golden cross', 'Long while the fast average is above the slow one', {
    class: 'EmaCross',
    kwargs: { fast: 20, slow: 50, mode: 'level' },
  }),
  recipe('Turtle breakout', 'Long above the 20-bar high, out below the 10-bar low', {
    class: 'DonchianBreakout',
    kwargs: { entry: 20, exit: 10 },
  }),
  recipe('Oversold', 'Long while Wilder RSI says oversold', {
    class: 'Rsi',
    kwargs: { period: 14, oversold: 30, overbought: 70 },
  }),
];
