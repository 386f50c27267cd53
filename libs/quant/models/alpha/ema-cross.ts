import { z } from 'zod';
import type { AlphaModel, Ctx, Signal, Slice } from '../../strategy/index.ts';
import { component, lookback } from '../component.ts';
import { Emission } from './emission.ts';

const kwargs = z.strictObject({
  fast: lookback().default(20),
  slow: lookback().default(50),
  mode: z.enum(['event', 'level']).default('level'),
  allow_short: z.boolean().default(false),
  horizon_bars: z.number().int().min(1).max(1_000_000).nullable().default(null),
});
type Kwargs = z.infer<typeof kwargs>;

/** Fields of a symbol's state. */
const FAST = 0;
const SLOW = 1;
/** Bars that are in the averages. */
const SEEN = 2;
/** Last sign that was not 0, from bar `slow` on. */
const LAST_SIGN = 3;
const FIELDS = 4;

/**
 * Sign of EMA_fast − EMA_slow (Brock, Lakonishok, LeBaron 1992); e_0 = x_0, e_t = αx_t + (1−α)e_{t−1}, α = 2/(n+1),
 * from the first bar on.
 */
class EmaCross implements AlphaModel {
  readonly warmupBars: number;
  readonly #level: boolean;
  readonly #alphaFast: number;
  readonly #alphaSlow: number;
  readonly #emission: Emission;
  #state = new Float64Array(0);

  constructor(options: Kwargs) {
    this.warmupBars = options.slow;
    this.#level = options.mode === 'level';
    this.#alphaFast = 2 / (options.fast + 1);
    this.#alphaSlow = 2 / (options.slow + 1);
    this.#emission = new Emission('EmaCross', options.allow_short, options.horizon_bars);
  }

  onSlice(slice: Slice, _universe: readonly string[], ctx: Ctx): readonly Signal[] {
    if (this.#state.length === 0) this.#state = new Float64Array(ctx.symbols.length * FIELDS);
    const state = this.#state;
    const emission = this.#emission;
    emission.begin();
    const size = slice.size;
    for (let k = 0; k < size; k++) {
      const at = slice.id(k) * FIELDS;
      const index = slice.barIndex(k);
      if (state[at + SEEN] !== index) this.#catchUp(at, slice.symbol(k), index, ctx);
      const last = state[at + LAST_SIGN]!;
      const sign = this.#step(state, at, index, slice.close(k));
      if (index + 1 < this.warmupBars) continue;
      if (this.#level || (sign !== 0 && sign === -last))
        emission.emit(slice, k, sign > 0 ? 'long' : sign < 0 ? 'short' : 'flat');
    }
    return emission.end();
  }

  onRescale(id: number): void {
    if (this.#state.length > 0) this.#state[id * FIELDS + SEEN] = 0;
  }

  #step(state: Float64Array, at: number, index: number, x: number): number {
    let fast = x;
    let slow = x;
    if (index > 0) {
      fast = this.#alphaFast * x + (1 - this.#alphaFast) * state[at + FAST]!;
      slow = this.#alphaSlow * x + (1 - this.#alphaSlow) * state[at + SLOW]!;
    }
    state[at + FAST] = fast;
    state[at + SLOW] = slow;
    state[at + SEEN] = index + 1;
    const sign = fast > slow ? 1 : fast < slow ? -1 : 0;
    if (sign !== 0 && index + 1 >= this.warmupBars) state[at + LAST_SIGN] = sign;
    return sign;
  }

  /** Takes in the bars before this one, all of them or those missed since the last call. */
  #catchUp(at: number, vtSymbol: string, index: number, ctx: Ctx): void {
    const state = this.#state;
    const from = state[at + SEEN]!;
    if (from === 0) state[at + LAST_SIGN] = 0;
    const closes = ctx.history(vtSymbol, index + 1 - from);
    for (let i = from; i < index; i++) this.#step(state, at, i, closes[i - from]!);
  }
}

export const emaCross = component<Kwargs, AlphaModel>({
  name: 'EmaCross',
  aliases: ['EmaCrossAlpha', 'EMACross', 'EmaCrossAlphaModel'],
  tags: ['trend'],
  description: 'Long while the fast exponential average is above the slow one; short or flat below.',
  kwargs,
  sample: { fast: 20, slow: 50, mode: 'level', allow_short: false },
  warmupBars: ({ slow }) => slow,
  create: (options) => new EmaCross(options),
});
