import { z } from 'zod';
import { decimal } from '../../decimal/index.ts';
import type { Ctx, ExecutionModel, OrderRequest, Target } from '../../strategy/index.ts';
import { addQuantity } from '../../strategy/index.ts';
import { component } from '../component.ts';
import { offsetPrice } from './offset-price.ts';
import { sizeTargets, type QueuedOrders } from './sizing.ts';

const kwargs = z.strictObject({
  bps: z.number().min(0).max(9_999).default(5),
  ttl_bars: z.number().int().min(1).max(5_000).default(3),
});
type Kwargs = z.infer<typeof kwargs>;

interface Ranked {
  id: number;
  request: OrderRequest;
  reducing: boolean;
}

/** Limit orders that have waited long enough, as the market orders that follow them. */
class ExpiredOrders implements QueuedOrders {
  requests: Ranked[] = [];

  remainder(id: number): number {
    let sum = 0;
    for (const { id: other, request } of this.requests)
      if (other === id) sum = addQuantity(sum, request.side === 'buy' ? request.quantity : -request.quantity);
    return sum;
  }

  drop(id: number): void {
    this.requests = this.requests.filter((one) => one.id !== id);
  }
}

/**
 * A passive limit order below (above) the close; after `ttl_bars` bars of the symbol in which it was live the rest is
 * cancelled and sent as market order.
 */
class LimitOffset implements ExecutionModel {
  readonly #options: Kwargs;

  constructor(options: Kwargs) {
    this.#options = options;
  }

  execute(targets: readonly Target[], ctx: Ctx): readonly OrderRequest[] {
    const expired = this.#expired(ctx);
    const changes = sizeTargets(targets, ctx, expired);
    const requests = expired?.requests ?? [];
    const offset = decimal.multiply(decimal.exact(this.#options.bps), { n: 1, scale: 4 });
    for (const change of changes) {
      const buy = change.delta > 0;
      const limitPrice = offsetPrice(change.price, buy ? decimal.negate(offset) : offset);
      requests.push({
        id: change.id,
        reducing: change.reducing,
        request: {
          vtSymbol: change.vtSymbol,
          side: buy ? 'buy' : 'sell',
          orderType: 'limit',
          quantity: Math.abs(change.delta),
          limitPrice,
        },
      });
    }
    return requests
      .sort(
        (a, b) =>
          Number(b.reducing) - Number(a.reducing) ||
          (a.request.vtSymbol < b.request.vtSymbol ? -1 : a.request.vtSymbol > b.request.vtSymbol ? 1 : 0),
      )
      .map(({ request }) => request);
  }

  #expired(ctx: Ctx): ExpiredOrders | null {
    let expired: ExpiredOrders | null = null;
    for (const order of [...ctx.openOrders]) {
      if (order.orderType !== 'limit' || order.barsLive < this.#options.ttl_bars) continue;
      const position = ctx.portfolio.quantityOf(order.id);
      const remaining = order.remaining;
      ctx.cancel(order.orderId, 'ttl');
      const reducing = position !== 0 && position > 0 !== (order.side === 'buy');
      expired ??= new ExpiredOrders();
      expired.requests.push({
        id: order.id,
        reducing,
        request: {
          vtSymbol: order.vtSymbol,
          side: order.side,
          orderType: 'market',
          quantity: remaining,
          parentOrderId: order.orderId,
        },
      });
    }
    return expired;
  }
}

export const limitOffset = component<Kwargs, ExecutionModel>({
  name: 'LimitOffset',
  aliases: ['LimitOffsetExecution', 'LimitExecution', 'LimitOffsetExecutionModel'],
  tags: ['passive'],
  description: 'Passive limit orders, sent as market orders when they have waited long enough.',
  kwargs,
  sample: { bps: 5, ttl_bars: 3 },
  create: (options) => new LimitOffset(options),
});
