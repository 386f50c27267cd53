import { calendarFor } from '#quant/calendars';
import { wilderRsi } from './alphas.ts';
import { referenceRun, type Action, type ReferenceOutput } from './engine.ts';
import { normalCdf, psr } from './metrics.ts';
import type { PostedBar } from './slices.ts';

/** The worked scenarios of trading.md 11, to the last printed digit. */
const SESSIONS = [
  '2024-01-02',
  '2024-01-03',
  '2024-01-04',
  '2024-01-05',
  '2024-01-08',
  '2024-01-09',
  '2024-01-10',
  '2024-01-11',
  '2024-01-12',
  '2024-01-16',
];
const A_BARS: [number, number, number, number][] = [
  [100, 101, 99, 100],
  [101, 103, 100, 102],
  [102, 104, 101, 103],
  [104, 106, 103, 105],
  [105, 107, 104, 106],
  [106, 106, 101, 102],
  [101, 102, 98, 99],
  [99, 101, 97, 100],
  [100, 104, 100, 103],
  [103, 105, 102, 104],
];

function bars(
  rows: [number, number, number, number, (number | null)?][],
  symbol = 'X.SIM',
  dates = SESSIONS,
): PostedBar[] {
  return rows.map(([open, high, low, close, volume], i) => ({
    vt_symbol: symbol,
    time: dates[i]!,
    open,
    high,
    low,
    close,
    volume: volume ?? null,
  }));
}

function document(strategy: Record<string, unknown>, backtest: Record<string, unknown> = {}): unknown {
  return {
    strategy: {
      class: 'FrameworkAlgorithm',
      kwargs: { universe_model: { class: 'StaticUniverse', kwargs: { symbols: ['X.SIM'] } }, ...strategy },
    },
    backtest: { engine: 'event', kwargs: backtest },
  };
}
const targets = (...rows: [string, number][]) => ({
  portfolio_model: {
    class: 'ScheduledTargets',
    kwargs: { targets: rows.map(([time, weight]) => ({ time, vt_symbol: 'X.SIM', weight })) },
  },
});
const scheduled = (...orders: Record<string, unknown>[]) => ({
  execution_model: {
    class: 'ScheduledOrders',
    kwargs: { orders: orders.map((order) => ({ vt_symbol: 'X.SIM', ...order })) },
  },
});
const run = (doc: unknown, rows: PostedBar[], actions: Action[] = []): ReferenceOutput =>
  referenceRun({ document: doc, seed: 42, bars: rows, actions });
const A = () => run(document(targets(['2024-01-02', 0.95], ['2024-01-09', 0], ['2024-01-11', 0.5])), bars(A_BARS));
const fillsOf = (result: ReferenceOutput) => result.fills.map((f) => [f.side, f.quantity, f.price]);

