import { inlineBarsToSeries, type InlineBar } from '../bars/index.ts';
import { normaliseRecipe } from '../recipe/index.ts';
import type { OrderRequest } from '../strategy/index.ts';
import {
  SCENARIO_A,
  SESSIONS,
  dailyBars,
  eventsOf,
  fillsOf,
  orderOf,
  ordersRecipe,
  recipe,
  run,
} from '../testing/builders.ts';
import { buildModels, runStrategy } from './run.ts';

const flat = (price: number, volume: number | null = null): (number | null)[] => [
  price,
  price + 1,
  price - 1,
  price,
  volume,
];
const buy = { bar: 1, side: 'buy', quantity: 10 };

describe('orders over time', () => {
  it('expires day orders after the session they were live in, gtd orders past their date', () => {
    const limit = { ...buy, order_type: 'limit', limit_price: 90 };
    const result = run(
      ordersRecipe([
        { ...limit, tif: 'day' },
        { ...limit, tif: 'gtd', gtd_until: SESSIONS[2] },
        { ...limit, tif: 'gtc' },
        { ...limit, tif: 'ioc' },
      ]),
      dailyBars([1, 2, 3, 4, 5].map(() => flat(100))),
    );
    const told = [1, 2, 3, 4].map((n) => [
      orderOf(result, `o-${n}`).status,
      orderOf(result, `o-${n}`).reason,
      orderOf(result, `o-${n}`).updated_at.slice(0, 10),
    ]);
    expect(told).toEqual([
      ['expired', 'day', SESSIONS[1]],
      ['expired', 'gtd', SESSIONS[3]],
      ['expired', 'end_of_data', SESSIONS[4]],
      ['cancelled', 'ioc', SESSIONS[1]],
    ]);
  });

  it('lets orders of a symbol without a bar wait', () => {
    const bars = [
      ...dailyBars([flat(100), flat(100), flat(100), flat(100)]),
      ...dailyBars([flat(50), flat(52)], 'Y.SIM', [SESSIONS[0], SESSIONS[3]]),
    ];
    const result = run(ordersRecipe([{ ...buy, vt_symbol: 'Y.SIM', tif: 'day' }], {}, ['X.SIM', 'Y.SIM']), bars);
    expect(result.artifacts.fills.map((fill) => [fill.ts.slice(0, 10), fill.price])).toEqual([
      [SESSIONS[3], '52.0104'],
    ]);
  });

  it('never fills on a bar without volume', () => {
    expect(
      run(ordersRecipe([buy]), dailyBars([flat(100), flat(101, 0), flat(102)])).artifacts.fills.map(
        (fill) => fill.price,
      ),
    ).toEqual(['102.0204']);
  });

  it('trails a stop by the extremes up to the previous bar', () => {
    const orders = [buy, { bar: 2, side: 'sell', order_type: 'trailing_stop', quantity: 10, trail_amount: 5 }];
    const result = run(
      ordersRecipe(orders),
      dailyBars([flat(100), flat(100), [101, 110, 100, 109], [108, 112, 104, 105]]),
    );
    expect(fillsOf(result)[1]).toBe('sell 10 @ 104.979');
  });

  it('reduces first at the open, then goes by symbol and sequence', () => {
    const bars = [
      ...dailyBars([flat(100), flat(100), flat(100)], 'B.SIM'),
      ...dailyBars([flat(50), flat(50), flat(50)], 'A.SIM'),
    ];
    const orders = [
      { ...buy, vt_symbol: 'B.SIM' },
      { bar: 2, side: 'buy', quantity: 5, vt_symbol: 'A.SIM' },
      { bar: 2, side: 'sell', quantity: 10, vt_symbol: 'B.SIM' },
    ];
    expect(fillsOf(run(ordersRecipe(orders, {}, ['A.SIM', 'B.SIM']), bars)).slice(1)).toEqual([
      'sell 10 @ 99.98',
      'buy 5 @ 50.01',
    ]);
  });

  it('rounds prices to the tick against the trader', () => {
    const orders = [buy, { bar: 2, side: 'sell', quantity: 10 }];
    expect(
      fillsOf(
        run(ordersRecipe(orders), dailyBars([flat(100), flat(100), flat(100)]), {
          instruments: { 'X.SIM': { tick_size: 0.05 } },
        }),
      ),
    ).toEqual(['buy 10 @ 100.05', 'sell 10 @ 99.95']);
  });

  it('closes what is left beside a working sell, however little it is', () => {
    const targets = [1, 0.2, 0].map((weight, i) => ({ time: SESSIONS[i], vt_symbol: 'X.SIM', weight }));
    const bars = dailyBars([flat(100), flat(100), [100, 100, 100, 100, 0], flat(100), flat(100)]);
    const result = run(
      recipe({
        portfolio: { class: 'ScheduledTargets', kwargs: { targets } },
        kwargs: { min_order_value: 30_000, commission_pct: 0, slippage_bps: 0 },
      }),
      bars,
    );
    expect(result.artifacts.orders.map((order) => [order.side, order.requested_quantity])).toEqual([
      ['buy', '1000'],
      ['sell', '800'],
      ['sell', '200'],
    ]);
  });

  it.each([
    ['cash', 1e-8, 1e6, 1.3e-5],
    ['margin', 1e-10, 1e12, 2e-8],
    ['cash', 1e-4, 1e12, 1e-8],
  ])('sizes an order of a %s account in more lots than doubles can count: lot %p', (type, lot, cash, price) => {
    const targets = [{ time: SESSIONS[0], vt_symbol: 'X.SIM', weight: 1 }];
    const result = run(
      recipe({
        portfolio: { class: 'ScheduledTargets', kwargs: { targets } },
        kwargs: { lot_size: lot, initial_cash: cash, account: { type } },
      }),
      dailyBars([1, 1, 1].map(() => [price, price, price, price])),
    );
    expect(result.artifacts.orders).toHaveLength(1);
  });

  it('takes the last of several weights of a symbol for one bar', () => {
    const targets = [0.3, 0.6].map((weight) => ({ time: SESSIONS[0], vt_symbol: 'X.SIM', weight }));
    const result = run(
      recipe({ portfolio: { class: 'ScheduledTargets', kwargs: { targets } } }),
      dailyBars([flat(100), flat(100)]),
    );
    expect(result.artifacts.orders.map((order) => order.requested_quantity)).toEqual(['600']);
  });

  it('charges a minimum commission once per order over partial fills', () => {
    const result = run(
      ordersRecipe([{ ...buy, quantity: 300 }], {
        max_participation: 0.1,
        commission: { class: 'per_share', kwargs: {} },
      }),
      dailyBars([flat(100), flat(100, 1_000), flat(100, 1_500), flat(100, 9_000)]),
    );
    expect(result.artifacts.fills.map((fill) => [fill.quantity, fill.commission])).toEqual([
      ['100', '1'],
      ['150', '0.25'],
      ['50', '0.25'],
    ]);
  });

  it('keeps fractional lots exact', () => {
    const targets = [
      { time: SESSIONS[0], vt_symbol: 'X.SIM', weight: 0.5 },
      { time: SESSIONS[2], vt_symbol: 'X.SIM', weight: 0.1 },
    ];
    const result = run(
      recipe({
        portfolio: { class: 'ScheduledTargets', kwargs: { targets } },
        kwargs: { lot_size: 0.0001, initial_cash: 1000 },
      }),
      dailyBars([flat(37), flat(37), flat(37), flat(37)]),
    );
    expect(result.artifacts.fills.map((fill) => fill.quantity)).toEqual([
      '13.5135',
      expect.stringMatching(/^10\.8\d{0,3}$/),
    ]);
    expect(result.rows.at(-1)!.positions['X.SIM']!.quantity).toBe(
      Number((13.5135 - Number(result.artifacts.fills[1]!.quantity)).toFixed(4)),
    );
  });
});

