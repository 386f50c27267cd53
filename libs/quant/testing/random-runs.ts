import type { InlineBar } from '../bars/index.ts';
import { calendarFor } from '../calendars/index.ts';
import { Xoshiro128, type Rng } from '../random/index.ts';
import { recipe } from './builders.ts';

const SYMBOLS = ['A.SIM', 'B.SIM', 'C.SIM'];

function pick<T>(rng: Rng, values: readonly T[]): T {
  return values[rng.below(values.length)]!;
}

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Daily bars of up to three symbols with gaps, unknown and zero volumes. */
function randomBars(rng: Rng, sessions: number): InlineBar[] {
  const dates = calendarFor('SIM')
    .sessions('2023-01-03', '2024-12-31')
    .slice(0, sessions)
    .map((session) => session.date);
  return SYMBOLS.slice(0, 1 + rng.below(3)).flatMap((vtSymbol) => {
    let price = 20 + rng.below(150);
    return dates.flatMap((time) => {
      const open = cents(price * (1 + 0.02 * rng.normal()));
      const close = Math.max(1, cents(open * (1 + 0.03 * rng.normal())));
      const high = cents(Math.max(open, close) * (1 + 0.01 * rng.uniform()));
      const low = cents(Math.min(open, close) * (1 - 0.01 * rng.uniform()));
      price = close;
      if (rng.uniform() < 0.05) return [];
      const u = rng.uniform();
      return [
        {
          vt_symbol: vtSymbol,
          time,
          open,
          high: Math.max(high, open, close),
          low: Math.min(low, open, close),
          close,
          volume: u < 0.3 ? null : u < 0.35 ? 0 : rng.below(3_000),
        },
      ];
    });
  });
}

function randomOrder(rng: Rng, bars: readonly InlineBar[]): Order {
  const bar = pick(rng, bars);
  const order_type = pick(rng, [
    'market',
    'market',
    'limit',
    'stop',
    'stop_limit',
    'trailing_stop',
    'market_on_open',
    'market_on_close',
  ]);
  const near = (): number => cents(bar.close * (1 + 0.03 * rng.normal()));
  const order: Record<string, unknown> = {
    time: bar.time,
    vt_symbol: bar.vt_symbol,
    side: pick(rng, ['buy', 'buy', 'sell']),
    order_type,
    quantity: 1 + rng.below(400),
    tif: pick(rng, ['gtc', 'gtc', 'day', 'ioc', 'fok']),
  };
  if (order_type === 'limit' || order_type === 'stop_limit') order['limit_price'] = near();
  if (order_type === 'stop' || order_type === 'stop_limit') order['stop_price'] = near();
  if (order_type === 'trailing_stop') order[rng.uniform() < 0.5 ? 'trail_amount' : 'trail_pct'] = 0.05;
  if (rng.uniform() < 0.1) order['reduce_only'] = true;
  return order;
}

type Order = Record<string, unknown>;

/**
 * An order alone or with its group. Few names for many groups: they come again in other slices and for other symbols.
 */
function randomOrders(rng: Rng, bars: readonly InlineBar[], name: string): Order[] {
  const order = randomOrder(rng, bars);
  const u = rng.uniform();
  if (u < 0.7) return [order];
  const { time, vt_symbol, quantity } = order;
  const bar = bars.find((one) => one.time === time && one.vt_symbol === vt_symbol)!;
  const side = order['side'] === 'buy' ? 'sell' : 'buy';
  const away = (sign: number): number =>
    cents(bar.close * (1 + (side === 'sell' ? sign : -sign) * 0.04 * rng.uniform()));
  const stop = { time, vt_symbol, side, quantity, order_type: 'stop', stop_price: away(-1) };
  const take = { time, vt_symbol, side, quantity, order_type: 'limit', limit_price: away(1) };
  const linked = (contingency: string, ...orders: Order[]): Order[] =>
    orders.map((one) => ({ ...one, contingency, group_id: name }));
  if (u < 0.8)
    return linked(
      'oco',
      order,
      { ...order, quantity: 1 + rng.below(400) },
      ...pick(rng, [[], [stop], [{ ...take, reduce_only: true }]]),
    );
  if (u < 0.9) return linked('bracket', { ...order, reduce_only: false }, ...pick(rng, [[stop, take], [stop], [take]]));
  const other = pick(rng, bars);
  return linked(
    'oto',
    order,
    ...pick(rng, [
      [stop],
      [stop, take],
      [{ ...randomOrder(rng, [other]), time }],
      [take, { ...randomOrder(rng, [other]), time }],
    ]),
  );
}

