import { z } from 'zod';
import type { UniverseModel } from '../../strategy/index.ts';
import { component, vtSymbol } from '../component.ts';

const kwargs = z.strictObject({
  symbols: z
    .array(vtSymbol)
    .min(1)
    .max(5_000)
    .refine((symbols) => new Set(symbols).size === symbols.length, 'symbols must not repeat'),
});

export const staticUniverse = component<z.infer<typeof kwargs>, UniverseModel>({
  name: 'StaticUniverse',
  aliases: ['StaticUniverseModel', 'ManualUniverse'],
  tags: ['static'],
  description: 'A fixed list of symbols.',
  kwargs,
  sample: { symbols: ['SPX.CBOE'] },
  create: ({ symbols }) => ({ select: () => symbols }),
});