describe('scenario A', () => {
  const result = A();
  it('hashes the bars', () => {
    expect(result.datasetHash).toBe('bf2ca6eb28d3c7bb16237ead500c6640cb0c0df41fb1a704b789f1f755b5908c');
  });
  it('fills at the next open', () => {
    expect(result.fills.map((f) => [f.fill_id, f.ts.slice(0, 10), f.side, f.quantity, f.price, f.commission])).toEqual([
      ['f-1', '2024-01-03', 'buy', '950', '101.0202', '47.984595'],
      ['f-2', '2024-01-10', 'sell', '950', '100.9798', '47.965405'],
      ['f-3', '2024-01-12', 'buy', '499', '100.02', '24.95499'],
    ]);
  });
  it('marks the equity', () => {
    expect(result.equity.map((row) => Number(row.equity.toFixed(8)))).toEqual([
      100000, 100882.825405, 101832.825405, 103732.825405, 104682.825405, 100882.825405, 99865.67, 99865.67,
      101327.73501, 101826.73501,
    ]);
    expect(result.equity[8]!.cash).toBe(49930.73501);
  });
  it('measures', () => {
    const m = result.metrics;
    const expected: Record<string, number> = {
      total_return: 0.0182673501,
      sharpe: 2.0396745219,
      sortino: 2.7028282058,
      volatility_ann: 0.2641693377,
      max_drawdown: -0.0460166736,
      max_drawdown_duration: 5,
      cagr: 0.6600872862,
      calmar: 14.3445241692,
      turnover: 2.4180998,
      turnover_ann: 33.3020653367,
      exposure_time: 7 / 9,
      mean_gross: 0.6469303141,
      var_95: -0.0258130941,
      cvar_95: -0.0363001284,
      skew: -1.470505769,
      kurtosis: 4.2387399375,
      psr: 0.6298418183,
      ulcer: 0.0285274741,
      commission_total: 120.90499,
      n_round_trips: 1,
      win_rate: 0,
      n_bars: 10,
      n_trades: 3,
    };
    for (const [key, value] of Object.entries(expected))
      expect([key, Number(m[key]!.toFixed(10))]).toEqual([key, Number(value.toFixed(10))]);
  });
  it('tells the round trip', () => {
    const trip = result.roundTrips[0]!;
    // The text prints 0.0592041018 for the MFE; its own formula, 107 / 101.0202 − 1, gives the value below.
    expect([trip.pnl, trip.mae.toFixed(10), trip.mfe.toFixed(10), trip.bars_held]).toEqual([
      '-134.33',
      '-0.0298969909',
      '0.0591941018',
      5,
    ]);
  });
  it('chains every event', () => {
    expect(result.events[0]).toEqual({ seq: 1, t: '2024-01-02T21:00:00.000Z', type: 'CLOCK' });
    expect(result.eventLogHash).toBe(A().eventLogHash);
  });
  it('says the same of a prefix (B)', () => {
    const prefix = run(
      document(targets(['2024-01-02', 0.95], ['2024-01-09', 0], ['2024-01-11', 0.5])),
      bars(A_BARS.slice(0, 7)),
    );
    const before = prefix.events.filter((event) => event.reason !== 'end_of_data' && event.t < '2024-01-10');
    expect(result.events.slice(0, before.length)).toEqual(before);
  });
});

describe('scenario D', () => {
  const buyLimit = scheduled({ time: SESSIONS[0], side: 'buy', order_type: 'limit', quantity: 10, limit_price: 99 });
  const rows = bars([
    [100, 100, 100, 100],
    [100, 101, 99, 100],
    [98.5, 99, 98, 98.5],
  ]);
  it('needs a trade through the limit, or touches it', () => {
    expect(run(document(buyLimit), rows).fills.map((f) => [f.ts.slice(0, 10), f.price])).toEqual([
      ['2024-01-04', '98.5'],
    ]);
    expect(
      run(document(buyLimit, { limit_touch: 'touch' }), rows).fills.map((f) => [f.ts.slice(0, 10), f.price]),
    ).toEqual([['2024-01-03', '99']]);
  });
  const long = { time: SESSIONS[0], side: 'buy', order_type: 'market', quantity: 10 };
  const after = (order: Record<string, unknown>, bar: [number, number, number, number]) =>
    run(
      document(scheduled(long, { time: SESSIONS[1], side: 'sell', quantity: 10, ...order })),
      bars([[100, 100, 100, 100], [100, 101, 99, 100], bar]),
    );
  it('gaps through a stop', () => {
    expect(after({ order_type: 'stop', stop_price: 95 }, [94, 96, 93, 95]).fills[1]!.price).toBe('93.9812');
    expect(after({ order_type: 'stop', stop_price: 95 }, [97, 98, 94.5, 95]).fills[1]!.price).toBe('94.981');
  });
  it('rests the stop limit on the remaining path', () => {
    expect(
      after({ order_type: 'stop_limit', stop_price: 95, limit_price: 94.8 }, [94, 95.2, 93, 94]).fills[1]!.price,
    ).toBe('94.8');
  });
});

