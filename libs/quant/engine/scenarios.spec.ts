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
  scenarioA,
} from '../testing/builders.ts';

const flat = (price: number, volume: number | null = null): (number | null)[] => [
  price,
  price + 1,
  price - 1,
  price,
  volume,
];

describe('scenario B: determinism', () => {
  const bars = dailyBars(SCENARIO_A);

  it('gives equal hashes and byte-equal artifacts for the same input', () => {
    const [a, b] = [run(scenarioA(), bars), run(scenarioA(), bars)];
    expect([b.runHash, b.eventLogHash]).toEqual([a.runHash, a.eventLogHash]);
    expect(b.artifacts).toEqual(a.artifacts);
  });

  it('has another run hash and the same fills with another seed', () => {
    const [a, b] = [run(scenarioA(), bars), run(scenarioA(), bars, { seed: 43 })];
    expect(b.runHash).not.toBe(a.runHash);
    expect(b.artifacts.fills).toEqual(a.artifacts.fills);
  });

  it('decides the same on a prefix of the bars', () => {
    const whole = eventsOf(run(scenarioA(), bars));
    const part = eventsOf(run(scenarioA(), bars.slice(0, 7)));
    const last = part.findIndex((event) => event['type'] === 'ORDER_STATUS' && event['reason'] === 'end_of_data');
    const until = last < 0 ? part.length : last;
    expect(part.slice(0, until)).toEqual(whole.slice(0, until));
    expect(until).toBeGreaterThan(20);
  });
});

describe('scenario D: limits and stops', () => {
  const limit = { bar: 1, side: 'buy', order_type: 'limit', quantity: 10, limit_price: 99 };
  const bars = dailyBars([
    [100, 101, 99.5, 100],
    [100, 101, 99, 100],
    [98.5, 99, 98, 98.5],
  ]);

  it('needs a trade through the limit, or a touch when told so', () => {
    expect(fillsOf(run(ordersRecipe([limit]), bars))).toEqual(['buy 10 @ 98.5']);
    expect(fillsOf(run(ordersRecipe([limit], { limit_touch: 'touch' }), bars))).toEqual(['buy 10 @ 99']);
  });

  it.each([
    ['at the open beyond the stop', [94, 96, 93, 95], 'sell 10 @ 93.9812'],
    ['at the stop within the bar', [97, 98, 94.5, 96], 'sell 10 @ 94.981'],
  ])('fills a sell stop %s', (_where, bar, expected) => {
    const result = run(
      ordersRecipe([
        { bar: 1, side: 'buy', quantity: 10 },
        { bar: 2, side: 'sell', order_type: 'stop', quantity: 10, stop_price: 95 },
      ]),
      dailyBars([flat(100), flat(100), bar]),
    );
    expect(fillsOf(result)[1]).toBe(expected);
  });

  it('rests a triggered stop-limit on the remaining path', () => {
    const stopLimit = {
      bar: 2,
      side: 'sell',
      order_type: 'stop_limit',
      quantity: 10,
      stop_price: 95,
      limit_price: 94.8,
    };
    const result = run(
      ordersRecipe([{ bar: 1, side: 'buy', quantity: 10 }, stopLimit]),
      dailyBars([flat(100), flat(100), [94, 95.2, 93, 94]]),
    );
    expect(fillsOf(result)[1]).toBe('sell 10 @ 94.8');
  });
});

describe('scenario E: bracket', () => {
  const exit = { bar: 2, side: 'sell', quantity: 100, reduce_only: true, contingency: 'oco', group_id: 'exits' };
  const orders = [
    { bar: 1, side: 'buy', quantity: 100 },
    { ...exit, order_type: 'stop', stop_price: 97 },
    { ...exit, order_type: 'limit', limit_price: 104 },
  ];
  const bars = dailyBars([flat(100), flat(100), [100, 104.1, 95.5, 101]]);

  it.each([
    ['adverse_first', 'sell 100 @ 96.9806', 'o-2', 'o-3'],
    ['adaptive', 'sell 100 @ 104', 'o-3', 'o-2'],
  ])('%s decides which exit acts, the other is cancelled', (intrabar, expected, done, sibling) => {
    const result = run(ordersRecipe(orders, { intrabar }), bars);
    expect(fillsOf(result)[1]).toBe(expected);
    expect(orderOf(result, done).status).toBe('filled');
    expect(orderOf(result, sibling)).toMatchObject({ status: 'cancelled', reason: 'oco', filled_quantity: '0' });
  });
});

