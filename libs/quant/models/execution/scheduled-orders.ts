import { z } from 'zod';
import type { ExecutionModel, OrderRequest } from '../../strategy/index.ts';
import { component, moment, number, vtSymbol } from '../component.ts';
import { Schedule } from '../schedule.ts';
import { groupOrders } from './order-groups.ts';

const price = () => number().gt(0).nullable().default(null);

const order = z
  .strictObject({
    time: moment,
    vt_symbol: vtSymbol,
    side: z.enum(['buy', 'sell']),
    order_type: z.enum(['market', 'market_on_open', 'market_on_close', 'limit', 'stop', 'stop_limit', 'trailing_stop']),
    quantity: number().gt(0),
    limit_price: price(),
    stop_price: price(),
    trail_amount: price(),
    trail_pct: z.number().gt(0).lt(1).nullable().default(null),
    tif: z.enum(['day', 'gtc', 'gtd', 'ioc', 'fok', 'opg', 'cls']).default('gtc'),
    gtd_until: moment.nullable().default(null),
    reduce_only: z.boolean().default(false),
    post_only: z.boolean().default(false),
    contingency: z.enum(['none', 'oco', 'oto', 'bracket']).default('none'),
    group_id: z.string().min(1).max(48).nullable().default(null),
    reference: z.string().max(200).nullable().default(null),
  })
  .superRefine((given, context) => {
    const needs = (
      field: 'limit_price' | 'stop_price' | 'gtd_until' | 'group_id' | 'trail_amount',
      wrong: boolean,
      message: string,
    ) => {
      if (wrong) context.addIssue({ code: 'custom', path: [field], message });
    };
    const type = given.order_type;
    needs(
      'limit_price',
      (type === 'limit' || type === 'stop_limit') !== (given.limit_price !== null),
      'limit_price belongs to limit and stop_limit orders, and they need it',
    );
    needs(
      'stop_price',
      (type === 'stop' || type === 'stop_limit') !== (given.stop_price !== null),
      'stop_price belongs to stop and stop_limit orders, and they need it',
    );
    const trails = Number(given.trail_amount !== null) + Number(given.trail_pct !== null);
    needs(
      'trail_amount',
      trails !== (type === 'trailing_stop' ? 1 : 0),
      'a trailing_stop needs exactly one of trail_amount and trail_pct, no other order has them',
    );
    needs(
      'gtd_until',
      (given.tif === 'gtd') !== (given.gtd_until !== null),
      'gtd_until belongs to tif gtd, which needs it',
    );
    needs('group_id', given.contingency !== 'none' && given.group_id === null, 'a contingency needs a group_id');
  });
type ScheduledOrder = z.infer<typeof order>;

const kwargs = z.strictObject({ orders: z.array(order).max(100_000) }).superRefine(({ orders }, context) => {
  for (const { row, field, message } of groupOrders(orders).faults)
    context.addIssue({ code: 'custom', path: ['orders', row, field], message });
});

function toRequest(given: ScheduledOrder): OrderRequest {
  return {
    vtSymbol: given.vt_symbol,
    side: given.side,
    orderType: given.order_type,
    quantity: given.quantity,
    limitPrice: given.limit_price,
    stopPrice: given.stop_price,
    trailAmount: given.trail_amount,
    trailPct: given.trail_pct,
    tif: given.tif,
    gtdUntil: given.gtd_until,
    reduceOnly: given.reduce_only,
    postOnly: given.post_only,
    contingency: given.contingency,
    groupId: given.group_id,
    reference: given.reference,
  };
}

/** One row of the table at the bar that decides it. */
interface Due {
  time: string;
  vt_symbol: string;
  rank: number;
  request: OrderRequest;
  /** Waits for its parent, with whose bar it is due. */
  held: boolean;
}

/**
 * The rows as requests, linked as their groups say: exits of a bracket and children of an `oto` order are held back
 * with their parent. The exits only reduce, and cancel each other.
 */
function linked(orders: readonly ScheduledOrder[]): Due[] {
  const due = orders.map((given, rank): Due => {
    const { time, vt_symbol } = given;
    return { time, vt_symbol, rank, request: toRequest(given), held: false };
  });
  for (const { contingency, rows } of groupOrders(orders).groups) {
    if (contingency === 'oco') continue;
    const [parent, ...children] = rows.map((row) => due[row]!);
    for (const child of children) Object.assign(child, { held: true, vt_symbol: parent!.vt_symbol });
    const exits = contingency === 'bracket';
    parent!.request.children = children.map(({ request }) => ({
      ...request,
      reduceOnly: exits || request.reduceOnly,
      contingency: exits ? 'oco' : 'none',
    }));
  }
  return due;
}

export const scheduledOrders = component<z.infer<typeof kwargs>, ExecutionModel>({
  name: 'ScheduledOrders',
  aliases: ['ScheduledOrdersExecution'],
  tags: ['external', 'test'],
  description:
    'A table of orders by deciding bar: orders from elsewhere, and a test double. Targets are ignored. Rows of ' +
    'one time and group_id are a group: oco, bracket (of one symbol) or oto (parent first).',
  kwargs,
  sample: {
    orders: [
      { time: '2024-01-02', vt_symbol: 'SPX.CBOE', side: 'buy', order_type: 'limit', quantity: 10, limit_price: 99 },
    ],
  },
  replaces: ['alpha', 'portfolio'],
  create: ({ orders }, { interval }) => {
    const schedule = new Schedule(linked(orders), interval);
    return {
      execute: (_targets, ctx) => {
        const due = schedule.at(ctx.slice);
        if (due.length === 0) return [];
        return due
          .filter(({ held }) => !held)
          .sort((a, b) => a.rank - b.rank)
          .map(({ request }) => request);
      },
      unmatched: () => schedule.unmatched(),
    };
  },
});
