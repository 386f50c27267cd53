import { calendarFor } from '#quant/calendars';
import type { Action } from './engine.ts';
import {
  INTRADAY_MINUTES,
  backtest,
  Draws,
  priceRows,
  strategy,
  type GeneratedCase,
  type Shape,
} from './recorded-draw.ts';
import { exchangeOf, isoDate, nextDate, type PostedBar } from './slices.ts';

type Slot = { label: number; time: string; session: string };

const POOLS: string[][] = [
  ['AA.SIM', 'CC.NASDAQ', 'DD.NYSE', 'X.SIM'],
  ['VOD.LSE', 'BP.LSE'],
  ['ES.CME', 'NQ.CME'],
  ['BTC.BINANCE', 'ETH.COINBASE'],
  ['EURUSD.FX', 'GBPUSD.FX'],
];
const DAY = 86_400_000;

function symbolsOf(draw: Draws, least: number): string[] {
  const pools = POOLS.map((pool) => [...pool]);
  const symbols: string[] = [];
  for (let left = draw.between(least, 5); left > 0; left--) {
    const pool = pools.splice(draw.below(pools.length), 1)[0]!;
    symbols.push(pool.splice(draw.below(pool.length), 1)[0]!);
    if (draw.chance(0.25)) symbols.push(pool[0]!);
  }
  return symbols;
}

/** Slots of one symbol by its own calendar between two dates. */
function slotsOf(symbol: string, interval: string, from: string, to: string, extended: boolean): Slot[] {
  const calendar = calendarFor(exchangeOf(symbol));
  const sessions = calendar.sessions(from, to);
  if (interval === '1d') return sessions.map(({ label, date }) => ({ label, time: date, session: date }));
  if (interval === '1w') {
    const weeks = new Map<number, Slot>();
    for (const { label, date } of sessions) {
      const monday = label - ((new Date(label).getUTCDay() + 6) % 7) * DAY;
      if (monday >= Date.parse(from) && !weeks.has(monday)) weeks.set(monday, { label, time: date, session: date });
    }
    return [...weeks.values()];
  }
  const step = INTRADAY_MINUTES[interval]! * 60_000;
  const at = (t: number, date: string): Slot => ({
    label: t,
    time: new Date(t).toISOString().replace('.000Z', 'Z'),
    session: date,
  });
  return sessions.flatMap((session) => {
    const window = extended ? calendar.extended(session) : session;
    const first = session.open - Math.floor((session.open - window.open) / step) * step;
    const slots: Slot[] = [];
    for (let t = first; t < window.close; t += step) slots.push(at(t, session.date));
    return slots;
  });
}

interface Drawn extends Shape {
  from: string;
  to: string;
  extended: boolean;
  beside: string[];
}

function shape(draw: Draws, least: number): Drawn {
  const interval = draw.pick(['1d', '1d', '1d', '1d', '1h', '1h', '1h', '15m', '1w'] as const);
  const symbols = symbolsOf(draw, least);
  const extended = interval !== '1d' && interval !== '1w' && draw.chance(0.2);
  const start = Date.UTC(draw.between(2013, 2023), draw.below(12), draw.between(1, 28));
  const days =
    interval === '1d'
      ? draw.between(15, 70)
      : interval === '1w'
        ? draw.between(60, 300)
        : interval === '1h'
          ? draw.between(3, 9)
          : draw.between(1, 3);
  const [from, to] = [isoDate(start), isoDate(start + days * DAY)];
  const beside = draw.chance(0.25) ? [draw.pick(['QQ.SIM', 'QQ.LSE', 'QQ.CME', 'QQ.BINANCE', 'QQ.FX'])] : [];
  const labels = new Map<string, Slot[]>();
  for (const symbol of [...symbols, ...beside]) {
    const all = slotsOf(symbol, interval, from, to, extended);
    const gaps = draw.chance(0.4) ? draw.pick([0.02, 0.1, 0.3]) : 0;
    const late = draw.chance(0.2) ? draw.below(Math.ceil(all.length / 2)) : 0;
    const early = draw.chance(0.15) ? all.length - draw.below(Math.ceil(all.length / 2)) : all.length;
    const own = all.slice(late, early).filter(() => !draw.chance(gaps));
    if (own.length > 0) labels.set(symbol, own);
  }
  const traded = symbols.filter((symbol) => labels.has(symbol));
  // A window of holidays.
  if (traded.length === 0) return shape(draw, least);
  const decisionLabels = [...new Set(traded.flatMap((symbol) => labels.get(symbol)!.map((slot) => slot.time)))].sort();
  return {
    interval,
    symbols: traded,
    labels,
    decisionLabels,
    from,
    to,
    extended,
    beside: beside.filter((symbol) => labels.has(symbol)),
  };
}

