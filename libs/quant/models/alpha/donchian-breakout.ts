import { z } from 'zod';
import type { AlphaModel, Ctx, Signal, Slice } from '../../strategy/index.ts';
import { component, lookback } from '../component.ts';
import { Emission } from './emission.ts';

const kwargs = z.strictObject({
  entry: lookback().default(20),
  exit: lookback().default(10),
  allow_short: z.boolean().default(false),
});
type Kwargs = z.infer<typeof kwargs>;

/**
 * Channel breakout (Faith 2007): entries on a close outside the previous `entry` bars, exits outside the previous
 * `exit` bars; an entry wins.
 */
class DonchianBreakout implements AlphaModel {
  readonly warmupBars: number;
  readonly #options: Kwargs;
  readonly #emission: Emission;
  readonly #state: number[] = [];

  constructor(options: Kwargs) {
    this.#options = options;
    this.warmupBars = Math.max(options.entry, options.exit) + 1;
    this.#emission = new Emission('DonchianBreakout', options.allow_short);
  }

  onSlice(slice: Slice, _universe: readonly string[], ctx: Ctx): readonly Signal[] {
    this.#emission.begin();
    for (let k = 0; k < slice.size; k++) {
      if (slice.barIndex(k) + 1 < this.warmupBars) continue;
      const id = slice.id(k);
      const before = this.#state[id] ?? 0;
      const after = this.#next(
        before,
        slice.close(k),
        ctx.history(slice.symbol(k), this.warmupBars, 'high'),
        ctx.history(slice.symbol(k), this.warmupBars, 'low'),
      );
      if (after === before) continue;
      this.#state[id] = after;
      this.#emission.emit(slice, k, after > 0 ? 'long' : after < 0 ? 'short' : 'flat');
    }
    return this.#emission.end();
  }

  #next(state: number, close: number, highs: Float64Array, lows: Float64Array): number {
    const { entry, exit } = this.#options;
    const last = highs.length - 1;
    if (close > Math.max(...highs.subarray(last - entry, last))) return 1;
    if (close < Math.min(...lows.subarray(last - entry, last))) return -1;
    if (state > 0 && close < Math.min(...lows.subarray(last - exit, last))) return 0;
    if (state < 0 && close > Math.max(...highs.subarray(last - exit, last))) return 0;
    return state;
  }
}

export const donchianBreakout = component<Kwargs, AlphaModel>({
  name: 'DonchianBreakout',
  aliases: ['DonchianBreakoutAlpha', 'DonchianAlpha', 'DonchianBreakoutAlphaModel'],
  tags: ['trend', 'breakout'],
  description:
    'Long when the close breaks the highest high of the previous bars, out when it breaks the shorter lowest low.',
  kwargs,
  sample: { entry: 20, exit: 10, allow_short: false },
  warmupBars: ({ entry, exit }) => Math.max(entry, exit) + 1,
  create: (options) => new DonchianBreakout(options),
});
