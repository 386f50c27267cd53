import { z } from 'zod';
import { decimal } from '../../decimal/index.ts';
import type { ExecutionModel, OrderIntent, OrderRequest } from '../../strategy/index.ts';
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
 * What a change is to its target: it goes on from where the working orders lead, all of them to one side, and with them it
 * may leave nothing of the position.
 */
function intentOf({ position, goal, delta }: SizedChange): OrderIntent {
  const opens = goal !== 0 && goal > 0 === delta > 0;
  const ends = position !== 0 && (goal === 0 || goal > 0 !== position > 0);
  if (opens) return ends ? 'flip' : 'entry';
  return ends ? 'exit' : 'reduction';
}

/** A market entry with a protective stop and a take-profit that cancel each other; a reduction or exit has none. */
function bracketed(change: SizedChange, options: Kwargs): OrderRequest {
  const intent = intentOf(change);
  const order = { ...marketOrder(change), intent };
  if (intent === 'exit' || intent === 'reduction') return order;
  const stop = decimal.exact(options.stop_pct);
  const take = decimal.exact(options.take_pct);
  const long = change.delta > 0;
  return {
    ...order,
    contingency: 'bracket',
    bracket: { stopPrice: offsetPrice(change.price, long ? decimal.negate(stop) : stop), takePrice: offsetPrice(change.price, long ? take : decimal.negate(take)) },
  };
}

export const bracket = component<Kwargs, ExecutionModel>({
  name: 'Bracket',
  aliases: ['BracketExecution', 'BracketExecutionModel'],
  tags: ['market', 'exits'],
  description: 'Market entries, each with a stop and a take-profit at fractions of the deciding close.',
  kwargs,
  sample: { stop_pct: 0.05, take_pct: 0.1 },
  create: (options) => ({ execute: (targets, ctx) => sizeTargets(targets, ctx).map((change) => bracketed(change, options)) }),
});
