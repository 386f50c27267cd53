import { decimal } from '../decimal/index.ts';
import type { BacktestKwargs } from '../recipe/index.ts';
import type { Order } from './order.ts';

/** A moment within a bar: segment 0 is the open, 1..3 the legs of the path, 4 the close; `distance` is how far into the leg. */
export interface Moment { segment: number; distance: number }

export function isBefore(a: Moment, b: Moment): boolean {
  return a.segment !== b.segment ? a.segment < b.segment : a.distance < b.distance;
}

/**
 * The four corners of the bar in the order the price visits them (trading.md 7.4): `adverse_first` goes to the low first when net long, to the high
 * first when net short, to the nearer extreme first when flat, as `adaptive` always does; equally near means the low first.
 */
export function intrabarPath(rule: BacktestKwargs['intrabar'], position: number, open: number, high: number, low: number, close: number): readonly [number, number, number, number] {
  const nearerIsHigh = high - open < open - low;
  const highFirst = rule === 'ohlc' || (rule === 'adverse_first' && position < 0) || ((rule === 'adaptive' || (rule === 'adverse_first' && position === 0)) && nearerIsHigh);
  return highFirst ? [open, high, low, close] : [open, low, high, close];
}

/** When and at what price before slippage an order acts; `kind` says which rule fixed the price. */
export interface Act extends Moment { price: number; kind: 'open' | 'limit' | 'stop' | 'close' }

export interface BarContext {
  path: readonly [number, number, number, number];
  firstOfSession: boolean;
  closesSession: boolean;
  touch: boolean;
}

/** The first moment at or after `from` at which the order acts in this bar, or null. */
export function nextAct(order: Order, bar: BarContext, from: Moment): Act | null {
  const atOpen = from.segment === 0;
  const open = bar.path[0];
  if (order.orderType === 'market_on_close' || order.tif === 'cls') return closeAct(order, bar);
  if (order.orderType === 'market_on_open' || order.tif === 'opg') {
    if (!bar.firstOfSession || !atOpen) return null;
    if (order.limitPrice !== null && (order.limitPrice - open) * order.sign < 0) return null;
    return { segment: 0, distance: 0, price: open, kind: 'open' };
  }
  if (order.orderType === 'market' || (order.triggered && order.orderType !== 'stop_limit')) return atOpen ? { segment: 0, distance: 0, price: open, kind: 'open' } : null;
  if (order.orderType === 'limit' || order.triggered) return limitAct(order.limitPrice!, order.sign, bar, from);
  const level = order.stopLevel();
  return level === null ? null : stopAct(decimal.toNumber(level), order.sign, bar, from);
}

function closeAct(order: Order, bar: BarContext): Act | null {
  const close = bar.path[3];
  if (!bar.closesSession || (order.limitPrice !== null && (order.limitPrice - close) * order.sign < 0)) return null;
  return { segment: 4, distance: 0, price: close, kind: 'close' };
}

/** A buy limit needs the price to fall to it (strictly through it, unless `touch`); a sell limit mirrored. */
function limitAct(limit: number, sign: 1 | -1, bar: BarContext, from: Moment): Act | null {
  if (from.segment === 0 && (limit - bar.path[0]) * sign >= 0) return { segment: 0, distance: 0, price: bar.path[0], kind: 'open' };
  for (let segment = Math.max(1, from.segment); segment <= 3; segment++) {
    const start = bar.path[segment - 1]!;
    const end = bar.path[segment]!;
    const depth = (limit - end) * sign;
    const reached = (start - limit) * sign >= 0 && (depth > 0 || (bar.touch && depth === 0));
    if (!reached) continue;
    const distance = Math.abs(start - limit);
    if (segment === from.segment && distance < from.distance) continue;
    return { segment, distance, price: limit, kind: 'limit' };
  }
  return null;
}

/** A buy stop is reached when the price rises to it; a sell stop mirrored. */
function stopAct(stop: number, sign: 1 | -1, bar: BarContext, from: Moment): Act | null {
  if (from.segment === 0 && (bar.path[0] - stop) * sign >= 0) return { segment: 0, distance: 0, price: bar.path[0], kind: 'open' };
  for (let segment = Math.max(1, from.segment); segment <= 3; segment++) {
    const start = bar.path[segment - 1]!;
    const end = bar.path[segment]!;
    if ((end - stop) * sign < 0 || (stop - start) * sign < 0) continue;
    const distance = Math.abs(stop - start);
    if (segment === from.segment && distance < from.distance) continue;
    return { segment, distance, price: stop, kind: 'stop' };
  }
  return null;
}
