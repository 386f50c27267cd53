import { z } from 'zod';
import type { PortfolioModel } from '../../strategy/index.ts';
import { component } from '../component.ts';
import { StrongestSignals } from './conviction.ts';

const kwargs = z.strictObject({ max_positions: z.number().int().min(1).max(5_000).default(10) });

/** Weight s·c/Σ(s·c), s strength and c confidence, signed by direction. */
export const signalWeighted = component<z.infer<typeof kwargs>, PortfolioModel>({
  name: 'SignalWeighted',
  aliases: ['SignalWeightedPortfolio', 'SignalWeightedPortfolioModel'],
  tags: ['long-short'],
  description: 'Weights in proportion to strength times confidence.',
  kwargs,
  sample: { max_positions: 10 },
  create: ({ max_positions: limit }) =>
    new StrongestSignals(limit, (kept, one) => one.value / kept.reduce((sum, each) => sum + Math.abs(each.value), 0)),
});