describe('brackets', () => {
  const targets = (...rows: [number, number][]) => ({
    class: 'ScheduledTargets',
    kwargs: { targets: rows.map(([bar, weight]) => ({ time: SESSIONS[bar - 1], vt_symbol: 'X.SIM', weight })) },
  });
  const bracket = { class: 'Bracket', kwargs: { stop_pct: 0.03, take_pct: 0.5 } };

  it('creates the exits with the fill, live from the next bar, and drops them with an exit', () => {
    const result = run(
      recipe({ portfolio: targets([1, 0.5], [3, 0]), execution: bracket }),
      dailyBars([flat(100), [100, 101, 90, 100], flat(100), flat(100)]),
    );
    expect(orderOf(result, 'o-2')).toMatchObject({
      order_type: 'stop',
      stop_price: '97',
      reduce_only: true,
      parent_order_id: 'o-1',
      status: 'cancelled',
      reason: 'exit',
      group_id: orderOf(result, 'o-1').group_id,
    });
    expect(orderOf(result, 'o-3')).toMatchObject({
      order_type: 'limit',
      limit_price: '150',
      status: 'cancelled',
      reason: 'exit',
    });
    expect(fillsOf(result)).toHaveLength(2);
  });

  it('re-enters at once or at the next signal', () => {
    const document = (reentry: string): unknown =>
      recipe({
        alpha: { class: 'EmaCross', kwargs: { fast: 1, slow: 2, mode: 'event' } },
        portfolio: { class: 'EqualWeight' },
        execution: bracket,
        kwargs: { reentry },
      });
    const bars = dailyBars([
      [100, 101, 99, 100],
      [99, 100, 98, 99],
      [103, 105, 102, 104],
      [104, 105, 103, 104],
      [104, 105, 95, 104],
      [104, 106, 103, 105],
      [105, 106, 104, 105],
    ]);
    expect(run(document('immediate'), bars).artifacts.fills.map((fill) => fill.side)).toEqual(['buy', 'sell', 'buy']);
    expect(run(document('next_signal'), bars).artifacts.fills.map((fill) => fill.side)).toEqual(['buy', 'sell']);
  });
});

