import { z } from 'zod';
import { decimal } from '../../decimal/index.ts';
import { addQuantity } from '../../strategy/index.ts';
import { component, number } from '../component.ts';
import type { CommissionModel } from './commission.ts';

export { NO_FILLS, type CommissionModel, type CommissionState } from './commission.ts';

const rate = (standard: number) => z.number().min(0).max(1).default(standard);
const fee = (standard: number) => number().min(0).default(standard);

const pctKwargs = z.strictObject({ rate: rate(0.0005) });

const pct = component<z.infer<typeof pctKwargs>, CommissionModel>({
  name: 'pct',
  aliases: [],
  tags: [],
  description: 'A fraction of the notional of each fill.',
  kwargs: pctKwargs,
  sample: { rate: 0.0005 },
  create: (options) => {
    const share = decimal.exactRate(options.rate);
    return { charge: (_state, _quantity, gross) => decimal.roundedProduct(gross, share) };
  },
});

const perShareKwargs = z.strictObject({ rate: fee(0.005), min: fee(1), max_pct: rate(0.01) });

const perShare = component<z.infer<typeof perShareKwargs>, CommissionModel>({
  name: 'per_share',
  aliases: [],
  tags: [],
  description: 'Per unit, with a minimum per order and a maximum share of the notional.',
  kwargs: perShareKwargs,
  sample: { rate: 0.005, min: 1, max_pct: 0.01 },
  create: (options) => {
    const [unit, least, most] = [
      decimal.exactRate(options.rate),
      decimal.exactRate(options.min),
      decimal.exactRate(options.max_pct),
    ];
    return {
      charge: (state, quantity, gross) => {
        const notional = decimal.add(state.notional, gross);
        const plain = decimal.times(addQuantity(state.filled, quantity), unit);
        const floored = decimal.compare(plain, least) < 0 ? least : plain;
        const cap = decimal.multiply(most, notional);
        const due = decimal.difference(
          decimal.roundHalfEven(decimal.compare(floored, cap) > 0 ? cap : floored),
          state.charged,
        );
        return due > 0 ? due : 0;
      },
    };
  },
});

const perOrderKwargs = z.strictObject({ amount: fee(1) });

const perOrder = component<z.infer<typeof perOrderKwargs>, CommissionModel>({
  name: 'per_order',
  aliases: [],
  tags: [],
  description: 'A fixed amount per order, charged with its first fill.',
  kwargs: perOrderKwargs,
  sample: { amount: 1 },
  create: (options) => {
    const amount = decimal.roundHalfEven(decimal.exact(options.amount));
    return { charge: (state) => (state.filled === 0 ? amount : 0) };
  },
});

const makerTakerKwargs = z.strictObject({ maker: rate(0.0002), taker: rate(0.0005) });

const makerTaker = component<z.infer<typeof makerTakerKwargs>, CommissionModel>({
  name: 'maker_taker',
  aliases: [],
  tags: [],
  description: 'A fraction of the notional, lower for fills of resting limit orders.',
  kwargs: makerTakerKwargs,
  sample: { maker: 0.0002, taker: 0.0005 },
  create: (options) => {
    const [maker, taker] = [decimal.exactRate(options.maker), decimal.exactRate(options.taker)];
    return {
      charge: (_state, _quantity, gross, liquidity) =>
        decimal.roundedProduct(gross, liquidity === 'maker' ? maker : taker),
    };
  },
});

export const commissionModels = [pct, perShare, perOrder, makerTaker];
