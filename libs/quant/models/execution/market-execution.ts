import { z } from 'zod';
import type { ExecutionModel, OrderRequest } from '../../strategy/index.ts';
import { component } from '../component.ts';
import { sizeTargets, type SizedChange } from './sizing.ts';

const kwargs = z.strictObject({});
const NOTHING: readonly OrderRequest[] = [];

export function marketOrder(change: SizedChange): OrderRequest {
  return {
    vtSymbol: change.vtSymbol,
    id: change.id,
    side: change.delta > 0 ? 'buy' : 'sell',
    orderType: 'market',
    quantity: Math.abs(change.delta),
  };
}

export const marketExecution = component<z.infer<typeof kwargs>, ExecutionModel>({
  name: 'MarketExecution',
  aliases: ['MarketOrderExecution', 'ImmediateExecution', 'MarketExecutionModel'],
  tags: ['market'],
  description: 'A market order for each change of a target; it fills at the next open.',
  kwargs,
  sample: {},
  create: () => ({
    execute: (targets, ctx) => {
      const changes = sizeTargets(targets, ctx);
      return changes.length === 0 ? NOTHING : changes.map(marketOrder);
    },
  }),
});