describe('scenario F: participation', () => {
  const bars = dailyBars([flat(50, 1_000), flat(50, 2_000), flat(50, 3_000), flat(50, 10_000)]);

  it('fills its share of the volume and keeps the rest', () => {
    const result = run(
      ordersRecipe([{ bar: 1, side: 'buy', quantity: 900, tif: 'gtc' }], { max_participation: 0.1 }),
      bars,
    );
    expect(result.artifacts.fills.map((fill) => fill.quantity)).toEqual(['200', '300', '400']);
    expect(orderOf(result, 'o-1').status).toBe('filled');
  });

  it('fills nothing when all or nothing is not there', () => {
    const result = run(
      ordersRecipe([{ bar: 1, side: 'buy', quantity: 900, tif: 'fok' }], { max_participation: 0.1 }),
      bars,
    );
    expect(result.artifacts.fills).toEqual([]);
    expect(orderOf(result, 'o-1')).toMatchObject({ status: 'cancelled', reason: 'fok' });
  });
});

describe('scenario G: insufficient cash', () => {
  const document = (onInsufficient: string): unknown =>
    recipe({
      portfolio: {
        class: 'ScheduledTargets',
        kwargs: { targets: [{ time: SESSIONS[0], vt_symbol: 'X.SIM', weight: 1 }] },
      },
      kwargs: { initial_cash: 10_000, on_insufficient: onInsufficient },
    });
  const bars = dailyBars([flat(100), [102, 103, 101, 102]]);

  it('accepts and fills the largest affordable lot', () => {
    const result = run(document('reduce'), bars);
    expect(orderOf(result, 'o-1')).toMatchObject({
      requested_quantity: '100',
      quantity: '99',
      filled_quantity: '97',
      status: 'cancelled',
      reason: 'reduced',
    });
    expect(result.artifacts.fills[0]).toMatchObject({ quantity: '97', price: '102.0204', commission: '4.9479894' });
    expect(result.rows[1]!.cash).toBe(99.0732106);
  });

  it('denies the whole order with reject', () => {
    const result = run(document('reject'), bars);
    expect(orderOf(result, 'o-1')).toMatchObject({
      status: 'denied',
      deny_codes: ['insufficient_buying_power'],
      quantity: '100',
    });
    expect(result.artifacts.fills).toEqual([]);
  });
});

describe('scenario H: short sale with borrow and dividend', () => {
  const dates = ['2024-01-04', '2024-01-05', '2024-01-08'];
  const orders = [
    { time: dates[0], vt_symbol: 'X.SIM', side: 'sell', order_type: 'market', quantity: 100 },
    { time: dates[1], vt_symbol: 'X.SIM', side: 'buy', order_type: 'market', quantity: 100 },
  ];
  const document = recipe({
    execution: { class: 'ScheduledOrders', kwargs: { orders } },
    kwargs: { account: { type: 'margin' }, borrow_rate: 0.05, normalization: 'raw' },
  });

  it('posts every amount exactly', () => {
    const bars = dailyBars(
      [
        [50, 51, 49, 50],
        [50, 52, 49, 51],
        [48, 49, 47, 48],
      ],
      'X.SIM',
      dates,
    );
    const result = run(document, bars, {
      actions: [{ vt_symbol: 'X.SIM', ex_date: '2024-01-08', type: 'dividend', amount: 0.8 }],
    });
    expect(fillsOf(result)).toEqual(['sell 100 @ 49.99', 'buy 100 @ 48.0096']);
    const cash = eventsOf(result).filter((event) => event['type'] === 'CASH');
    expect(cash.map((event) => [event['kind'], event['amount']])).toEqual([
      ['trade', '4999'],
      ['commission', '-2.4995'],
      ['borrow', '-2.125'],
      ['dividend', '-80'],
      ['trade', '-4800.96'],
      ['commission', '-2.40048'],
    ]);
    expect(cash[1]!['balance']).toBe('104996.5005');
    expect(result.finalEquity).toBe(100111.01502);
    expect(result.metrics).toMatchObject({ borrow_total: 2.125, n_round_trips: 1 });
  });
});

describe('scenario I: split', () => {
  const orders = [
    { bar: 1, side: 'buy', quantity: 499 },
    { bar: 2, side: 'sell', order_type: 'limit', quantity: 200, limit_price: 110 },
  ];
  const split = [{ vt_symbol: 'X.SIM', ex_date: SESSIONS[2], type: 'split', ratio: 2 }] as const;

  it('doubles quantities, halves prices and leaves equity alone', () => {
    const result = run(
      ordersRecipe(orders, { normalization: 'raw' }),
      dailyBars([flat(100), flat(100), [50, 51, 49, 50]]),
      { actions: split },
    );
    expect(fillsOf(result)).toEqual(['buy 499 @ 100.02']);
    expect(result.rows[2]!.positions).toEqual({ 'X.SIM': { quantity: 998, avg_price: 50.01 } });
    expect(orderOf(result, 'o-2')).toMatchObject({ quantity: '400', limit_price: '55' });
    expect(result.rows[2]!.equity).toBe(result.rows[1]!.equity);
  });

  it('cashes the fraction of a lot at the open', () => {
    const result = run(
      ordersRecipe([orders[0]!], { normalization: 'raw' }),
      dailyBars([flat(100), flat(100), [66, 67, 65, 66]]),
      { actions: [{ ...split[0], ratio: 1.5 }] },
    );
    expect(result.rows[2]!.positions['X.SIM']!.quantity).toBe(748);
    expect(eventsOf(result).find((event) => event['kind'] === 'split_fraction')).toMatchObject({ amount: '33' });
  });

  it('refuses actions on adjusted data', () => {
    expect(() => run(ordersRecipe(orders), dailyBars([flat(100), flat(100)]), { actions: split })).toThrow(
      expect.objectContaining({ code: 'double_adjustment', status: 422 }),
    );
  });
});

