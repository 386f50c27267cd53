import { createHash } from 'node:crypto';
import { calendarFor } from '#quant/calendars';
import type { Action } from './engine.ts';
import type { PostedBar } from './slices.ts';

/** One backtest request, made from nothing but its number. */
export interface GeneratedCase {
  id: number;
  document: any;
  seed: number;
  bars: PostedBar[];
  actions: Action[];
  instruments: Record<string, { lot_size?: number; tick_size?: number }>;
  /**
   * Stands for a run on the warehouse: the store adjusts prices for splits and dividends, the other actions reach the
   * run in every normalisation.
   */
  stored: boolean;
  /** Calendars of the universe. */
  calendars: number;
}

/** Uniform draws in [0, 1) from SHA-256 of a counter: slow, portable, the same on every machine. */
export class Draws {
  private counter = 0;
  private readonly seed: string;
  constructor(seed: string) {
    this.seed = seed;
  }
  next(): number {
    return createHash('sha256').update(`${this.seed}:${this.counter++}`).digest().readUInt32BE(0) / 4_294_967_296;
  }
  below(n: number): number {
    return Math.floor(this.next() * n);
  }
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }
  chance(p: number): boolean {
    return this.next() < p;
  }
  pick<T>(xs: readonly T[]): T {
    return xs[this.below(xs.length)]!;
  }
}

export const INTRADAY_MINUTES: Record<string, number> = { '1m': 1, '5m': 5, '15m': 15, '1h': 60 };

/** `symbols` is the universe; `labels` may hold one symbol more, for the benchmark. */
export interface Shape {
  interval: string;
  symbols: string[];
  labels: Map<string, { label: number; time: string; session: string }[]>;
  decisionLabels: string[];
}

function shape(draw: Draws): Shape {
  const interval = draw.pick(['1d', '1d', '1d', '1d', '1d', '1d', '1m', '1h', '15m'] as const);
  const pool = ['AA.SIM', 'BB.SIM', 'CC.NASDAQ', 'DD.NYSE', 'X.SIM', 'ZZ.SIM'];
  const symbols: string[] = [];
  for (let i = draw.pick([1, 1, 2, 3, 4]); i > 0; i--) symbols.push(pool.splice(draw.below(pool.length), 1)[0]!);
  const venue = draw.next();
  if (venue < 0.05) symbols.splice(0, symbols.length, 'BTC.BINANCE', ...(draw.chance(0.5) ? ['ETH.COINBASE'] : []));
  else if (venue < 0.08) symbols.splice(0, symbols.length, 'VOD.LSE');
  else if (venue < 0.11 && interval === '1d') symbols.push(draw.pick(['BTC.BINANCE', 'VOD.LSE', 'ES.CME']));
  else if (venue < 0.14) symbols.splice(0, symbols.length, 'MINE.LOCAL', 'AA.SIM');
  const year = draw.between(2012, 2023);
  const calendar = calendarFor(symbols[0]!.slice(symbols[0]!.lastIndexOf('.') + 1));
  const all = calendar.sessions(`${year}-${draw.pick(['01', '03', '06', '10'])}-01`, `${year + 2}-12-31`);
  const slots: { label: number; time: string; session: string }[] = [];
  if (interval === '1d')
    for (const session of all.slice(0, draw.chance(0.6) ? draw.between(20, 80) : draw.between(80, 300)))
      slots.push({ label: session.label, time: session.date, session: session.date });
  else {
    const step = INTRADAY_MINUTES[interval]! * 60_000;
    const wanted = draw.between(40, 250);
    for (const session of all) {
      for (let t = session.open; t < session.close && slots.length < wanted; t += step)
        slots.push({ label: t, time: new Date(t).toISOString().replace('.000Z', 'Z'), session: session.date });
      if (slots.length >= wanted) break;
    }
  }
  const labels = new Map<string, typeof slots>();
  const spare = draw.chance(0.15) ? [draw.pick(['QQ.SIM', 'WW.NASDAQ'])] : [];
  for (const symbol of [...symbols, ...spare]) {
    const gaps = draw.chance(0.35) ? draw.pick([0.02, 0.1, 0.3]) : 0;
    const from = draw.chance(0.15) ? draw.below(Math.ceil(slots.length / 3)) : 0;
    const to = draw.chance(0.1) ? slots.length - draw.below(Math.ceil(slots.length / 3)) : slots.length;
    const hole = draw.chance(0.1) ? draw.below(slots.length) : -1;
    const exchange = symbol.slice(symbol.lastIndexOf('.') + 1);
    const open = (slot: { label: number; session: string }): boolean =>
      interval !== '1d' || calendarFor(exchange).sessionByLabel(slot.label) !== undefined;
    const own = slots
      .slice(from, to)
      .filter(open)
      .filter((_slot, i) => !draw.chance(gaps) && !(hole >= 0 && i >= hole && i < hole + 8));
    labels.set(symbol, own.length > 0 ? own : [slots[0]!]);
  }
  const used = new Set(symbols.flatMap((symbol) => labels.get(symbol)!.map((slot) => slot.time)));
  return {
    interval,
    symbols,
    labels,
    decisionLabels: slots.filter((slot) => used.has(slot.time)).map((slot) => slot.time),
  };
}

