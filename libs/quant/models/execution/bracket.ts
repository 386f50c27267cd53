import { z } from 'zod';
import { decimal } from '../../decimal/index.ts';
import type { ExecutionModel, OrderRequest } from '../../strategy/index.ts';
import { component } from '../component.ts';
import { marketOrder } from './market-execution.ts';
import { offsetPrice } from './offset-price.ts';
import { sizeTargets, type SizedChange } from './sizing.ts';

const kwargs = z.strictObject({
  stop_pct: z.number().gt(0).lt(1).default(0.05),
  take_pct: z.number().gt(0).max(100).default(0.1),
});
type Kwargs = z.infer<typeof kwargs>;

/**
 * A market entry with a protective stop and a take-profit that cancel each other. What a change is, its target says: it
 * goes on from where the working orders lead, so it opens where it goes on to the side of the goal.
 */
function bracketed(change: SizedChange, options: Kwargs): OrderRequest {
  const order = marketOrder(change);
  const opens = change.goal !== 0 && change.goal > 0 === change.delta > 0;
  if (!opens) return { ...order, closing: true };
  const stop = decimal.exact(options.stop_pct);
  const take = decimal.exact(options.take_pct);
  const long = change.delta > 0;
  return {
    ...order,
    contingency: 'bracket',
    bracket: {
      stopPrice: offsetPrice(change.price, long ? decimal.negate(stop) : stop),
      takePrice: offsetPrice(change.price, long ? take : decimal.negate(take)),
    },
  };
}

export const bracket = component<Kwargs, ExecutionModel>({
  name: 'Bracket',
  aliases: ['BracketExecution', 'BracketExecutionModel'],
  tags: ['market', 'exits'],
  description: 'Market entries, each with a stop and a take-profit at fractions of the deciding close.',
  kwargs,
  sample: { stop_pct: 0.05, take_pct: 0.1 },
  create: (options) => ({
    execute: (targets, ctx) => sizeTargets(targets, ctx).map((change) => bracketed(change, options)),
  }),
});
