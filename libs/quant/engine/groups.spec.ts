import { DomainError } from '#kernel';
import { normaliseRecipe } from '../recipe/index.ts';
import { SESSIONS, dailyBars, orderOf, ordersRecipe, run, type Ran } from '../testing/builders.ts';

type Row = Record<string, unknown> & { bar: number };

const FREE = { slippage_bps: 0, commission_pct: 0 };
const MARGIN = { ...FREE, account: { type: 'margin' } };
const BOTH = ['X.SIM', 'Y.SIM'];

const flat = (...prices: number[]): number[][] => prices.map((price) => [price, price, price, price]);
const always = (price: number, sessions = 7): number[][] => flat(...Array<number>(sessions).fill(price));
const fills = (result: Ran): string[] =>
  result.artifacts.fills.map(
    (fill) => `${fill.ts.slice(5, 10)} ${fill.vt_symbol} ${fill.side} ${fill.quantity} @ ${fill.price}`,
  );
const oto = (...rows: Row[]): Row[] => rows.map((row) => ({ contingency: 'oto', group_id: 'p', ...row }));
const bracket = (bar: number, vtSymbol: string, quantity: number, stop: number, take: number, name: string): Row[] => {
  const group = { bar, vt_symbol: vtSymbol, quantity, contingency: 'bracket', group_id: name };
  return [
    { ...group, side: 'buy' },
    { ...group, side: 'sell', order_type: 'stop', stop_price: stop },
    { ...group, side: 'sell', order_type: 'limit', limit_price: take },
  ];
};

describe('F2a: an oto child of another symbol', () => {
  it('trades that symbol, in its order and in its fill', () => {
    const orders = oto(
      { bar: 1, vt_symbol: 'X.SIM', side: 'buy', quantity: 10 },
      { bar: 1, vt_symbol: 'Y.SIM', side: 'sell', quantity: 50 },
    );
    const result = run(ordersRecipe(orders, MARGIN, BOTH), [
      ...dailyBars(always(100)),
      ...dailyBars(always(20), 'Y.SIM'),
    ]);
    expect(fills(result)).toEqual(['01-03 X.SIM buy 10 @ 100', '01-04 Y.SIM sell 50 @ 20']);
    expect(orderOf(result, 'o-2')).toMatchObject({
      vt_symbol: 'Y.SIM',
      side: 'sell',
      filled_quantity: '50',
      parent_order_id: 'o-1',
      group_id: 'p',
    });
    expect(result.rows.at(-1)!.positions).toEqual({
      'X.SIM': { quantity: 10, avg_price: 100 },
      'Y.SIM': { quantity: -50, avg_price: 20 },
    });
  });

  it('is due with the bar of its parent, on another calendar too', () => {
    const orders = oto(
      { bar: 1, vt_symbol: 'X.NYSE', side: 'buy', quantity: 10 },
      { bar: 1, vt_symbol: 'Y.LSE', side: 'buy', quantity: 50 },
    );
    const result = run(ordersRecipe(orders, FREE, ['X.NYSE', 'Y.LSE']), [
      ...dailyBars(always(100), 'X.NYSE'),
      ...dailyBars(flat(20, 21, 22, 23, 24, 25, 26), 'Y.LSE'),
    ]);
    expect(fills(result)).toEqual(['01-03 X.NYSE buy 10 @ 100', '01-04 Y.LSE buy 50 @ 22']);
    expect(result.warnings).toEqual([]);
  });

  it('waits for the first bar of its symbol, is denied before there is one, and told if there never is', () => {
    const orders = oto(
      { bar: 1, side: 'buy', quantity: 10 },
      { bar: 1, vt_symbol: 'Y.SIM', side: 'buy', quantity: 50 },
      { bar: 1, vt_symbol: 'Z.SIM', side: 'buy', quantity: 1 },
    );
    const late = (days: readonly string[]): Ran =>
      run(ordersRecipe(orders, FREE, BOTH), [...dailyBars(always(100)), ...dailyBars(flat(20, 25, 26), 'Y.SIM', days)]);
    expect(fills(late([SESSIONS[0], SESSIONS[4], SESSIONS[5]]))[1]).toBe('01-08 Y.SIM buy 50 @ 25');
    const denied = late([SESSIONS[3], SESSIONS[4], SESSIONS[5]]);
    expect(orderOf(denied, 'o-2')).toMatchObject({
      vt_symbol: 'Y.SIM',
      status: 'denied',
      deny_codes: ['not_tradable'],
    });
    expect(denied.warnings).toContainEqual(
      expect.objectContaining({ code: 'symbol_without_data', vt_symbol: 'Z.SIM' }),
    );
  });

  it('rescales with the splits of its own symbol, and with no others', () => {
    const orders = oto(
      { bar: 1, side: 'buy', order_type: 'limit', limit_price: 90, quantity: 10 },
      { bar: 1, vt_symbol: 'Y.SIM', side: 'buy', order_type: 'limit', limit_price: 20, quantity: 50 },
    );
    const result = run(
      ordersRecipe(orders, { ...FREE, normalization: 'raw' }, BOTH),
      [...dailyBars(flat(100, 100, 50, 40, 40, 40)), ...dailyBars(flat(20, 20, 20, 5, 5, 5), 'Y.SIM')],
      {
        actions: [
          { vt_symbol: 'X.SIM', ex_date: SESSIONS[2], type: 'split', ratio: 2 },
          { vt_symbol: 'Y.SIM', ex_date: SESSIONS[3], type: 'split', ratio: 4 },
        ],
      },
    );
    expect(fills(result)).toEqual(['01-05 X.SIM buy 20 @ 40', '01-08 Y.SIM buy 200 @ 5']);
    expect(orderOf(result, 'o-2').limit_price).toBe('5');
  });

  it('opens no short of what cannot be borrowed', () => {
    const orders = oto(
      { bar: 1, side: 'buy', quantity: 10 },
      { bar: 1, vt_symbol: 'Y.SIM', side: 'sell', quantity: 50 },
    );
    const result = run(ordersRecipe(orders, { ...MARGIN, not_borrowable: ['Y.SIM'] }, BOTH), [
      ...dailyBars(always(100)),
      ...dailyBars(always(20), 'Y.SIM'),
    ]);
    expect(orderOf(result, 'o-2')).toMatchObject({ status: 'denied', deny_codes: ['not_borrowable'] });
  });

  it('starts the extreme of a trailing stop with the last close of its symbol', () => {
    const orders = [
      { bar: 1, vt_symbol: 'Y.SIM', side: 'buy', quantity: 5 },
      ...oto(
        { bar: 2, side: 'buy', quantity: 10 },
        { bar: 2, vt_symbol: 'Y.SIM', side: 'sell', order_type: 'trailing_stop', trail_amount: 2, quantity: 5 },
      ),
    ];
    const days = SESSIONS.filter((_, i) => i !== 2);
    const result = run(ordersRecipe(orders, FREE, BOTH), [
      ...dailyBars(always(100)),
      ...dailyBars([...flat(20, 20), [19, 19, 17, 17], ...flat(17, 17)], 'Y.SIM', days),
    ]);
    expect(fills(result).at(-1)).toBe('01-05 Y.SIM sell 5 @ 18');
  });
});