/** Prices on a coarse grid, so that levels are touched, gapped and tied often. */
export function priceRows(draw: Draws, s: Shape): PostedBar[] {
  const rows: PostedBar[] = [];
  for (const symbol of s.labels.keys()) {
    const grid = draw.pick([1, 0.5, 0.25, 0.05, 0.01]);
    const round = (x: number): number => Number((Math.max(1, Math.round(x / grid)) * grid).toFixed(4));
    const swing = draw.pick([0.005, 0.015, 0.04, 0.1]);
    let price = draw.pick([10, 20, 50, 100, 101.01, 250]);
    let drift = draw.pick([-0.002, 0, 0.002]);
    const volumes = draw.pick(['null', 'large', 'small', 'mixed']);
    for (const slot of s.labels.get(symbol)!) {
      if (draw.chance(0.05)) drift = draw.pick([-0.006, -0.002, 0, 0.002, 0.006]);
      const open = draw.chance(0.3) ? round(price) : round(price * (1 + (draw.next() - 0.5) * swing));
      const close = draw.chance(0.1) ? open : round(open * (1 + drift + (draw.next() - 0.5) * 2 * swing));
      const top = Math.max(open, close);
      const bottom = Math.min(open, close);
      const high = draw.chance(0.25) ? top : Math.max(top, round(top * (1 + draw.next() * swing)));
      const low = draw.chance(0.25) ? bottom : Math.min(bottom, round(bottom * (1 - draw.next() * swing)));
      let volume: number | null = null;
      if (volumes === 'large') volume = draw.between(1, 500) * 10_000;
      else if (volumes === 'small') volume = draw.between(0, 60) * 50;
      else if (volumes === 'mixed') volume = draw.pick([null, 0, 100, 1000, 12_345, 100_000, 1_000_000]);
      rows.push({ vt_symbol: symbol, time: slot.time, open, high, low, close, volume });
      price = close;
    }
  }
  return rows;
}

function scheduledOrders(draw: Draws, s: Shape, rows: PostedBar[], sessions: string[]): unknown {
  const orders: Record<string, unknown>[] = [];
  const count = draw.between(3, 25);
  let group = 0;
  for (let i = 0; i < count; i++) {
    const symbol = draw.pick(s.symbols);
    const own = rows.filter((row) => row.vt_symbol === symbol);
    const bar = draw.pick(own);
    const later = own[Math.min(own.indexOf(bar) + draw.between(1, 4), own.length - 1)]!;
    const level = (): number =>
      Number(
        draw
          .pick([later.open, later.high, later.low, later.close, bar.close * 1.01, bar.close * 0.99, bar.high, bar.low])
          .toFixed(2),
      ) || 1;
    const base = {
      time: bar.time,
      vt_symbol: symbol,
      side: draw.chance(0.6) ? 'buy' : 'sell',
      quantity: draw.pick([1, 10, 50, 100, 250, 1000]),
    };
    const type = draw.pick([
      'market',
      'market',
      'market',
      'limit',
      'limit',
      'limit',
      'stop',
      'stop',
      'stop_limit',
      'stop_limit',
      'trailing_stop',
      'market_on_open',
      'market_on_close',
    ]);
    const order: Record<string, unknown> = { ...base, order_type: type };
    if (type === 'limit' || type === 'stop_limit') order.limit_price = level();
    if (type === 'stop' || type === 'stop_limit') order.stop_price = level();
    if (type === 'trailing_stop') {
      if (draw.chance(0.5)) order.trail_amount = draw.pick([0.5, 1, 2]);
      else order.trail_pct = draw.pick([0.01, 0.02, 0.05]);
    }
    const tif =
      type === 'market_on_open'
        ? draw.pick(['gtc', 'opg', 'day'])
        : type === 'market_on_close'
          ? draw.pick(['gtc', 'cls', 'day'])
          : draw.pick(['gtc', 'gtc', 'day', 'ioc', 'fok', 'gtd']);
    if (tif !== 'gtc' || draw.chance(0.3)) order.tif = tif;
    if (tif === 'gtd')
      order.gtd_until =
        sessions[Math.min(sessions.indexOf(bar.time.slice(0, 10)) + draw.between(1, 5), sessions.length - 1)];
    if (tif === 'gtd' && draw.chance(0.3))
      order.gtd_until = `${order.gtd_until as string}T${draw.pick(['15:00:00Z', '21:00:00Z', '20:00:00-05:00'])}`;
    if (draw.chance(0.15)) order.reduce_only = true;
    orders.push(order);
    if (draw.chance(0.3)) {
      const id = `g${++group}`;
      const exit = {
        ...base,
        side: base.side === 'buy' ? 'sell' : 'buy',
        time: later.time,
        contingency: 'oco',
        group_id: id,
        ...(draw.chance(0.6) ? { reduce_only: true } : {}),
      };
      orders.push(
        { ...exit, order_type: 'stop', stop_price: level() },
        { ...exit, order_type: 'limit', limit_price: level() },
      );
    }
  }
  return { class: 'ScheduledOrders', kwargs: { orders } };
}