const opposite = (side: unknown): string => (side === 'buy' ? 'sell' : 'buy');

/** Groups of every kind that can be meant, beside single orders; ids are shared between symbols and days on purpose. */
function groups(draw: Draws, s: Drawn, rows: PostedBar[]): Record<string, unknown>[] {
  const orders: Record<string, unknown>[] = [];
  for (let i = draw.between(1, 6); i > 0; i--) {
    const symbol = draw.pick(s.symbols);
    const bar = draw.pick(rows.filter((row) => row.vt_symbol === symbol));
    const kind = draw.pick(['bracket', 'bracket', 'oto', 'oto', 'oco']);
    const group_id = draw.pick(['a', 'b', `x${i}`]);
    const namesakes = orders.filter((order) => order.group_id === group_id && order.time === bar.time);
    if (namesakes.some((order) => kind === 'oto' || order.contingency !== kind || order.vt_symbol === symbol)) continue;
    const near = (factor: number): number => Math.max(0.01, Number((bar.close * factor).toFixed(2)));
    const base = {
      time: bar.time,
      vt_symbol: symbol,
      side: draw.chance(0.6) ? 'buy' : 'sell',
      quantity: draw.pick([1, 10, 50, 100]),
      group_id,
    };
    const entry = draw.chance(0.7)
      ? { ...base, order_type: 'market' }
      : {
          ...base,
          order_type: 'limit',
          limit_price: near(draw.pick([0.99, 1, 1.01])),
          ...(draw.chance(0.2) ? { post_only: true } : {}),
        };
    const up = base.side === 'buy' ? 1 : -1;
    const stop = (): Record<string, unknown> => {
      const exit = { ...base, side: opposite(base.side) };
      const kind = draw.pick(['stop', 'stop', 'stop_limit', 'trailing_stop']);
      if (kind === 'trailing_stop') return { ...exit, order_type: kind, trail_pct: draw.pick([0.01, 0.03]) };
      return {
        ...exit,
        order_type: kind,
        stop_price: near(1 - 0.02 * up),
        ...(kind === 'stop_limit' ? { limit_price: near(1 - 0.03 * up) } : {}),
      };
    };
    const take = (): Record<string, unknown> => ({
      ...base,
      side: opposite(base.side),
      order_type: 'limit',
      limit_price: near(1 + draw.pick([0.01, 0.03]) * up),
    });
    if (kind === 'bracket')
      orders.push(
        ...[entry, ...draw.pick([() => [stop(), take()], () => [stop()], () => [take()]])()].map((order) => ({
          ...order,
          contingency: kind,
        })),
      );
    else if (kind === 'oco')
      orders.push(
        ...[stop(), take(), ...(draw.chance(0.2) ? [take()] : [])].map((order) => ({ ...order, contingency: kind })),
      );
    else {
      const children = Array.from({ length: draw.between(1, 3) }, () => {
        const other = draw.pick(s.symbols);
        return draw.chance(0.4)
          ? stop()
          : {
              ...base,
              vt_symbol: other,
              side: draw.pick(['buy', 'sell']),
              quantity: draw.pick([5, 20]),
              order_type: draw.pick(['market', 'market_on_open', 'market_on_close']),
            };
      });
      orders.push(...[entry, ...children].map((order) => ({ ...order, contingency: kind })));
    }
  }
  return orders;
}

/** The first session of the symbol's own calendar after its last bar, and others among its bars. */
function actionsOf(draw: Draws, s: Drawn, priced: boolean, known: string[]): Action[] {
  const actions: Action[] = [];
  for (const symbol of [...s.symbols, ...known]) {
    const own = [...new Set(s.labels.get(symbol)!.map((slot) => slot.session))];
    if (priced) {
      for (let i = draw.below(3); i > 0; i--) {
        const ex_date = draw.pick(own);
        if (actions.some((action) => action.vt_symbol === symbol && action.ex_date === ex_date)) continue;
        const both = draw.chance(0.2);
        if (both || draw.chance(0.5))
          actions.push({ vt_symbol: symbol, ex_date, type: 'split', ratio: draw.pick([2, 3, 0.5, 1.5]) });
        if (both || actions.at(-1)?.ex_date !== ex_date)
          actions.push({ vt_symbol: symbol, ex_date, type: 'dividend', amount: draw.pick([0.1, 0.8, 1.25]) });
      }
    }
    if (draw.chance(0.12))
      actions.push({
        vt_symbol: symbol,
        ex_date: draw.chance(0.5) ? draw.pick(own) : nextDate(own.at(-1)!),
        type: 'delisting',
      });
  }
  if (draw.chance(0.05)) actions.push({ vt_symbol: 'NOBODY.NYSE', ex_date: s.from, type: 'delisting' });
  return actions;
}

