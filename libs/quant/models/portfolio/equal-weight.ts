import { z } from 'zod';
import type { PortfolioModel } from '../../strategy/index.ts';
import { component } from '../component.ts';
import { StrongestSignals } from './conviction.ts';

const kwargs = z.strictObject({ max_positions: z.number().int().min(1).max(5_000).default(5) });

/** ±1/N over the N strongest symbols (DeMiguel, Garlappi, Uppal 2009). */
export const equalWeight = component<z.infer<typeof kwargs>, PortfolioModel>({
  name: 'EqualWeight',
  aliases: ['EqualWeightPortfolio', 'EqualWeightPortfolioModel', 'EqualWeightingPortfolio'],
  tags: ['long-short'],
  description: 'The same weight for each of the strongest signals.',
  kwargs,
  sample: { max_positions: 5 },
  create: ({ max_positions: limit }) => new StrongestSignals(limit, (kept, one) => Math.sign(one.value) / kept.length),
});
