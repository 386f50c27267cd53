import type { InlineBar } from './client.ts';
import { recipe } from './recipes.ts';

/** A seeded walk on one-minute bars of a market that never closes. */
function walk(seed: number, count: number): InlineBar[] {
  let state = seed;
  let close = 100;
  return Array.from({ length: count }, (_, index) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const open = close;
    close = Math.max(1, Math.round(open * (1 + (state / 2 ** 32 - 0.5) / 50) * 100) / 100);
    return {
      vt_symbol: 'BTCUSDT.BINANCE',
      time: new Date(Date.UTC(2024, 0, 1) + index * 60_000).toISOString(),
      open,
      high: Math.max(open, close),
      low: Math.min(open, close),
      close,
      volume: null,
    };
  });
}

/** Body of POST /backtests: a strategy that trades often on so many of these bars. */
export const minuteRun = (seed: number, bars: number) => ({
  config: recipe({
    symbols: ['BTCUSDT.BINANCE'],
    models: {
      alpha_model: { class: 'EmaCross', kwargs: { fast: 5, slow: 20 } },
      portfolio_model: { class: 'EqualWeight', kwargs: { max_positions: 1 } },
    },
    kwargs: { interval: '1m', lot_size: 0.0001 },
  }),
  data: { inline: walk(seed, bars) },
});
