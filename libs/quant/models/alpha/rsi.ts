import { z } from 'zod';
import { WilderRsi } from '../../indicators/index.ts';
import type { AlphaModel, Ctx, Signal, Slice } from '../../strategy/index.ts';
import { component, lookback } from '../component.ts';
import { Emission } from './emission.ts';

const kwargs = z.strictObject({
  period: lookback().default(14),
  oversold: z.number().min(0).max(100).default(30),
  overbought: z.number().min(0).max(100).default(70),
  allow_short: z.boolean().default(false),
});
type Kwargs = z.infer<typeof kwargs>;

/** Level mode: long at or below `oversold`, short at or above `overbought`, nothing between (Wilder 1978). */
class Rsi implements AlphaModel {
  readonly warmupBars: number;
  readonly #options: Kwargs;
  readonly #emission: Emission;
  readonly #readings: { rsi: WilderRsi; seen: number }[] = [];

  constructor(options: Kwargs) {
    this.#options = options;
    this.warmupBars = options.period + 1;
    this.#emission = new Emission('Rsi', options.allow_short);
  }

  onSlice(slice: Slice, _universe: readonly string[], ctx: Ctx): readonly Signal[] {
    this.#emission.begin();
    for (let k = 0; k < slice.size; k++) {
      const id = slice.id(k);
      const index = slice.barIndex(k);
      const state = (this.#readings[id] ??= { rsi: new WilderRsi(this.#options.period), seen: 0 });
      if (state.seen < index)
        for (const close of ctx.history(slice.symbol(k), index + 1 - state.seen).subarray(0, index - state.seen))
          state.rsi.next(close);
      const value = state.rsi.next(slice.close(k));
      state.seen = index + 1;
      if (value <= this.#options.oversold) this.#emission.emit(slice, k, 'long');
      else if (value >= this.#options.overbought) this.#emission.emit(slice, k, 'short');
    }
    return this.#emission.end();
  }

  onRescale(id: number): void {
    delete this.#readings[id];
  }
}

export const rsi = component<Kwargs, AlphaModel>({
  name: 'Rsi',
  aliases: ['RsiAlpha', 'RSI', 'RSIAlpha', 'RsiAlphaModel'],
  tags: ['mean-reversion'],
  description: 'Wilder RSI: long when oversold, short or flat when overbought.',
  kwargs,
  sample: { period: 14, oversold: 30, overbought: 70, allow_short: false },
  warmupBars: ({ period }) => period + 1,
  create: (options) => new Rsi(options),
});