describe('F2b: brackets of one day', () => {
  const bars = [...dailyBars(always(100)), ...dailyBars(flat(20, 20, 20, 21, 22, 23, 24), 'Y.SIM')];
  const result = (...names: [string, string]): Ran =>
    run(
      ordersRecipe(
        [...bracket(1, 'X.SIM', 10, 95, 105, names[0]), ...bracket(1, 'Y.SIM', 50, 19, 23, names[1])],
        FREE,
        BOTH,
      ),
      bars,
    );

  it('end with the market order that completes an exit, counted with those on their way', () => {
    const exits = [2, 3].map((bar) => ({ bar, side: 'sell', quantity: 50 }));
    const bars = dailyBars([...flat(100, 100), [100, 100, 100, 100, 0], ...flat(80, 80)]);
    const result = run(ordersRecipe([...bracket(1, 'X.SIM', 100, 95, 150, 'b'), ...exits], MARGIN), bars);
    expect(fills(result).slice(1)).toEqual(['01-05 X.SIM sell 50 @ 80', '01-05 X.SIM sell 50 @ 80']);
    const rows = result.artifacts.orders.filter(({ contingency }) => contingency === 'oco');
    expect(rows.map(({ status, reason }) => [status, reason])).toEqual([
      ['cancelled', 'exit'],
      ['cancelled', 'exit'],
    ]);
  });

  it.each<[string, [string, string]]>([
    ['bb', ['b', 'b']],
    ['xy', ['x', 'y']],
  ])('have one symbol each, named %s', (_, names) => {
    expect(fills(result(...names))).toEqual([
      '01-03 X.SIM buy 10 @ 100',
      '01-03 Y.SIM buy 50 @ 20',
      '01-09 Y.SIM sell 50 @ 23',
    ]);
    expect(result(...names).artifacts.orders.map((order) => order.group_id)).toEqual([
      names[0],
      names[1],
      names[0],
      names[0],
      names[1],
      names[1],
    ]);
  });
});