it('scenario E', () => {
  const exits = (intrabar: string) => {
    const orders = scheduled(
      { time: SESSIONS[0], side: 'buy', order_type: 'market', quantity: 100 },
      {
        time: SESSIONS[1],
        side: 'sell',
        order_type: 'stop',
        stop_price: 97,
        quantity: 100,
        contingency: 'oco',
        group_id: 'g',
        reduce_only: true,
      },
      {
        time: SESSIONS[1],
        side: 'sell',
        order_type: 'limit',
        limit_price: 104,
        quantity: 100,
        contingency: 'oco',
        group_id: 'g',
        reduce_only: true,
      },
    );
    const result = run(
      document(orders, { intrabar }),
      bars([
        [100, 101, 99, 100],
        [100, 101, 99, 100],
        [100, 104.1, 95.5, 101],
      ]),
    );
    return [result.fills[1]!.price, result.orders.slice(1).map((o) => o.status)];
  };
  expect(exits('adverse_first')).toEqual(['96.9806', ['filled', 'cancelled']]);
  expect(exits('adaptive')).toEqual(['104', ['cancelled', 'filled']]);
});

it('scenario F', () => {
  const rows = bars([
    [100, 101, 99, 100, 1000],
    [100, 101, 99, 100, 2000],
    [100, 101, 99, 100, 3000],
    [100, 101, 99, 100, 10000],
  ]);
  const buy = (tif: string) =>
    run(
      document(scheduled({ time: SESSIONS[0], side: 'buy', order_type: 'market', quantity: 900, tif }), {
        max_participation: 0.1,
      }),
      rows,
    );
  expect(fillsOf(buy('gtc')).map((f) => f[1])).toEqual(['200', '300', '400']);
  expect(buy('fok').fills).toEqual([]);
  expect(buy('fok').orders[0]!.status).toBe('cancelled');
});

it('scenario G', () => {
  const all = (on_insufficient: string) =>
    run(
      document(targets([SESSIONS[0]!, 1]), { initial_cash: 10000, on_insufficient }),
      bars([
        [100, 100, 100, 100],
        [102, 103, 101, 102],
      ]),
    );
  const result = all('reduce');
  expect(result.orders[0]).toMatchObject({
    requested_quantity: '100',
    quantity: '99',
    filled_quantity: '97',
    status: 'cancelled',
    reason: 'reduced',
  });
  expect(result.fills[0]).toMatchObject({ quantity: '97', price: '102.0204', commission: '4.9479894' });
  expect(result.equity.at(-1)!.cash).toBe(99.0732106);
  expect(all('reject').orders[0]).toMatchObject({ status: 'denied', deny_codes: ['insufficient_buying_power'] });
});

it('scenario H', () => {
  const dates = ['2024-01-04', '2024-01-05', '2024-01-08', '2024-01-09'];
  const orders = scheduled(
    { time: dates[0], side: 'sell', order_type: 'market', quantity: 100 },
    { time: dates[2], side: 'buy', order_type: 'market', quantity: 100 },
  );
  const result = run(
    document(orders, { account: { type: 'margin' }, borrow_rate: 0.05, normalization: 'raw' }),
    bars(
      [
        [50, 50, 50, 50],
        [50, 51, 50, 51],
        [51, 51, 51, 51],
        [48, 48, 48, 48],
      ],
      'X.SIM',
      dates,
    ),
    [{ vt_symbol: 'X.SIM', ex_date: '2024-01-08', type: 'dividend', amount: 0.8 }],
  );
  const cash = result.events.filter((event) => event.type === 'CASH').map((event) => [event.kind, event.amount]);
  expect(cash).toEqual([
    ['trade', '4999'],
    ['commission', '-2.4995'],
    ['borrow', '-2.125'],
    ['dividend', '-80'],
    ['borrow', '-0.70833333'],
    ['trade', '-4800.96'],
    ['commission', '-2.40048'],
  ]);
  expect(104996.5005 - 2.125 - 80 - 4800.96 - 2.40048).toBeCloseTo(100111.01502, 8);
});

