import { z } from 'zod';
import type { PortfolioModel, Target } from '../../strategy/index.ts';
import { component, vtSymbol, weight } from '../component.ts';

const kwargs = z.strictObject({
  weights: z.record(z.string(), weight()).transform((given, context) => {
    const weights: Record<string, number> = {};
    for (const [name, value] of Object.entries(given)) {
      const parsed = vtSymbol.safeParse(name);
      if (parsed.success && !(parsed.data in weights)) weights[parsed.data] = value;
      else context.addIssue({ code: 'custom', path: [name], message: parsed.success ? 'the symbol is named twice' : (parsed.error.issues[0]?.message ?? 'not a symbol'), params: { code: 'bad_symbol' } });
    }
    return weights;
  }).refine((weights) => Object.keys(weights).length > 0, 'at least one weight'),
});

export const fixedWeights = component<z.infer<typeof kwargs>, PortfolioModel>({
  name: 'FixedWeights',
  aliases: ['FixedWeightsPortfolio', 'FixedWeightPortfolio', 'FixedWeightsPortfolioModel'],
  tags: ['static'],
  description: 'The given weights, whatever the signals say.',
  kwargs,
  sample: { weights: { 'SPX.CBOE': 1 } },
  replaces: ['alpha'],
  create: ({ weights }) => {
    const targets: Target[] = Object.keys(weights).sort().map((symbol) => ({ vtSymbol: symbol, weight: weights[symbol]! }));
    return { construct: () => targets };
  },
});