describe('margin', () => {
  const margin = { account: { type: 'margin' } };

  it('opens up to the leverage that the initial margin allows', () => {
    const result = run(ordersRecipe([{ ...buy, quantity: 3_000 }], margin), dailyBars([flat(100), flat(100)]));
    expect(orderOf(result, 'o-1')).toMatchObject({ requested_quantity: '3000', quantity: '1998' });
  });

  it('closes the largest position at the open after a margin call', () => {
    const orders = [{ ...buy, quantity: 1_500 }];
    const result = run(
      ordersRecipe(orders, margin),
      dailyBars([flat(100), flat(100), [60, 61, 39, 40], [42, 43, 41, 42]]),
    );
    expect(eventsOf(result).find((event) => event['type'] === 'RISK')).toMatchObject({
      policy: 'maintenance_margin',
      action: 'margin_call',
      value: expect.stringMatching(/^\d+(\.\d{1,8})?$/),
      limit: expect.stringMatching(/^\d+(\.\d{1,8})?$/),
    });
    expect(fillsOf(result)[1]).toBe('sell 1500 @ 41.9916');
    expect(orderOf(result, 'o-2').origin).toBe('liquidation');
  });

  it('ends in ruin with everything closed', () => {
    const result = run(
      ordersRecipe([{ ...buy, quantity: 1_900 }], margin),
      dailyBars([flat(100), flat(100), [60, 61, 39, 40], flat(50)]),
    );
    expect(result.warnings).toContainEqual(expect.objectContaining({ code: 'ruin' }));
    expect(result.rows).toHaveLength(3);
    expect(result.rows.at(-1)!.positions).toEqual({});
    expect(fillsOf(result)[1]).toBe('sell 1900 @ 39.992');
  });

  it('denies shorts of what cannot be borrowed', () => {
    const result = run(
      ordersRecipe([{ ...buy, side: 'sell' }], { ...margin, not_borrowable: ['X.SIM'] }),
      dailyBars([flat(100), flat(100)]),
    );
    expect(orderOf(result, 'o-1')).toMatchObject({ status: 'denied', deny_codes: ['not_borrowable'] });
  });
});

describe('orders of a strategy of the caller', () => {
  it.each([
    { orderType: 'market', limitPrice: 99 },
    { orderType: 'limit' },
    { orderType: 'stop_limit', stopPrice: 99 },
    { orderType: 'trailing_stop', trailPct: 0.1, trailAmount: 1 },
    { orderType: 'market', quantity: 0 },
  ] as Partial<OrderRequest>[])('are refused when their prices are not those of their type: %j', (fields) => {
    const normalised = normaliseRecipe(ordersRecipe([buy]));
    const models = {
      ...buildModels(normalised.recipe),
      execution: {
        execute: () => [
          { vtSymbol: 'X.SIM', side: 'buy' as const, orderType: 'market' as const, quantity: 1, ...fields },
        ],
      },
    };
    const input = {
      ...normalised,
      seed: 42,
      series: inlineBarsToSeries(dailyBars([flat(100), flat(100)]), '1d').series,
    };
    expect(() => runStrategy(models, input)).toThrow(expect.objectContaining({ code: 'bad_input' }));
  });
});