describe('scenario J: insight lifetime', () => {
  it('holds from k+1 to k+10 and sells at the open of k+11', () => {
    const closes = [
      ...Array.from({ length: 8 }, (_, i) => 100 - i),
      ...Array.from({ length: 25 }, (_, i) => 94 + 2 * i),
    ];
    const dates = sessionDates(closes.length);
    const result = run(
      recipe({
        alpha: { class: 'EmaCross', kwargs: { fast: 2, slow: 4, mode: 'event', horizon_bars: 10 } },
        portfolio: { class: 'EqualWeight', kwargs: { max_positions: 1 } },
      }),
      dailyBars(
        closes.map((c) => flat(c)),
        'X.SIM',
        dates,
      ),
    );
    const cross = result.rows.findIndex(
      (row) => row.ts === [...eventsOf(result)].find((event) => event['type'] === 'SIGNAL')!['t'],
    );
    const held = result.rows.flatMap((row, i) => (Object.keys(row.positions).length > 0 ? [i - cross] : []));
    expect(held).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(result.artifacts.fills.at(-1)).toMatchObject({ side: 'sell', ts: result.rows[cross + 11]!.ts });
  });
});

describe('scenario Z: warm-up and metrics', () => {
  it('decides first at the close of the bar that completes the warm-up', () => {
    const dates = sessionDates(300);
    const closes = dates.map((_, i) => 100 + i / 10);
    const document = recipe({
      alpha: { class: 'EmaCross', kwargs: { fast: 20, slow: 252 } },
      portfolio: { class: 'EqualWeight', kwargs: {} },
    });
    const result = run(
      document,
      dailyBars(
        closes.map((c) => flat(c)),
        'X.SIM',
        dates,
      ),
    );
    expect(result.normalised.warmupBars).toBe(252);
    expect(result.firstDecision).toBe(result.rows[251]!.ts);
    expect(result.artifacts.fills[0]!.ts).toBe(result.rows[252]!.ts);
    expect(result.metrics.n_bars).toBe(300);
    expect(result.metrics.exposure_time).toBe(1);
    const growth = result.rows[299]!.equity / result.rows[251]!.equity;
    expect(result.metrics.cagr).toBeCloseTo(growth ** (252 / 48) - 1, 12);
  });

  it('has no ratios for constant equity', () => {
    const { metrics } = run(
      scenarioA(),
      dailyBars(
        SESSIONS.slice(1, 4).map(() => flat(100)),
        'X.SIM',
        SESSIONS.slice(1, 4),
      ),
    );
    expect([metrics.sharpe, metrics.sortino, metrics.calmar, metrics.max_drawdown]).toEqual([null, null, null, 0]);
  });

  it('has no Sharpe ratio of one return', () => {
    expect(run(scenarioA(), dailyBars(SCENARIO_A.slice(0, 2))).metrics.sharpe).toBeNull();
  });

  it('says so when nothing was decided', () => {
    const result = run(
      recipe({ alpha: { class: 'EmaCross' }, portfolio: { class: 'EqualWeight' } }),
      dailyBars(SCENARIO_A),
    );
    expect(new Set(Object.values(result.metrics))).toEqual(new Set([null]));
    expect(result.warnings).toContainEqual(expect.objectContaining({ code: 'no_decision' }));
  });
});

/** The first `n` weekdays from 2023-01-03 that are US sessions. */
function sessionDates(n: number): string[] {
  const holidays = new Set([
    '2023-01-16',
    '2023-02-20',
    '2023-04-07',
    '2023-05-29',
    '2023-06-19',
    '2023-07-04',
    '2023-09-04',
    '2023-11-23',
    '2023-12-25',
    '2024-01-01',
    '2024-01-15',
    '2024-02-19',
    '2024-03-29',
    '2024-05-27',
  ]);
  const dates: string[] = [];
  for (let day = Date.UTC(2023, 0, 3); dates.length < n; day += 86_400_000) {
    const date = new Date(day);
    const text = date.toISOString().slice(0, 10);
    if (date.getUTCDay() % 6 !== 0 && !holidays.has(text)) dates.push(text);
  }
  return dates;
}
