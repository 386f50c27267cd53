import { z } from 'zod';
import type { Ctx, PortfolioModel, Signal, Target } from '../../strategy/index.ts';
import { component, vtSymbol, weight } from '../component.ts';

const kwargs = z.strictObject({
  weights: z
    .record(z.string(), weight())
    .transform((given, context) => {
      const weights: Record<string, number> = {};
      for (const [name, value] of Object.entries(given)) {
        const parsed = vtSymbol.safeParse(name);
        if (parsed.success && !(parsed.data in weights)) weights[parsed.data] = value;
        else
          context.addIssue({
            code: 'custom',
            path: [name],
            message: parsed.success ? 'the symbol is named twice' : (parsed.error.issues[0]?.message ?? 'not a symbol'),
            params: { code: 'bad_symbol' },
          });
      }
      return weights;
    })
    .refine((weights) => Object.keys(weights).length > 0, 'at least one weight'),
});

/**
 * The same targets at every slice, but for symbols that have left the universe: they get none, so that they are
 * flattened.
 */
class FixedWeights implements PortfolioModel {
  readonly #all: readonly Target[];
  #universe: readonly string[] | null = null;
  #targets: readonly Target[] = [];

  constructor(targets: readonly Target[]) {
    this.#all = targets;
  }

  construct(_active: readonly Signal[], ctx: Ctx): readonly Target[] {
    if (ctx.universe !== this.#universe) {
      this.#universe = ctx.universe;
      this.#targets = this.#all.filter(
        ({ vtSymbol }) => ctx.idOf(vtSymbol) === undefined || ctx.universe.includes(vtSymbol),
      );
    }
    return this.#targets;
  }
}

export const fixedWeights = component<z.infer<typeof kwargs>, PortfolioModel>({
  name: 'FixedWeights',
  aliases: ['FixedWeightsPortfolio', 'FixedWeightPortfolio', 'FixedWeightsPortfolioModel'],
  tags: ['static'],
  description: 'The given weights, whatever the signals say.',
  kwargs,
  sample: { weights: { 'SPX.CBOE': 1 } },
  replaces: ['alpha'],
  create: ({ weights }) => {
    const targets: Target[] = Object.keys(weights)
      .sort()
      .map((symbol) => ({ vtSymbol: symbol, weight: weights[symbol]! }));
    return new FixedWeights(targets);
  },
});