describe('orders of an auction', () => {
  const bars = dailyBars([flat(100), [101, 103, 100, 102], flat(102)]);

  it.each([
    ['a stop below the open', { order_type: 'stop', stop_price: 100.5, tif: 'opg' }, 'buy 10 @ 101.0202'],
    [
      'a stop-limit below the open',
      { order_type: 'stop_limit', stop_price: 100.5, limit_price: 101.01, tif: 'opg' },
      'buy 10 @ 101.01',
    ],
    ['a stop below the close', { order_type: 'stop', stop_price: 101.5, tif: 'cls' }, 'buy 10 @ 102.0204'],
  ])('fill %s', (_, fields, fill) => {
    expect(fillsOf(run(ordersRecipe([{ ...buy, ...fields }]), bars))).toEqual([fill]);
  });

  it.each([
    ['opg', { order_type: 'stop', stop_price: 102.5 }],
    ['opg', { order_type: 'trailing_stop', trail_amount: 5 }],
    ['opg', { order_type: 'stop_limit', stop_price: 100.5, limit_price: 100.8 }],
    ['cls', { order_type: 'stop', stop_price: 102.5 }],
  ])('end with the %s auction whose price does not reach %j', (tif, fields) => {
    const result = run(ordersRecipe([{ ...buy, ...fields, tif }]), bars);
    expect(orderOf(result, 'o-1')).toMatchObject({ status: 'cancelled', reason: tif, filled_quantity: '0' });
  });
});

describe('corporate actions and the end of data', () => {
  it.each([{ trail_amount: 10 }, { trail_pct: 0.1 }])('rescales a trailing stop with the split: %j', (trail) => {
    const orders = [
      { ...buy, bar: 1, quantity: 10 },
      { bar: 2, side: 'sell', order_type: 'trailing_stop', quantity: 10, ...trail },
    ];
    const bars = dailyBars(
      [100, 100, 100, 50]
        .map((price) => [price, price, price, price])
        .concat([
          [50, 50, 44, 45],
          [45, 45, 45, 45],
        ]),
    );
    const result = run(ordersRecipe(orders, { normalization: 'raw' }), bars, {
      actions: [{ vt_symbol: 'X.SIM', ex_date: SESSIONS[3], type: 'split', ratio: 2 }],
    });
    expect(fillsOf(result)[1]).toBe('sell 20 @ 44.991');
  });

  it('pays out a delisted position at the last price and forgets the symbol', () => {
    const bars = [
      ...dailyBars([flat(100), flat(100), flat(100), flat(100)]),
      ...dailyBars([flat(50), flat(51)], 'Y.SIM'),
    ];
    const result = run(
      ordersRecipe([{ ...buy, vt_symbol: 'Y.SIM' }], { normalization: 'raw' }, ['X.SIM', 'Y.SIM']),
      bars,
      { actions: [{ vt_symbol: 'Y.SIM', ex_date: SESSIONS[2], type: 'delisting' }] },
    );
    expect(result.artifacts.fills[1]).toMatchObject({
      side: 'sell',
      price: '51',
      commission: '0',
      ts: expect.stringContaining(SESSIONS[2]),
    });
  });

  it('closes at the last close when asked to', () => {
    const result = run(ordersRecipe([buy], { close_at_end: true }), dailyBars([flat(100), flat(100), flat(110)]));
    expect(fillsOf(result)).toEqual(['buy 10 @ 100.02', 'sell 10 @ 109.978']);
    expect(result.rows.at(-1)!.positions).toEqual({});
    expect(result.metrics.n_round_trips).toBe(1);
  });

  it('measures the impact of that close by what was traded before the bar', () => {
    const closing = (last: number) => {
      const bars = dailyBars(
        [100, 101, 99, 102, 100].map((price, i) => [price, price, price, price, i === 4 ? last : 1_000]),
      );
      return fillsOf(
        run(
          ordersRecipe([{ ...buy, quantity: 50 }], {
            close_at_end: true,
            slippage: { class: 'sqrt_impact', kwargs: { Y: 1 } },
          }),
          bars,
        ),
      )[1];
    };
    const returns = [101 / 100 - 1, 99 / 101 - 1, 102 / 99 - 1];
    const mean = returns.reduce((sum, value) => sum + value) / 3;
    const sigma = Math.sqrt(returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2);
    expect(closing(1_000)).toBe(`sell 50 @ ${Number((100 * (1 - sigma * Math.sqrt(50 / 1_000))).toFixed(8))}`);
    expect(closing(100_000)).toBe(closing(1_000));
  });

  it.each([[['X.SIM', 'Y.SIM']], [['X.SIM']]])(
    'compares with a benchmark as it is after its split: universe %j',
    (symbols) => {
      const prices = [100, 104, 102, 55, 54, 56];
      const bars = dailyBars(
        prices.map((price) => [price, price, price, price]),
        'Y.SIM',
      );
      const adjusted = dailyBars(
        prices.map((price, i) => (i < 3 ? price / 2 : price)).map((price) => [price, price, price, price]),
        'Y.SIM',
      );
      const own = dailyBars(SCENARIO_A.slice(0, 6));
      const series = (rows: InlineBar[]) =>
        inlineBarsToSeries([...own, ...rows], '1d').series.filter(({ vtSymbol }) => symbols.includes(vtSymbol));
      const measured = (rows: InlineBar[], options: object) =>
        run(ordersRecipe([buy], { benchmark: 'Y.SIM', normalization: 'raw' }, symbols), series(rows), {
          benchmark: inlineBarsToSeries(rows, '1d').series[0]!,
          ...options,
        });
      const split = measured(bars, {
        actions: [{ vt_symbol: 'Y.SIM', ex_date: SESSIONS[3], type: 'split', ratio: 2 }],
      });
      expect(split.metrics).toEqual(measured(adjusted, {}).metrics);
      expect(split.warnings).toEqual([]);
    },
  );

  it('drops bars outside sessions with a counted warning and needs some that are left', () => {
    const weekend = dailyBars([flat(100)], 'X.SIM', ['2024-01-06']);
    expect(run(ordersRecipe([buy]), [...dailyBars(SCENARIO_A), ...weekend]).warnings).toContainEqual(
      expect.objectContaining({ code: 'off_session', count: 1 }),
    );
    expect(() => run(ordersRecipe([buy]), weekend)).toThrow(expect.objectContaining({ code: 'no_data' }));
  });
});

