import { z } from 'zod';
import type { Ctx, PortfolioModel, Signal, Target } from '../../strategy/index.ts';
import { component } from '../component.ts';
import { keepStrongest } from './conviction.ts';

const kwargs = z.strictObject({ max_positions: z.number().int().min(1).max(5_000).default(10) });

/** Weight s·c/Σ(s·c), s strength and c confidence, signed by direction. */
class SignalWeighted implements PortfolioModel {
  readonly #limit: number;
  #revision = -1;
  #targets: Target[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  construct(active: readonly Signal[], ctx: Ctx): readonly Target[] {
    if (ctx.signalRevision !== this.#revision) {
      this.#revision = ctx.signalRevision;
      this.#targets = keepStrongest(active, this.#limit, (kept, one) => one.value / kept.reduce((sum, each) => sum + Math.abs(each.value), 0));
    }
    return this.#targets;
  }
}

export const signalWeighted = component<z.infer<typeof kwargs>, PortfolioModel>({
  name: 'SignalWeighted',
  aliases: ['SignalWeightedPortfolio', 'SignalWeightedPortfolioModel'],
  tags: ['long-short'],
  description: 'Weights in proportion to strength times confidence.',
  kwargs,
  sample: { max_positions: 10 },
  create: ({ max_positions: limit }) => new SignalWeighted(limit),
});
