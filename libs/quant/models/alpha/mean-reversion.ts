import { z } from 'zod';
import type { AlphaModel, Ctx, Signal, Slice } from '../../strategy/index.ts';
import { component, number } from '../component.ts';
import { Emission } from './emission.ts';

const kwargs = z.strictObject({
  window: z.number().int().min(2).max(5_000).default(20),
  entry_z: number().min(0).default(2),
  exit_z: number().min(0).default(0.5),
  allow_short: z.boolean().default(false),
});
type Kwargs = z.infer<typeof kwargs>;

const NO_SPREAD = 1e-12;

/**
 * z of the close within the last `window` closes, this one included, ddof 1 (Bollinger 2001). Signals on a change of
 * state only.
 */
class MeanReversion implements AlphaModel {
  readonly warmupBars: number;
  readonly #options: Kwargs;
  readonly #emission: Emission;
  readonly #state: number[] = [];

  constructor(options: Kwargs) {
    this.#options = options;
    this.warmupBars = options.window;
    this.#emission = new Emission('MeanReversion', options.allow_short);
  }

  onSlice(slice: Slice, _universe: readonly string[], ctx: Ctx): readonly Signal[] {
    this.#emission.begin();
    for (let k = 0; k < slice.size; k++) {
      if (slice.barIndex(k) + 1 < this.warmupBars) continue;
      const z = this.#score(ctx.history(slice.symbol(k), this.#options.window));
      if (Number.isNaN(z)) continue;
      const id = slice.id(k);
      const before = this.#state[id] ?? 0;
      const after =
        z <= -this.#options.entry_z
          ? 1
          : z >= this.#options.entry_z
            ? -1
            : Math.abs(z) < this.#options.exit_z
              ? 0
              : before;
      if (after === before) continue;
      this.#state[id] = after;
      this.#emission.emit(slice, k, after > 0 ? 'long' : after < 0 ? 'short' : 'flat');
    }
    return this.#emission.end();
  }

  /** NaN when the closes do not vary. */
  #score(closes: Float64Array): number {
    let sum = 0;
    for (const x of closes) sum += x;
    const mean = sum / closes.length;
    let squares = 0;
    for (const x of closes) squares += (x - mean) * (x - mean);
    const deviation = Math.sqrt(squares / (closes.length - 1));
    return deviation < NO_SPREAD ? Number.NaN : (closes[closes.length - 1]! - mean) / deviation;
  }
}

export const meanReversion = component<Kwargs, AlphaModel>({
  name: 'MeanReversion',
  aliases: ['MeanReversionAlpha', 'MeanReversionAlphaModel'],
  tags: ['mean-reversion'],
  description:
    'Long when the close is far below its moving average in standard deviations, short or flat far above, out ' +
    'near the average.',
  kwargs,
  renamed: { lookback: 'window', z_threshold: 'entry_z' },
  sample: { window: 20, entry_z: 2, exit_z: 0.5, allow_short: false },
  warmupBars: ({ window }) => window,
  create: (options) => new MeanReversion(options),
});