it('scenario I', () => {
  const dates = SESSIONS;
  const orders = scheduled(
    { time: dates[0], side: 'buy', order_type: 'market', quantity: 499 },
    { time: dates[1], side: 'sell', order_type: 'limit', limit_price: 110, quantity: 200 },
  );
  const result = run(
    document(orders, { normalization: 'raw' }),
    bars([
      [100, 101, 99, 100],
      [100, 101, 99, 100],
      [50, 51, 49, 50],
    ]),
    [{ vt_symbol: 'X.SIM', ex_date: dates[2]!, type: 'split', ratio: 2 }],
  );
  expect(result.equity[2]!.positions).toEqual({ 'X.SIM': { quantity: 998, avg_price: 50.01 } });
  expect(result.orders[1]).toMatchObject({ quantity: '400', limit_price: '55' });
  expect(result.equity[2]!.equity).toBe(result.equity[1]!.equity);
});

function daily(count: number, price: (i: number) => number): PostedBar[] {
  const sessions = calendarFor('SIM').sessions('2020-01-01', '2023-12-31').slice(0, count);
  return sessions.map((session, i) => ({
    vt_symbol: 'X.SIM',
    time: session.date,
    open: price(i),
    high: price(i) + 1,
    low: price(i) - 1,
    close: price(i),
    volume: null,
  }));
}

it('scenario J', () => {
  const rows = daily(60, (i) => (i < 30 ? 100 - i : 70 + (i - 30) * 2));
  const result = run(
    document(
      {
        alpha_model: { class: 'EmaCross', kwargs: { fast: 3, slow: 6, mode: 'event', horizon_bars: 10 } },
        portfolio_model: { class: 'EqualWeight', kwargs: { max_positions: 1 } },
      },
      { min_drift: 0.5 },
    ),
    rows,
  );
  const k = result.equity.findIndex((row) => row.ts === result.signals[0]!.ts);
  expect(result.equity.map((row, i) => ('X.SIM' in row.positions ? i : -1)).filter((i) => i >= 0)).toEqual(
    Array.from({ length: 10 }, (_, i) => k + 1 + i),
  );
  expect(result.fills[1]!.ts).toBe(result.equity[k + 11]!.ts);
});

it('scenario K', () => {
  expect(psr(2.5 / Math.sqrt(250), 1250, -3, 10)!.toFixed(10)).toBe('0.9999968595');
  expect(psr(2.5 / Math.sqrt(250), 1250, -3, 10, 0.1131720019)!.toFixed(9)).toBe('0.900396834');
  expect(normalCdf(-4)).toBeCloseTo(3.167124183311998e-5, 17);
  const closes = [
    44.34, 44.09, 44.15, 43.61, 44.33, 44.83, 45.1, 45.42, 45.84, 46.08, 45.89, 46.03, 45.61, 46.28, 46.28,
  ];
  expect(wilderRsi(closes, 14)!.toFixed(8)).toBe('70.46413502');
  expect(wilderRsi([...closes, 46], 14)!.toFixed(8)).toBe('66.24961855');
});

it('scenario Z', () => {
  const doc = document({
    alpha_model: { class: 'EmaCross', kwargs: { fast: 20, slow: 252 } },
    portfolio_model: { class: 'EqualWeight', kwargs: {} },
  });
  const result = run(
    doc,
    daily(300, (i) => 100 + i),
  );
  expect(result.fills[0]!.ts).toBe(result.equity[252]!.ts);
  expect(result.metrics.n_bars).toBe(300);
  const idle = run(document(targets([SESSIONS[0]!, 0])), bars(A_BARS));
  expect(idle.metrics).toMatchObject({ sharpe: null, sortino: null, calmar: null, max_drawdown: 0 });
  expect(run(document(targets([SESSIONS[0]!, 0.5])), bars(A_BARS.slice(0, 2))).metrics.sharpe).toBeNull();
});