export function strategy(draw: Draws, s: Shape, rows: PostedBar[], sessions: string[]): Record<string, unknown> {
  const out: Record<string, unknown> = { universe_model: { class: 'StaticUniverse', kwargs: { symbols: s.symbols } } };
  const risk = (): unknown => ({
    class: 'BasicRisk',
    kwargs: {
      max_position_pct: draw.pick([0.1, 0.25, 0.6, 1]),
      max_drawdown_pct: draw.pick([0.02, 0.05, 0.15, 0.5]),
      max_leverage: draw.pick([0.5, 1, 1.5]),
    },
  });
  const style = draw.next();
  if (style < 0.3) {
    out.execution_model = scheduledOrders(draw, s, rows, sessions);
    return out;
  }
  const short = draw.chance(0.5);
  const bold = draw.chance(0.2);
  if (style < 0.55) {
    const targets = Array.from({ length: draw.between(2, 25) }, () => ({
      time: draw.pick(s.decisionLabels),
      vt_symbol: draw.pick(s.symbols),
      weight: draw.pick([
        0,
        0,
        0.1,
        0.25,
        0.333,
        0.5,
        0.95,
        1,
        ...(short ? [-0.2, -0.5, -0.95] : []),
        ...(bold ? [2, 4, -3] : []),
      ]),
    }));
    const unique = new Map(targets.map((row) => [`${row.time} ${row.vt_symbol}`, row]));
    out.portfolio_model = { class: 'ScheduledTargets', kwargs: { targets: [...unique.values()] } };
  } else {
    const alphas = [
      () => ({
        class: 'EmaCross',
        kwargs: {
          fast: draw.between(2, 6),
          slow: draw.between(7, 20),
          mode: draw.pick(['event', 'level']),
          allow_short: short,
          ...(draw.chance(0.5) ? { horizon_bars: draw.between(1, 12) } : {}),
        },
      }),
      () => ({
        class: 'Rsi',
        kwargs: {
          period: draw.between(2, 14),
          oversold: draw.pick([30, 40]),
          overbought: draw.pick([60, 70]),
          allow_short: short,
        },
      }),
      () => ({
        class: 'MeanReversion',
        kwargs: {
          window: draw.between(3, 20),
          entry_z: draw.pick([1, 1.5, 2]),
          exit_z: draw.pick([0.3, 0.5]),
          allow_short: short,
        },
      }),
      () => ({
        class: 'DonchianBreakout',
        kwargs: { entry: draw.between(3, 20), exit: draw.between(2, 10), allow_short: short },
      }),
    ];
    out.alpha_model = draw.pick(alphas)();
    if (draw.chance(0.1))
      out.alpha_model = { class: 'MeanReversionAlpha', kwargs: { lookback: draw.between(3, 10), z_threshold: 1 } };
    out.portfolio_model = draw.pick([
      () => ({ class: 'EqualWeight', kwargs: draw.chance(0.5) ? { max_positions: draw.between(1, 3) } : {} }),
      () => ({ class: 'EqualWeight', kwargs: {} }),
      () => ({ class: 'SignalWeighted', kwargs: { max_positions: draw.between(1, 4) } }),
      () => ({
        class: 'FixedWeights',
        kwargs: {
          weights: Object.fromEntries(
            s.symbols.map((symbol) => [symbol, draw.pick([0.1, 0.3, 0.5, ...(short ? [-0.3] : [])])]),
          ),
        },
      }),
    ])();
    if (draw.chance(0.4)) out.rebalance_every = draw.between(2, 10);
  }
  if (draw.chance(0.3)) out.risk_model = risk();
  else if (draw.chance(0.15))
    out.risk_model = { class: 'Composite', kwargs: { models: [{ class: 'NoOp', kwargs: {} }, risk(), risk()] } };
  const execution = draw.next();
  if (execution < 0.2)
    out.execution_model = {
      class: 'LimitOffset',
      kwargs: { bps: draw.pick([5, 25, 100]), ttl_bars: draw.between(1, 4) },
    };
  else if (execution < 0.4)
    out.execution_model = {
      class: 'Bracket',
      kwargs: { stop_pct: draw.pick([0.01, 0.02, 0.05]), take_pct: draw.pick([0.01, 0.03, 0.1]) },
    };
  return out;
}

