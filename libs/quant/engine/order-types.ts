import { decimal } from '../decimal/index.ts';
import type { OrderType } from '../strategy/index.ts';
import type { Order } from './order.ts';
import { reachesLimit, reachesStop, type Act, type BarPath, type Moment } from './path.ts';

/** What makes an order type what it is (the table of trading.md 7.4). */
interface OrderTypeRule {
  /** Fills at whatever price the market has. */
  readonly market: boolean;
  /** Sleeps until its stop level is reached. */
  readonly stops: boolean;
  /** The first moment at or after `from` at which the order acts in this bar, or null. */
  act(order: Order, bar: BarPath, from: Moment): Act | null;
}

const atOpen = (_order: Order, bar: BarPath, from: Moment): Act | null => (from.segment === 0 ? bar.atOpen : null);
const atLimit = (order: Order, bar: BarPath, from: Moment): Act | null => reachesLimit(order.limitPrice!, order.sign, bar, from);

/** A stop that was reached acts by `then`. */
const stopping = (then: OrderTypeRule['act']): OrderTypeRule => ({
  market: false,
  stops: true,
  act: (order, bar, from) => {
    if (order.triggered) return then(order, bar, from);
    const level = order.stopLevel();
    return level === null ? null : reachesStop(decimal.toNumber(level), order.sign, bar, from);
  },
});

/** In the opening or closing auction, if its one price is within the order's limit and at or beyond its stop. */
function atAuction(order: Order, act: Act): Act | null {
  if (order.limitPrice !== null && (order.limitPrice - act.price) * order.sign < 0) return null;
  if (!order.rule.stops || order.triggered) return act;
  const level = order.stopLevel();
  return level === null || (act.price - decimal.toNumber(level)) * order.sign < 0 ? null : act;
}

const onOpen = (order: Order, bar: BarPath, from: Moment): Act | null => (bar.firstOfSession && from.segment === 0 ? atAuction(order, bar.atOpen) : null);
const onClose = (order: Order, bar: BarPath): Act | null => (bar.closesSession ? atAuction(order, bar.atClose) : null);

export const ORDER_TYPES: Readonly<Record<OrderType, OrderTypeRule>> = {
  market: { market: true, stops: false, act: atOpen },
  market_on_open: { market: true, stops: false, act: onOpen },
  market_on_close: { market: true, stops: false, act: onClose },
  limit: { market: false, stops: false, act: atLimit },
  stop: stopping(atOpen),
  stop_limit: stopping(atLimit),
  trailing_stop: stopping(atOpen),
};

/** The act of an order by its type; a time in force that names an auction waits for that auction, whatever the type. */
export function nextAct(order: Order, bar: BarPath, from: Moment): Act | null {
  if (order.tif === 'cls') return onClose(order, bar);
  if (order.tif === 'opg') return onOpen(order, bar, from);
  return order.rule.act(order, bar, from);
}
