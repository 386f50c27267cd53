import { decimal } from '../decimal/index.ts';
import type { OrderRequest, OrderType, TimeInForce } from '../strategy/index.ts';
import { BacktestFailure } from './failure.ts';
import { reachesLimit, reachesStop, type Act, type BarPath, type Moment } from './path.ts';

/** What the table asks of an order. */
export interface ActingOrder {
  readonly sign: 1 | -1;
  readonly rule: OrderTypeRule;
  readonly tif: TimeInForce;
  readonly limitPrice: number | null;
  readonly triggered: boolean;
  /** Waits at a limit price. */
  readonly rests: boolean;
  stopLevel(): decimal.Exact | null;
}

/** What makes an order type what it is (the table of trading.md 7.4). */
export interface OrderTypeRule {
  /** Fills at whatever price the market has. */
  readonly market: boolean;
  /** Sleeps until its stop level is reached. */
  readonly stops: boolean;
  /** That level follows the price. */
  readonly trails: boolean;
  /** Fills in an auction of the session. */
  readonly auction: boolean;
  /** Takes a limit price. */
  readonly limited: boolean;
  /** The first moment at or after `from` at which the order acts in this bar, or null. */
  act(order: ActingOrder, bar: BarPath, from: Moment): Act | null;
}

const atOpen = (_order: ActingOrder, bar: BarPath, from: Moment): Act | null =>
  from.segment === 0 ? bar.atOpen : null;
const atLimit = (order: ActingOrder, bar: BarPath, from: Moment): Act | null =>
  reachesLimit(order.limitPrice!, order.sign, bar, from);

const PLAIN = { market: false, stops: false, trails: false, auction: false, limited: false };

/** A stop that was reached acts by `then`. */
const stopping = (then: OrderTypeRule['act'], also: Partial<OrderTypeRule> = {}): OrderTypeRule => ({
  ...PLAIN,
  stops: true,
  ...also,
  act: (order, bar, from) => {
    if (order.triggered) return then(order, bar, from);
    const level = order.stopLevel();
    return level === null ? null : reachesStop(decimal.toNumber(level), order.sign, bar, from);
  },
});

/** In the opening or closing auction, if its one price is within the order's limit and at or beyond its stop. */
function atAuction(order: ActingOrder, act: Act): Act | null {
  if (order.limitPrice !== null && (order.limitPrice - act.price) * order.sign < 0) return null;
  if (!order.rule.stops || order.triggered) return act;
  const level = order.stopLevel();
  return level === null || (act.price - decimal.toNumber(level)) * order.sign < 0 ? null : act;
}

const onOpen = (order: ActingOrder, bar: BarPath, from: Moment): Act | null =>
  bar.firstOfSession && from.segment === 0 ? atAuction(order, bar.atOpen) : null;
const onClose = (order: ActingOrder, bar: BarPath): Act | null =>
  bar.closesSession ? atAuction(order, bar.atClose) : null;

export const ORDER_TYPES: Readonly<Record<OrderType, OrderTypeRule>> = {
  market: { ...PLAIN, market: true, act: atOpen },
  market_on_open: { ...PLAIN, market: true, auction: true, act: onOpen },
  market_on_close: { ...PLAIN, market: true, auction: true, act: onClose },
  limit: { ...PLAIN, limited: true, act: atLimit },
  stop: stopping(atOpen),
  stop_limit: stopping(atLimit, { limited: true }),
  trailing_stop: stopping(atOpen, { trails: true }),
};

/** The act of an order by its type; a time in force that names an auction waits for that auction, whatever the type. */
export function nextAct(order: ActingOrder, bar: BarPath, from: Moment): Act | null {
  if (order.tif === 'cls') return onClose(order, bar);
  if (order.tif === 'opg') return onOpen(order, bar, from);
  return order.rule.act(order, bar, from);
}

/** Whether an order that acts fills there: a stop-limit that the open passes beyond its limit is only triggered. */
export function fillsAt(order: ActingOrder, act: Act): boolean {
  return order.rests || order.limitPrice === null || (order.limitPrice - act.price) * order.sign >= 0;
}

/**
 * What a request names must be what its type takes. Throws BacktestFailure `bad_input`; recipes are refused earlier, by
 * the schema of their component.
 */
export function requireSound({
  orderType,
  quantity,
  limitPrice,
  stopPrice,
  trailAmount,
  trailPct,
  vtSymbol,
}: OrderRequest): void {
  const { limited, stops, trails } = ORDER_TYPES[orderType];
  const named = Number(trailAmount != null) + Number(trailPct != null);
  if (
    quantity > 0 &&
    (limitPrice != null) === limited &&
    (stopPrice != null) === (stops && !trails) &&
    named === Number(trails)
  )
    return;
  throw new BacktestFailure(
    'bad_input',
    `The strategy sent an order for ${vtSymbol} whose quantity or prices are not those of ${orderType}.`,
  );
}
