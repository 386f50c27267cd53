import { z } from 'zod';
import { decimal } from '../../decimal/index.ts';
import { component, number } from '../component.ts';
import { fractionOf, type SlippageModel } from './slippage.ts';

export type { SlippageInput, SlippageModel } from './slippage.ts';

const bpsKwargs = z.strictObject({ bps: z.number().min(0).max(10_000).default(2) });

const bps = component<z.infer<typeof bpsKwargs>, SlippageModel>({
  name: 'bps',
  aliases: [],
  tags: ['constant'],
  description: 'A constant number of basis points.',
  kwargs: bpsKwargs,
  sample: { bps: 2 },
  create: (options) => {
    const fraction = decimal.multiply(decimal.exactRate(options.bps), { n: 1, scale: 4 });
    return { constant: true, fraction: () => fraction };
  },
});

const shareKwargs = z.strictObject({ k: number().min(0).default(0.1) });

const volumeShare = component<z.infer<typeof shareKwargs>, SlippageModel>({
  name: 'volume_share',
  aliases: [],
  tags: ['impact'],
  description: 'k·(q/V)², q this fill, V the volume of the bar; unknown volume costs nothing.',
  kwargs: shareKwargs,
  sample: { k: 0.1 },
  create: ({ k }) => ({
    constant: false,
    fraction: ({ quantity, volume }) => fractionOf(k * (quantity / volume) ** 2),
  }),
});

const impactKwargs = z.strictObject({ Y: number().min(0).default(1) });

const sqrtImpact = component<z.infer<typeof impactKwargs>, SlippageModel>({
  name: 'sqrt_impact',
  aliases: [],
  tags: ['impact'],
  description: 'Y·σ·√(q/ADV): square-root law of Tóth et al. 2011; unknown volume costs nothing.',
  kwargs: impactKwargs,
  renamed: { y: 'Y' },
  sample: { Y: 1 },
  create: ({ Y }) => ({
    constant: false,
    fraction: (input) =>
      Number.isNaN(input.volume)
        ? fractionOf(Number.NaN)
        : fractionOf(Y * input.sigma() * Math.sqrt(input.quantity / input.averageVolume())),
  }),
});

/** Slippage models that bars can drive. `half_spread` needs quote bars and is refused by name. */
export const slippageModels = [bps, volumeShare, sqrtImpact];