describe('an OCO group', () => {
  const leg = (bar: number, vtSymbol: string, order_type: string, price: number, name = 'g'): Row => ({
    bar,
    vt_symbol: vtSymbol,
    side: 'sell',
    quantity: 10,
    order_type,
    [`${order_type}_price`]: price,
    contingency: 'oco',
    group_id: name,
  });
  const pair = (bar: number, vtSymbol: string, stop: number, limit: number): Row[] => [
    leg(bar, vtSymbol, 'stop', stop),
    leg(bar, vtSymbol, 'limit', limit),
  ];

  it('leaves the stop of another day alone', () => {
    const orders = [{ bar: 1, side: 'buy', quantity: 20 }, ...pair(2, 'X.SIM', 90, 105), ...pair(3, 'X.SIM', 91, 120)];
    const result = run(ordersRecipe(orders, FREE), dailyBars(flat(100, 100, 100, 106, 106, 85, 85)));
    expect(fills(result)).toEqual([
      '01-03 X.SIM buy 20 @ 100',
      '01-05 X.SIM sell 10 @ 106',
      '01-09 X.SIM sell 10 @ 85',
    ]);
    expect(['o-2', 'o-5'].map((id) => [orderOf(result, id).status, orderOf(result, id).reason])).toEqual([
      ['cancelled', 'oco'],
      ['cancelled', 'oco'],
    ]);
  });

  it('leaves the orders of another symbol alone', () => {
    const orders = [
      { bar: 1, side: 'buy', quantity: 10 },
      { bar: 1, vt_symbol: 'Y.SIM', side: 'buy', quantity: 10 },
      ...pair(2, 'X.SIM', 90, 105),
      ...pair(2, 'Y.SIM', 18, 30),
    ];
    const result = run(ordersRecipe(orders, FREE, BOTH), [
      ...dailyBars(flat(100, 100, 100, 106, 106)),
      ...dailyBars(flat(20, 20, 20, 20, 17), 'Y.SIM'),
    ]);
    expect(fills(result).slice(2)).toEqual(['01-05 X.SIM sell 10 @ 106', '01-08 Y.SIM sell 10 @ 17']);
  });
});

it('keeps an OCO pair and a bracket of one name, day and symbol apart', () => {
  const pair = [
    { bar: 1, side: 'buy', quantity: 5, order_type: 'limit', limit_price: 50, contingency: 'oco', group_id: 'b' },
    { bar: 1, side: 'buy', quantity: 5, order_type: 'stop', stop_price: 103, contingency: 'oco', group_id: 'b' },
  ];
  const rows = [...pair, ...bracket(1, 'X.SIM', 10, 90, 105, 'b')];
  const result = run(ordersRecipe(rows, FREE), dailyBars(flat(100, 100, 106, 106)));
  expect(fills(result)).toEqual(['01-03 X.SIM buy 10 @ 100', '01-04 X.SIM sell 10 @ 106', '01-04 X.SIM buy 5 @ 106']);
  expect(result.artifacts.orders.map(({ status, reason }) => reason ?? status)).toEqual([
    'oco',
    'filled',
    'filled',
    'oco',
    'filled',
  ]);
});