/** A symbol that gets another name, or is taken over: the new one has bars from that session on, or none. */
function successions(draw: Draws, s: Drawn): Action[] {
  const old = draw.pick(s.symbols);
  const slots = s.labels.get(old)!;
  const ex_date = draw.pick([...new Set(slots.map((slot) => slot.session))]);
  const exchange = exchangeOf(old);
  const next = `NEW.${exchange}`;
  const moves = draw.chance(0.8);
  const type = draw.pick(['rename', 'rename', 'merger'] as const);
  if (type === 'merger' && draw.chance(0.3))
    return [{ vt_symbol: old, ex_date, type, amount: draw.pick([5, 20, 150]) }];
  if (moves) {
    const later = slots.filter((slot) => slot.session >= ex_date);
    s.symbols.push(next);
    s.labels.set(next, later);
    const before = slots.filter((slot) => slot.session < ex_date);
    if (before.length > 0 && draw.chance(0.8)) s.labels.set(old, before);
  }
  if (type === 'rename') return [{ vt_symbol: old, ex_date, type, new_vt_symbol: next }];
  return [
    {
      vt_symbol: old,
      ex_date,
      type,
      new_vt_symbol: next,
      ratio: draw.pick([1, 0.5, 1.25]),
      ...(draw.chance(0.3) ? { amount: 2 } : {}),
    },
  ];
}

/**
 * Recipes over one to five calendars, daily, weekly and intraday, with groups, actions of every kind and benchmarks
 * that may cover only a part.
 */
export function generateCase(id: number, options: { least?: number } = {}): GeneratedCase {
  const draw = new Draws(`universe-${options.least ?? 1}-${id}`);
  const s = shape(draw, options.least ?? 1);
  const moved = draw.chance(0.12) ? successions(draw, s) : [];
  const bars = priceRows(draw, s);
  const sessions = [
    ...new Set(s.symbols.flatMap((symbol) => s.labels.get(symbol)!.map((slot) => slot.session))),
  ].sort();
  const kwargs = backtest(draw, s, sessions);
  if (s.extended) kwargs.extended_hours = true;
  if (draw.chance(0.45)) kwargs.benchmark = draw.pick([...s.symbols, ...s.beside, ...s.beside, ...s.beside]);
  const stored = draw.chance(0.3);
  const raw = draw.chance(0.4);
  if (raw) kwargs.normalization = 'raw';
  else if (draw.chance(0.1)) kwargs.normalization = 'split_adjusted';
  const known = s.beside.filter((symbol) => symbol === kwargs.benchmark);
  const actions = [...moved, ...(draw.chance(0.45) ? actionsOf(draw, s, raw || stored, known) : [])];
  const instruments: GeneratedCase['instruments'] = {};
  if (draw.chance(0.2))
    instruments[draw.pick(s.symbols)] = draw.pick([
      { tick_size: 0.05 },
      { tick_size: 0.25 },
      { lot_size: 5 },
      { lot_size: 1 },
      { lot_size: 10, tick_size: 0.01 },
    ]);
  const kwargsOfStrategy = strategy(draw, s, bars, sessions) as any;
  if (kwargsOfStrategy.execution_model?.class === 'ScheduledOrders' && draw.chance(0.7))
    kwargsOfStrategy.execution_model.kwargs.orders.push(...groups(draw, s, bars));
  for (const row of kwargsOfStrategy.portfolio_model?.kwargs.targets ?? [])
    row.time = draw.pick(s.labels.get(row.vt_symbol)!).time;
  const document = {
    name: `case ${id}`,
    strategy: { class: 'FrameworkAlgorithm', kwargs: kwargsOfStrategy },
    backtest: { engine: 'event', kwargs },
  };
  const calendars = new Set(
    s.symbols.map((symbol) => POOLS.findIndex((pool) => pool.some((one) => exchangeOf(one) === exchangeOf(symbol)))),
  ).size;
  return { id, document, seed: draw.pick([42, 7]), bars, actions, instruments, stored, calendars };
}