export function backtest(draw: Draws, s: Shape, sessions: string[]): Record<string, unknown> {
  const out: Record<string, unknown> = { interval: s.interval };
  const maybe = (p: number, key: string, values: readonly unknown[]): void => {
    if (draw.chance(p)) out[key] = draw.pick(values);
  };
  maybe(0.5, 'initial_cash', [1_500, 10_000, 25_000, 100_000, 1_000_000]);
  maybe(0.45, 'account', [
    { type: 'margin' },
    { type: 'margin', initial: 0.25, maintenance_long: 0.2 },
    { type: 'margin', max_leverage: 1.5 },
    { type: 'margin', initial: 0.1, maintenance_long: 0.08, maintenance_short: 0.09 },
    { type: 'cash' },
  ]);
  if (draw.chance(0.4)) out.slippage_bps = draw.pick([0, 1, 5, 12.5]);
  else
    maybe(0.4, 'slippage', [
      { class: 'volume_share', kwargs: { k: 0.05 } },
      { class: 'sqrt_impact', kwargs: { Y: 0.5 } },
      { class: 'volume_share', kwargs: {} },
    ]);
  if (draw.chance(0.3)) out.commission_pct = draw.pick([0, 0.001, 0.00035]);
  else
    maybe(0.5, 'commission', [
      { class: 'per_share', kwargs: {} },
      { class: 'per_share', kwargs: { rate: 0.01, min: 5, max_pct: 0.02 } },
      { class: 'per_order', kwargs: { amount: 2.5 } },
      { class: 'maker_taker', kwargs: { maker: 0.0001, taker: 0.0004 } },
    ]);
  maybe(0.3, 'max_participation', [0.01, 0.1, 0.333, 1]);
  maybe(0.3, 'limit_touch', ['touch']);
  maybe(0.5, 'intrabar', ['adaptive', 'ohlc', 'olhc', 'adverse_first']);
  maybe(0.2, 'on_insufficient', ['reject']);
  maybe(0.2, 'cash_buffer', [0.02, 0.1]);
  maybe(0.15, 'min_order_value', [0, 500, 2000]);
  maybe(0.3, 'min_drift', [0.005, 0.02, 0.05]);
  maybe(0.15, 'lot_size', [10, 100, 0.001]);
  maybe(0.3, 'borrow_rate', [0.05, 0.3]);
  maybe(0.2, 'cash_yield', [0.02]);
  maybe(0.2, 'debit_rate', [0.06]);
  maybe(0.1, 'not_borrowable', [[s.symbols[0]!]]);
  maybe(0.2, 'close_at_end', [true]);
  maybe(0.1, 'metrics_freq', ['bar']);
  maybe(0.1, 'mar', [0.0001]);
  maybe(0.2, 'reentry', ['next_signal']);
  maybe(0.2, 'risk_free', [0.03]);
  maybe(0.1, 'event_log', ['orders_only', 'off']);
  if (s.symbols.every((symbol) => !/BINANCE|COINBASE|LSE|CME/.test(symbol))) maybe(0.1, 'calendar', ['NYSE', 'SIM']);
  const instant = s.interval !== '1d' && draw.chance(0.2);
  if (instant) out.start = s.decisionLabels[Math.floor(s.decisionLabels.length * draw.next() * 0.5)];
  else if (draw.chance(0.3)) out.start = sessions[Math.floor(sessions.length * draw.next() * 0.6)];
  if (!instant && draw.chance(0.2))
    out.end = sessions[sessions.length - 1 - Math.floor(sessions.length * draw.next() * 0.2)];
  if (!instant && out.start !== undefined && out.end !== undefined && !((out.start as string) < (out.end as string)))
    delete out.start;
  return out;
}