/** Names of groups that would share a slice are taken once. */
function randomTable(rng: Rng, bars: readonly InlineBar[], groups: number): Order[] {
  const taken = new Set<string>();
  return Array.from({ length: groups }).flatMap(() => {
    const orders = randomOrders(rng, bars, `g${rng.below(3)}`);
    const key = `${String(orders[0]!['time'])} ${String(orders[0]!['group_id'])}`;
    if (orders.length > 1 && taken.has(key)) return [];
    taken.add(key);
    return orders;
  });
}

function randomStrategy(rng: Rng, bars: readonly InlineBar[], symbols: string[]): Parameters<typeof recipe>[0] {
  if (rng.uniform() < 0.4)
    return {
      symbols,
      execution: { class: 'ScheduledOrders', kwargs: { orders: randomTable(rng, bars, 1 + rng.below(40)) } },
    };
  const allow_short = rng.uniform() < 0.5;
  return {
    symbols,
    alpha: pick(rng, [
      {
        class: 'EmaCross',
        kwargs: {
          fast: 2 + rng.below(5),
          slow: 8 + rng.below(10),
          mode: pick(rng, ['event', 'level']),
          allow_short,
          horizon_bars: pick(rng, [null, 3, 10]),
        },
      },
      { class: 'Rsi', kwargs: { period: 3 + rng.below(8), allow_short } },
      { class: 'MeanReversion', kwargs: { window: 5 + rng.below(10), entry_z: 1.2, allow_short } },
      { class: 'DonchianBreakout', kwargs: { entry: 5 + rng.below(10), exit: 3 + rng.below(5), allow_short } },
    ]),
    portfolio: pick(rng, [
      { class: 'EqualWeight', kwargs: { max_positions: 1 + rng.below(3) } },
      { class: 'SignalWeighted', kwargs: {} },
      {
        class: 'FixedWeights',
        kwargs: { weights: Object.fromEntries(symbols.map((symbol) => [symbol, cents(rng.uniform() / 2)])) },
      },
    ]),
    risk: pick(rng, [
      { class: 'NoOp' },
      { class: 'BasicRisk', kwargs: { max_position_pct: 0.6 } },
      { class: 'Composite', kwargs: { models: [{ class: 'BasicRisk', kwargs: {} }, { class: 'NoOp' }] } },
    ]),
    execution: pick(rng, [
      { class: 'MarketExecution' },
      { class: 'LimitOffset', kwargs: { bps: 20, ttl_bars: 2 } },
      { class: 'Bracket', kwargs: { stop_pct: 0.04, take_pct: 0.06 } },
    ]),
    rebalanceEvery: 1 + rng.below(3),
  };
}

function randomKwargs(rng: Rng): Record<string, unknown> {
  return {
    account: pick(rng, [{ type: 'cash' }, { type: 'margin' }, { type: 'margin', initial: 0.25 }]),
    slippage: pick(rng, [
      { class: 'bps', kwargs: { bps: 5 } },
      { class: 'volume_share', kwargs: {} },
      { class: 'sqrt_impact', kwargs: {} },
    ]),
    commission: pick(rng, [
      { class: 'pct', kwargs: {} },
      { class: 'per_share', kwargs: {} },
      { class: 'per_order', kwargs: {} },
      { class: 'maker_taker', kwargs: {} },
    ]),
    max_participation: pick(rng, [1, 0.1]),
    limit_touch: pick(rng, ['through', 'touch']),
    intrabar: pick(rng, ['adverse_first', 'adaptive', 'ohlc', 'olhc']),
    on_insufficient: pick(rng, ['reduce', 'reject']),
    lot_size: pick(rng, [1, 1, 10, 0.1]),
    ...pick(rng, [
      { borrow_rate: 0.03, debit_rate: 0.04, cash_yield: 0.02 },
      { borrow_rate: 0.03, debit_rate: 0.04 },
      {},
    ]),
    close_at_end: rng.uniform() < 0.3,
    reentry: pick(rng, ['immediate', 'next_signal']),
    cash_buffer: pick(rng, [0, 0.02]),
    min_drift: pick(rng, [0, 0.01]),
  };
}

/** A seeded recipe document with bars to run it on. */
export function randomRun(
  seed: number,
  sessions = 60,
): { document: Record<string, unknown>; bars: InlineBar[]; rng: Rng } {
  const rng = new Xoshiro128(seed, 'random-run');
  const bars = randomBars(rng, sessions);
  const symbols = [...new Set(bars.map((bar) => bar.vt_symbol))];
  return { document: recipe({ ...randomStrategy(rng, bars, symbols), kwargs: randomKwargs(rng) }), bars, rng };
}