describe('intraday bars', () => {
  const day = (date: string, prices: number[]): InlineBar[] =>
    prices.map((price, i) => ({
      vt_symbol: 'X.NYSE',
      time: new Date(Date.parse(`${date}T14:30:00Z`) + i * 3_600_000 * (6.5 / prices.length)).toISOString(),
      open: price,
      high: price + 1,
      low: price - 1,
      close: price,
      volume: null,
    }));
  const bars = [
    ...day(
      '2024-01-02',
      Array.from({ length: 78 }, (_, i) => 100 + i / 10),
    ),
    ...day(
      '2024-01-03',
      Array.from({ length: 78 }, (_, i) => 110 + i / 10),
    ),
  ];
  const order = (index: number, fields: object): object => ({
    time: bars[index]!.time,
    vt_symbol: 'X.NYSE',
    side: 'buy',
    quantity: 10,
    ...fields,
  });
  const document = recipe({
    symbols: ['X.NYSE'],
    kwargs: { interval: '5m', slippage_bps: 0 },
    execution: {
      class: 'ScheduledOrders',
      kwargs: {
        orders: [
          order(0, { order_type: 'market' }),
          order(3, { order_type: 'market_on_open' }),
          order(5, { order_type: 'market_on_close' }),
          order(6, { order_type: 'limit', limit_price: 50, tif: 'day' }),
        ],
      },
    },
  });
  const result = run(document, bars);

  it('knows a bar at its close and keeps session orders to their session', () => {
    expect(result.rows[0]!.ts).toBe('2024-01-02T14:35:00.000Z');
    expect(result.artifacts.fills.map((fill) => [fill.order_id, fill.ts, fill.price])).toEqual([
      ['o-1', '2024-01-02T14:40:00.000Z', '100.1'],
      ['o-3', '2024-01-02T21:00:00.000Z', '107.7'],
      ['o-2', '2024-01-03T14:35:00.000Z', '110'],
    ]);
    expect(orderOf(result, 'o-4')).toMatchObject({
      status: 'expired',
      reason: 'day',
      updated_at: '2024-01-02T21:00:00.000Z',
    });
  });

  it('samples equity at session closes', () => {
    const growth = result.rows.at(-1)!.equity / result.rows[0]!.equity;
    expect(result.metrics.cagr).toBeCloseTo(growth ** (252 / 2) - 1, 10);
    expect(inlineBarsToSeries(bars, '5m').series[0]!.time).toHaveLength(156);
  });
});