function corporateActions(draw: Draws, s: Shape, sessions: string[]): Action[] {
  const actions: Action[] = [];
  for (const symbol of s.symbols) {
    for (let i = draw.below(3); i > 0; i--) {
      const own = [...new Set(s.labels.get(symbol)!.map((slot) => slot.session))];
      const ex_date = draw.pick(own);
      if (actions.some((action) => action.vt_symbol === symbol && action.ex_date === ex_date)) continue;
      if (draw.chance(0.5))
        actions.push({ vt_symbol: symbol, ex_date, type: 'split', ratio: draw.pick([2, 3, 0.5, 1.5, 0.1]) });
      else actions.push({ vt_symbol: symbol, ex_date, type: 'dividend', amount: draw.pick([0.1, 0.8, 1.25]) });
    }
    if (draw.chance(0.1)) {
      const last = s.labels.get(symbol)!.at(-1)!.session;
      const after = sessions.find((session) => session > last);
      if (after) actions.push({ vt_symbol: symbol, ex_date: after, type: 'delisting' });
    }
  }
  return actions;
}

/** A few bars before the open, which the engine must drop. */
function offSession(draw: Draws, bars: PostedBar[]): void {
  const first = new Map(bars.map((bar) => [`${bar.vt_symbol} ${bar.time.slice(0, 10)}`, bar]));
  for (const bar of [...first.values()])
    if (draw.chance(0.3)) bars.push({ ...bar, time: `${bar.time.slice(0, 10)}T05:00:00Z` });
}

const OLD_NAMES: Record<string, string> = {
  EmaCross: 'EmaCrossAlpha',
  MeanReversion: 'MeanReversionAlpha',
  EqualWeight: 'EqualWeightPortfolio',
  BasicRisk: 'BasicRiskModel',
  NoOp: 'NoOpRiskModel',
  MarketExecution: 'MarketOrderExecution',
};

/** Writes the strategy as old recipes do: former class names, module paths, bare and lower-case tickers. */
function oldSpelling(value: any): any {
  if (Array.isArray(value)) return value.map(oldSpelling);
  if (typeof value === 'string') return /^[A-Z]+\.NASDAQ$/.test(value) ? value.slice(0, -7).toLowerCase() : value;
  if (value === null || typeof value !== 'object') return value;
  const out: Record<string, any> = {};
  for (const [key, inner] of Object.entries(value))
    out[key.endsWith('.NASDAQ') ? key.slice(0, -7) : key] = oldSpelling(inner);
  if (typeof value.class === 'string' && OLD_NAMES[value.class])
    Object.assign(out, { class: OLD_NAMES[value.class], module_path: 'alphaswarm.models' });
  return out;
}

/**
 * The draw of the recorded logs: recipes of one grid of times, hardly ever of two calendars. Its stream is frozen, the
 * hashes in `recorded-logs.txt` belong to it; what is new is drawn in `generate.ts`.
 */
export function drawOneGrid(id: number): GeneratedCase {
  const draw = new Draws(`agreement-${id}`);
  const s = shape(draw);
  const bars = priceRows(draw, s);
  const sessions = [
    ...new Set(s.symbols.flatMap((symbol) => s.labels.get(symbol)!.map((slot) => slot.session))),
  ].sort();
  const kwargs = backtest(draw, s, sessions);
  let actions: Action[] = [];
  if (draw.chance(0.25)) {
    kwargs.normalization = 'raw';
    actions = corporateActions(draw, s, sessions);
  }
  if (draw.chance(0.15)) kwargs.benchmark = [...s.labels.keys()].at(-1);
  if (s.interval !== '1d' && draw.chance(0.08)) offSession(draw, bars);
  const instruments: GeneratedCase['instruments'] = {};
  if (draw.chance(0.15))
    instruments[draw.pick(s.symbols)] = draw.pick([
      { tick_size: 0.05 },
      { tick_size: 0.25 },
      { lot_size: 5 },
      { lot_size: 10, tick_size: 0.01 },
    ]);
  const document = {
    name: `case ${id}`,
    strategy: { class: 'FrameworkAlgorithm', kwargs: strategy(draw, s, bars, sessions) },
    backtest: { engine: 'event', kwargs },
  };
  if (draw.chance(0.15)) {
    document.strategy.kwargs = oldSpelling(document.strategy.kwargs);
    document.backtest = { class: 'EventDrivenBacktester', kwargs } as never;
  }
  return { id, document, seed: draw.pick([42, 7]), bars, actions, instruments, stored: false, calendars: 1 };
}