describe('groups that cannot be meant', () => {
  const pointers = (rows: Row[]): string[] => {
    try {
      normaliseRecipe(ordersRecipe(rows, {}, BOTH));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      expect([error.status, error.code]).toEqual([422, 'invalid_component_params']);
      return error.options.errors!.map(({ pointer }) =>
        pointer.replace('/strategy/kwargs/execution_model/kwargs/orders/', ''),
      );
    }
    return [];
  };
  const [entry, stop, take] = bracket(1, 'X.SIM', 10, 95, 105, 'b') as [Row, Row, Row];
  const leg = {
    bar: 1,
    side: 'sell',
    quantity: 10,
    order_type: 'limit',
    limit_price: 105,
    contingency: 'oco',
    group_id: 'o',
  };
  const [parent, child] = oto(
    { bar: 1, side: 'buy', quantity: 10 },
    { bar: 1, vt_symbol: 'Y.SIM', side: 'sell', quantity: 50 },
  ) as [Row, Row];

  it.each<[string, Row[], string[]]>([
    ['a bracket whose first order only reduces', [{ ...entry, reduce_only: true }, stop], ['0/reduce_only']],
    ['a bracket without an exit', [entry], ['0/group_id']],
    ['an exit on the side of the entry', [entry, { ...stop, side: 'buy' }], ['1/side']],
    ['an exit of another quantity', [entry, stop, { ...take, quantity: 9 }], ['2/quantity']],
    ['an exit at the market', [entry, { ...entry, side: 'sell' }], ['1/order_type']],
    [
      'two stops',
      [entry, stop, { ...stop, order_type: 'trailing_stop', stop_price: null, trail_pct: 0.1 }],
      ['2/order_type'],
    ],
    ['two limits', [entry, take, take], ['2/order_type']],
    ['two entries', [entry, stop, entry, take], ['2/order_type', '2/side']],
    ['an exit of another symbol', [entry, { ...stop, vt_symbol: 'Y.SIM' }], ['1/vt_symbol']],
    ['an exit of another day', [entry, { ...stop, bar: 2 }], ['1/time']],
    ['an OCO order alone', [leg], ['0/group_id']],
    ['OCO orders of two symbols', [leg, { ...leg, vt_symbol: 'Y.SIM' }], ['1/vt_symbol']],
    ['OCO orders of two days', [leg, { ...leg, bar: 2 }], ['1/time']],
    ['an OCO pair with a third order of another symbol', [leg, leg, { ...leg, vt_symbol: 'Y.SIM' }], ['2/vt_symbol']],
    ['a parent without a child', [parent], ['0/group_id']],
    ['a child of another day', [parent, { ...child, bar: 2 }], ['1/time']],
    ['a parent after its children of another day', [{ ...child, bar: 2 }, parent, child], ['0/group_id']],
    ['a parent with the exits of a bracket', [parent, { ...stop, group_id: 'p' }], ['0/group_id', '1/group_id']],
    ['a parent with an OCO pair', [parent, { ...leg, group_id: 'p' }, { ...leg, group_id: 'p' }], ['0/group_id']],
    ['a bracket with an OCO leg', [entry, stop, { ...take, contingency: 'oco' }], ['2/group_id']],
    ['a free order that names a group', [leg, leg, { ...leg, contingency: 'none' }], ['2/contingency']],
    [
      'a free order that names the group of another symbol',
      [parent, child, { ...child, contingency: 'none', vt_symbol: 'Z.SIM' }],
      ['2/contingency'],
    ],
  ])('%s', (_, rows, expected) => {
    expect(pointers(rows)).toEqual(expected);
  });

  it.each<[string, Row[]]>([
    ['a bracket with one exit', [entry, take]],
    [
      'a bracket with a trailing stop',
      [entry, { ...stop, order_type: 'trailing_stop', stop_price: null, trail_pct: 0.1 }, take],
    ],
    [
      'the name of a bracket on two symbols and two days',
      [
        ...bracket(1, 'X.SIM', 1, 9, 11, 'b'),
        ...bracket(1, 'Y.SIM', 2, 9, 11, 'b'),
        ...bracket(2, 'X.SIM', 3, 9, 11, 'b'),
      ],
    ],
    ['rows of groups between each other', [entry, leg, stop, { ...leg, side: 'buy' }, take]],
    [
      'three OCO orders of other sides and quantities',
      [leg, { ...leg, side: 'buy', quantity: 3 }, { ...leg, quantity: 7 }],
    ],
    [
      'one name for an OCO group and a bracket of another symbol',
      [entry, stop, { ...leg, vt_symbol: 'Y.SIM', group_id: 'b' }, { ...leg, vt_symbol: 'Y.SIM', group_id: 'b' }],
    ],
    [
      'a parent that only reduces, with children of its own and another symbol',
      [{ ...parent, reduce_only: true }, child, { ...child, vt_symbol: 'X.SIM' }],
    ],
    ['a free order with a name of its own', [{ ...leg, contingency: 'none' }, entry, stop]],
    ['one instant written in two ways', [leg, { ...leg, bar: 1, time: `${SESSIONS[0]}T00:00:00Z` }]],
  ])('but these can: %s', (_, rows) => {
    expect(pointers(rows)).toEqual([]);
  });

  it('are all told at once, by their rows', () => {
    expect(pointers([...bracket(1, 'X.SIM', 10, 95, 105, 'b').slice(0, 1), { ...leg, bar: 3 }, parent])).toEqual([
      '0/group_id',
      '1/group_id',
      '2/group_id',
    ]);
  });
});
