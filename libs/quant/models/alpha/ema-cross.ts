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

/** Sign of EMA_fast − EMA_slow (Brock, Lakonishok, LeBaron 1992); e_0 = x_0, e_t = αx_t + (1−α)e_{t−1}, α = 2/(n+1), from the first bar on. */
class EmaCross implements AlphaModel {
  readonly warmupBars: number;
  readonly #level: boolean;
  readonly #alphaFast: number;
  readonly #alphaSlow: number;
  readonly #emission: Emission;
  #fast = new Float64Array(0);
  #slow = new Float64Array(0);
  /** Bars of the symbol that are in the averages. */
  #seen = new Int32Array(0);
  #lastSign = new Int8Array(0);

  constructor(options: Kwargs) {
    this.warmupBars = options.slow;
    this.#level = options.mode === 'level';
    this.#alphaFast = 2 / (options.fast + 1);
    this.#alphaSlow = 2 / (options.slow + 1);
    this.#emission = new Emission('EmaCross', options.allow_short, options.horizon_bars);
  }

  onSlice(slice: Slice, _universe: readonly string[], ctx: Ctx): readonly Signal[] {
    if (this.#seen.length === 0) this.#open(ctx.symbols.length);
    this.#emission.begin();
    for (let k = 0; k < slice.size; k++) {
      const id = slice.id(k);
      const index = slice.barIndex(k);
      if (this.#seen[id] !== index) this.#catchUp(id, slice.symbol(k), index, ctx);
      const last = this.#lastSign[id]!;
      const sign = this.#step(id, index, slice.close(k));
      if (index + 1 < this.warmupBars) continue;
      if (this.#level || (sign !== 0 && sign === -last)) this.#emission.emit(id, slice.symbol(k), sign > 0 ? 'long' : sign < 0 ? 'short' : 'flat');
    }
    return this.#emission.end();
  }

  onRescale(id: number): void {
    if (this.#seen.length > 0) this.#seen[id] = 0;
  }

  #open(symbols: number): void {
    this.#fast = new Float64Array(symbols);
    this.#slow = new Float64Array(symbols);
    this.#seen = new Int32Array(symbols);
    this.#lastSign = new Int8Array(symbols);
  }

  #step(id: number, index: number, x: number): number {
    if (index === 0) {
      this.#fast[id] = x;
      this.#slow[id] = x;
    } else {
      this.#fast[id] = this.#alphaFast * x + (1 - this.#alphaFast) * this.#fast[id]!;
      this.#slow[id] = this.#alphaSlow * x + (1 - this.#alphaSlow) * this.#slow[id]!;
    }
    this.#seen[id] = index + 1;
    const difference = this.#fast[id]! - this.#slow[id]!;
    const sign = difference > 0 ? 1 : difference < 0 ? -1 : 0;
    if (sign !== 0 && index + 1 >= this.warmupBars) this.#lastSign[id] = sign;
    return sign;
  }

  /** Takes in the bars before this one, all of them or those missed since the last call. */
  #catchUp(id: number, vtSymbol: string, index: number, ctx: Ctx): void {
    if (this.#seen[id] === 0) this.#lastSign[id] = 0;
    const from = this.#seen[id]!;
    const closes = ctx.history(vtSymbol, index + 1 - from);
    for (let i = from; i < index; i++) this.#step(id, i, closes[i - from]!);
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
