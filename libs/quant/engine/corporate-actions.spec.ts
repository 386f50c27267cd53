import { decimal } from '#kernel';
import { inlineBarsToSeries, type InlineBar } from '../bars/index.ts';
import { normaliseRecipe } from '../recipe/index.ts';
import { replayEventLog } from '../replay/index.ts';
import type { Ctx } from '../strategy/index.ts';
import { SESSIONS, eventsOf, fillsOf, ordersRecipe, recipe, run, toldRows, type Ran } from '../testing/builders.ts';
import { buildModels, runStrategy } from './run.ts';
import type { CorporateAction } from './types.ts';

type Kwargs = Record<string, unknown>;

const FREE = { slippage_bps: 0, commission_pct: 0, normalization: 'raw', initial_cash: 10_000 };
const flat = (vtSymbol: string, prices: readonly number[], from = 0): InlineBar[] =>
  prices.map((price, i) => ({
    vt_symbol: vtSymbol,
    time: SESSIONS[from + i]!,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: null,
  }));
const orders = (rows: Parameters<typeof ordersRecipe>[0], kwargs: Kwargs = {}, symbols?: string[]): Kwargs =>
  ordersRecipe(rows, { ...FREE, ...kwargs }, symbols);
const buy = { bar: 1, side: 'buy', quantity: 10 };
const ended = (result: Ran): Record<string, { quantity: number; avg_price: number }> => result.rows.at(-1)!.positions;
const codes = (result: Ran): unknown[] => result.warnings.map(({ code, vt_symbol, count }) => [code, vt_symbol, count]);
const posted = (result: Ran, type = 'CORP_ACTION'): Record<string, unknown>[] =>
  eventsOf(result).filter((event) => event['type'] === type);

/** INV-7 with what splits, renames and mergers do to positions (whole lots of 1), and the replay of the log. */
function holdsTogether(result: Ran): Ran {
  let cash = BigInt(decimal.roundHalfEven(decimal.exact(result.initialCash)));
  const held = new Map<string, number>();
  for (const event of eventsOf(result)) {
    const symbol = event['vt_symbol'] as string;
    const [own, ratio, heir] = [
      held.get(symbol) ?? 0,
      (event['ratio'] ?? 1) as number,
      event['new_vt_symbol'] as string | undefined,
    ];
    if (event['type'] === 'CASH') cash += decimal.roundHalfEven(decimal.parseExact(event['amount'] as string));
    if (event['type'] === 'FILL')
      held.set(symbol, own + (event['side'] === 'buy' ? 1 : -1) * Number(event['quantity']));
    if (event['type'] === 'CORP_ACTION' && event['kind'] === 'split') held.set(symbol, Math.trunc(own * ratio));
    if (event['type'] === 'CORP_ACTION' && heir !== undefined) {
      held.set(symbol, 0);
      held.set(heir, (held.get(heir) ?? 0) + Math.trunc(own * ratio));
    } else if (event['kind'] === 'merger' && event['amount'] !== undefined && event['type'] === 'CORP_ACTION')
      held.set(symbol, 0);
    if (event['type'] !== 'SNAPSHOT') continue;
    for (const [name, quantity] of held)
      expect(Number((event['positions'] as Record<string, { quantity: string }>)[name]?.quantity ?? 0)).toBe(quantity);
    expect(event['cash']).toBe(decimal.formatUnits(cash));
  }
  const replayed = replayEventLog(result.artifacts.eventLog!);
  expect(replayed.equity).toEqual(toldRows(result));
  expect(replayed.fills).toEqual(result.artifacts.fills);
  return result;
}

describe('cases/backtests.py F7: a split and a dividend of one day', () => {
  const actions: CorporateAction[] = [
    { vt_symbol: 'X.SIM', ex_date: SESSIONS[3], type: 'split', ratio: 2 },
    { vt_symbol: 'X.SIM', ex_date: SESSIONS[3], type: 'dividend', amount: 2 },
  ];
  const targets = [{ time: SESSIONS[0], vt_symbol: 'X.SIM', weight: 1 }];

  it.each([[actions], [[...actions].reverse()]])(
    'F7: cash is per share held before the split, in whatever order they are given',
    (given) => {
      const document = recipe({ portfolio: { class: 'ScheduledTargets', kwargs: { targets } }, kwargs: FREE });
      const result = holdsTogether(run(document, flat('X.SIM', [100, 100, 100, 49, 49, 49]), { actions: given }));
      expect(result.metrics.total_return).toBe(0);
      expect(posted(result).map((event) => event['kind'])).toEqual(['dividend', 'split']);
      expect(posted(result, 'CASH').find((event) => event['kind'] === 'dividend')!['amount']).toBe('200');
    },
  );

  it.each(['adjusted', 'split_adjusted', 'total_return'])('F7: neither is posted on %s prices', (normalization) => {
    const document = recipe({
      portfolio: { class: 'ScheduledTargets', kwargs: { targets } },
      kwargs: { ...FREE, normalization },
    });
    for (const action of actions)
      expect(() => run(document, flat('X.SIM', [100, 100, 100, 49]), { actions: [action] })).toThrow(
        expect.objectContaining({ code: 'double_adjustment' }),
      );
  });
});

describe('cases/backtests.py F8: what ends or moves a position, in every normalisation', () => {
  const bars = [
    ...flat('OLD.SIM', [100, 100, 104]),
    ...flat('NEW.SIM', [50, 51, 52, 53], 3),
    ...flat('Z.SIM', [10, 10, 10, 10, 10, 10, 10]),
  ];
  const symbols = ['OLD.SIM', 'NEW.SIM', 'Z.SIM'];
  const held = [{ ...buy, vt_symbol: 'OLD.SIM' }];
  const NORMALISATIONS = ['raw', 'adjusted', 'split_adjusted', 'total_return'];

  it.each(NORMALISATIONS)('F8: a delisting pays out at the last close (%s)', (normalization) => {
    const result = holdsTogether(
      run(orders(held, { normalization }, symbols), bars, {
        actions: [{ vt_symbol: 'OLD.SIM', ex_date: SESSIONS[3], type: 'delisting' }],
      }),
    );
    expect(fillsOf(result)).toEqual(['buy 10 @ 100', 'sell 10 @ 104']);
    expect([ended(result), result.finalEquity]).toEqual([{}, 10_040]);
    expect(codes(result)).toEqual([]);
  });

  it.each(NORMALISATIONS)('F8: a rename moves the position with its average price (%s)', (normalization) => {
    const result = holdsTogether(
      run(orders(held, { normalization }, symbols), bars, {
        actions: [{ vt_symbol: 'OLD.SIM', ex_date: SESSIONS[3], type: 'rename', new_vt_symbol: 'NEW.SIM' }],
      }),
    );
    expect(posted(result)).toEqual([
      expect.objectContaining({ vt_symbol: 'OLD.SIM', kind: 'rename', new_vt_symbol: 'NEW.SIM' }),
    ]);
    expect(
      result.rows.map((row) =>
        Object.entries(row.positions)
          .map(([symbol, { quantity, avg_price }]) => `${symbol} ${quantity} ${avg_price}`)
          .join(),
      ),
    ).toEqual(['', 'OLD.SIM 10 100', 'OLD.SIM 10 100', ...Array(4).fill('NEW.SIM 10 100')]);
    expect(result.rows.map((row) => row.equity)).toEqual([10_000, 10_000, 10_040, 9_500, 9_510, 9_520, 9_530]);
    expect(codes(result)).toEqual([]);
  });

  it.each(NORMALISATIONS)('F8: a merger pays per share (%s)', (normalization) => {
    const result = holdsTogether(
      run(orders(held, { normalization }, symbols), bars, {
        actions: [{ vt_symbol: 'OLD.SIM', ex_date: SESSIONS[3], type: 'merger', amount: 110 }],
      }),
    );
    expect(posted(result, 'CASH').at(-1)).toMatchObject({ kind: 'merger', amount: '1100', ref: 'OLD.SIM' });
    expect([ended(result), result.finalEquity]).toEqual([{}, 10_100]);
    expect(result.artifacts.roundTrips).toEqual([
      expect.objectContaining({ vt_symbol: 'OLD.SIM', exit_price: 110, pnl: '100' }),
    ]);
  });

  it.each(NORMALISATIONS)('F8: a merger converts, the fraction of a lot in cash at the open (%s)', (normalization) => {
    const result = holdsTogether(
      run(orders(held, { normalization }, symbols), bars, {
        actions: [
          { vt_symbol: 'OLD.SIM', ex_date: SESSIONS[3], type: 'merger', ratio: 0.75, new_vt_symbol: 'NEW.SIM' },
        ],
      }),
    );
    expect(posted(result)).toEqual([
      expect.objectContaining({ kind: 'merger', ratio: 0.75, new_vt_symbol: 'NEW.SIM' }),
    ]);
    expect(posted(result, 'CASH').at(-1)).toMatchObject({ kind: 'merger_fraction', amount: '25', ref: 'NEW.SIM' });
    expect(ended(result)).toEqual({ 'NEW.SIM': { quantity: 7, avg_price: 133.3333333333 } });
    expect(result.finalEquity).toBe(9_000 + 25 + 7 * 53);
  });

  it('F8: a merger pays and converts', () => {
    const result = holdsTogether(
      run(orders(held, {}, symbols), bars, {
        actions: [
          { vt_symbol: 'OLD.SIM', ex_date: SESSIONS[3], type: 'merger', amount: 5, ratio: 2, new_vt_symbol: 'NEW.SIM' },
        ],
      }),
    );
    expect(posted(result)).toEqual([
      expect.objectContaining({ kind: 'merger', amount: '5', ratio: 2, new_vt_symbol: 'NEW.SIM' }),
    ]);
    expect(ended(result)).toEqual({ 'NEW.SIM': { quantity: 20, avg_price: 50 } });
    expect(result.finalEquity).toBe(9_000 + 50 + 20 * 53);
  });

  it('a short pays what a long is paid', () => {
    const short = [{ bar: 1, vt_symbol: 'OLD.SIM', side: 'sell', quantity: 10 }];
    const margin = { account: { type: 'margin' } };
    const paid = holdsTogether(
      run(orders(short, margin, symbols), bars, {
        actions: [{ vt_symbol: 'OLD.SIM', ex_date: SESSIONS[3], type: 'merger', amount: 110 }],
      }),
    );
    expect([ended(paid), paid.finalEquity]).toEqual([{}, 9_900]);
    const converted = holdsTogether(
      run(orders(short, margin, symbols), bars, {
        actions: [
          {
            vt_symbol: 'OLD.SIM',
            ex_date: SESSIONS[3],
            type: 'merger',
            amount: 5,
            ratio: 0.75,
            new_vt_symbol: 'NEW.SIM',
          },
        ],
      }),
    );
    expect([ended(converted)['NEW.SIM']!.quantity, converted.finalEquity]).toEqual([-7, 11_000 - 50 - 25 - 7 * 53]);
  });

  it.each<[string, CorporateAction]>([
    ['rename', { vt_symbol: 'OLD.SIM', ex_date: SESSIONS[3], type: 'rename', new_vt_symbol: 'GONE.SIM' }],
    [
      'merger',
      { vt_symbol: 'OLD.SIM', ex_date: SESSIONS[3], type: 'merger', amount: 5, ratio: 2, new_vt_symbol: 'GONE.SIM' },
    ],
  ])('a %s into a symbol without bars pays out like a delisting, and is told', (kind, action) => {
    const result = holdsTogether(run(orders(held, {}, [...symbols, 'GONE.SIM']), bars, { actions: [action] }));
    expect(fillsOf(result)).toEqual(['buy 10 @ 100', 'sell 10 @ 104']);
    expect(posted(result)[0]).toEqual(expect.objectContaining({ kind }));
    expect(posted(result)[0]).not.toHaveProperty('new_vt_symbol');
    expect(result.artifacts.orders.at(-1)).toMatchObject({ reference: 'delisted', live_from: null });
    expect(codes(result)).toContainEqual(['rename_without_bars', 'OLD.SIM', 1]);
  });

  it('refuses a merger that neither pays nor converts', () => {
    for (const action of [{}, { ratio: 2 }, { new_vt_symbol: 'NEW.SIM' }, { amount: 1, ratio: 2 }])
      expect(() =>
        run(orders(held, {}, symbols), bars, {
          actions: [{ vt_symbol: 'OLD.SIM', ex_date: SESSIONS[3], type: 'merger', ...action }],
        }),
      ).toThrow(expect.objectContaining({ code: 'bad_input' }));
  });
});

describe('what a rename takes along', () => {
  const old = flat('OLD.SIM', [100, 100, 110]);
  const renamed: CorporateAction[] = [
    { vt_symbol: 'OLD.SIM', ex_date: SESSIONS[3], type: 'rename', new_vt_symbol: 'NEW.SIM' },
  ];
  const symbols = ['NEW.SIM', 'OLD.SIM'];
  const bars = (after: readonly (readonly [number, number, number, number])[]): InlineBar[] => [
    ...old,
    ...after.map(([open, high, low, close], i) => ({
      vt_symbol: 'NEW.SIM',
      time: SESSIONS[3 + i]!,
      open,
      high,
      low,
      close,
      volume: null,
    })),
  ];

  it('open orders, which then show and fill the new symbol', () => {
    const rows = [
      { ...buy, vt_symbol: 'OLD.SIM' },
      { bar: 2, vt_symbol: 'OLD.SIM', side: 'sell', order_type: 'stop', stop_price: 95, quantity: 10 },
      { bar: 2, vt_symbol: 'OLD.SIM', side: 'buy', order_type: 'limit', limit_price: 90, quantity: 5, tif: 'day' },
    ];
    const result = holdsTogether(
      run(
        orders(rows, {}, symbols),
        bars([
          [110, 110, 110, 110],
          [110, 110, 94, 94],
          [94, 94, 94, 94],
        ]),
        { actions: renamed },
      ),
    );
    expect(
      result.artifacts.orders.map(({ vt_symbol, status, live_from }) => [vt_symbol, status, live_from?.slice(0, 10)]),
    ).toEqual([
      ['OLD.SIM', 'filled', SESSIONS[1]],
      ['NEW.SIM', 'filled', SESSIONS[2]],
      ['OLD.SIM', 'expired', SESSIONS[2]],
    ]);
    expect(result.artifacts.fills.map(({ vt_symbol, side, price }) => `${vt_symbol} ${side} ${price}`)).toEqual([
      'OLD.SIM buy 100',
      'NEW.SIM sell 95',
    ]);
  });

  it('the extreme of a trailing stop', () => {
    const rows = [
      { ...buy, vt_symbol: 'OLD.SIM' },
      { bar: 2, vt_symbol: 'OLD.SIM', side: 'sell', order_type: 'trailing_stop', trail_amount: 8, quantity: 10 },
    ];
    // The 110 of the old symbol: 102 is the level in the first bar of the new one.
    const result = holdsTogether(
      run(
        orders(rows, {}, symbols),
        bars([
          [105, 105, 101, 103],
          [103, 103, 103, 103],
        ]),
        { actions: renamed },
      ),
    );
    expect(fillsOf(result)[1]).toBe('sell 10 @ 102');
  });

  it('an entry with the exits that it will create', () => {
    const bracket = { group_id: 'b', contingency: 'bracket', vt_symbol: 'OLD.SIM', quantity: 10 };
    const rows = [
      { bar: 3, side: 'buy', ...bracket },
      { bar: 3, side: 'sell', order_type: 'stop', stop_price: 95, ...bracket },
      { bar: 3, side: 'sell', order_type: 'limit', limit_price: 120, ...bracket },
    ];
    const result = holdsTogether(
      run(
        orders(rows, {}, symbols),
        bars([
          [110, 110, 110, 110],
          [110, 121, 110, 121],
          [121, 121, 121, 121],
        ]),
        { actions: renamed },
      ),
    );
    expect(result.artifacts.orders.map(({ vt_symbol, status }) => `${vt_symbol} ${status}`)).toEqual([
      'NEW.SIM filled',
      'NEW.SIM cancelled',
      'NEW.SIM filled',
    ]);
    expect(fillsOf(result)).toEqual(['buy 10 @ 110', 'sell 10 @ 120']);
  });

  it('the round trip: its bars and extremes go on', () => {
    const rows = [
      { ...buy, vt_symbol: 'OLD.SIM' },
      { bar: 4, vt_symbol: 'NEW.SIM', side: 'sell', quantity: 10 },
    ];
    const result = holdsTogether(
      run(
        orders(rows, {}, symbols),
        bars([
          [105, 106, 90, 103],
          [104, 104, 104, 104],
        ]),
        { actions: renamed },
      ),
    );
    expect(result.artifacts.roundTrips).toEqual([
      expect.objectContaining({
        vt_symbol: 'NEW.SIM',
        quantity: '10',
        entry_ts: '2024-01-03T21:00:00.000Z',
        bars_held: 3,
        mae: 90 / 100 - 1,
        mfe: 110 / 100 - 1,
        pnl: '40',
      }),
    ]);
  });

  it('the mark, until the new symbol has a bar', () => {
    const later = [...old, ...flat('NEW.SIM', [50], 5), ...flat('Z.SIM', [10, 10, 10, 10, 10, 10])];
    const result = holdsTogether(
      run(orders([{ ...buy, vt_symbol: 'OLD.SIM' }], {}, [...symbols, 'Z.SIM']), later, { actions: renamed }),
    );
    expect(result.rows.map((row) => row.equity)).toEqual([10_000, 10_000, 10_100, 10_100, 10_100, 9_500]);
  });

  it('nothing of history and signals: the old symbol trades no more', () => {
    const rows = [
      { ...buy, vt_symbol: 'OLD.SIM' },
      { bar: 4, vt_symbol: 'OLD.SIM', side: 'buy', quantity: 1 },
    ];
    const result = holdsTogether(
      run(
        orders(rows, {}, symbols),
        [
          ...bars([
            [105, 105, 105, 105],
            [105, 105, 105, 105],
          ]),
          ...flat('OLD.SIM', [110, 110], 3),
        ],
        { actions: renamed },
      ),
    );
    expect(result.artifacts.orders[1]).toMatchObject({ status: 'denied', deny_codes: ['not_tradable'] });
    expect(ended(result)).toEqual({ 'NEW.SIM': { quantity: 10, avg_price: 100 } });
  });
});

describe('a position that meets one of the new symbol', () => {
  const symbols = ['NEW.SIM', 'OLD.SIM'];
  const bars = [...flat('OLD.SIM', [100, 100, 100]), ...flat('NEW.SIM', [60, 60, 60, 70, 70])];
  const merger = (ratio: number): CorporateAction[] => [
    { vt_symbol: 'OLD.SIM', ex_date: SESSIONS[3], type: 'merger', ratio, new_vt_symbol: 'NEW.SIM' },
  ];
  const both = (old: number, fresh: number): Kwargs =>
    orders(
      [
        ['OLD.SIM', old],
        ['NEW.SIM', fresh],
      ].map(([symbol, quantity]) => ({
        bar: 1,
        vt_symbol: symbol as string,
        side: (quantity as number) > 0 ? 'buy' : 'sell',
        quantity: Math.abs(quantity as number),
      })),
      { account: { type: 'margin' } },
      symbols,
    );

  it.each([
    // [old, new, ratio] → quantity, average of the new one
    [10, 10, 1, 20, 80],
    [10, -4, 1, 6, 100],
    [10, -30, 1, -20, 60],
    [10, -10, 1, 0, 0],
    [10, 5, 1.25, 17, 74.2857142857],
    [-10, -5, 1.25, -17, 74.2857142857],
    [10, -20, 1.25, -8, 60],
  ])('%d of the old and %d of the new at %d: %d at %d', (old, fresh, ratio, quantity, average) => {
    const result = holdsTogether(run(both(old, fresh), bars, { actions: merger(ratio) }));
    expect(ended(result)['NEW.SIM'] ?? { quantity: 0, avg_price: 0 }).toEqual({ quantity, avg_price: average });
    const part = old * ratio - Math.trunc(old * ratio);
    expect(result.finalEquity).toBe(10_000 - old * 100 - fresh * 60 + part * 70 + quantity * 70);
  });

  it('ends the trips that it closes with nothing lost between them', () => {
    const result = holdsTogether(run(both(10, -10), bars, { actions: merger(1) }));
    expect(
      result.artifacts.roundTrips.map(({ vt_symbol, direction, pnl }) => `${vt_symbol} ${direction} ${pnl}`).sort(),
    ).toEqual(['NEW.SIM short -400', 'OLD.SIM long 0']);
  });
});

describe("actions by the symbol's own calendar", () => {
  const hour = (vtSymbol: string, from: string, count: number): InlineBar[] =>
    Array.from({ length: count }, (_, i) => ({
      vt_symbol: vtSymbol,
      time: new Date(Date.parse(from) + i * 3_600_000).toISOString(),
      open: 10,
      high: 10,
      low: 10,
      close: 10,
      volume: null,
    }));
  const rows = (orders: Kwargs[]): Kwargs =>
    recipe({
      symbols: ['X.NASDAQ', 'B.BINANCE'],
      execution: { class: 'ScheduledOrders', kwargs: { orders } },
      kwargs: { ...FREE, interval: '1h', extended_hours: true },
    });
  // The post-market of 01-04 shares the slice of 01:00Z with crypto's first hour of 01-05.
  const bars = [
    ...hour('X.NASDAQ', '2024-01-04T21:00:00Z', 4),
    ...hour('X.NASDAQ', '2024-01-05T09:00:00Z', 3),
    ...hour('B.BINANCE', '2024-01-04T21:00:00Z', 20),
  ];
  const first = {
    time: '2024-01-04T21:00:00Z',
    vt_symbol: 'X.NASDAQ',
    side: 'buy',
    order_type: 'market',
    quantity: 10,
  };

  it("post at the first slice after the own session's open, pre-market included, at no other midnight", () => {
    const result = run(rows([first]), bars, {
      actions: [{ vt_symbol: 'X.NASDAQ', ex_date: '2024-01-05', type: 'dividend', amount: 1 }],
    });
    expect(posted(result).map((event) => event['t'])).toEqual(['2024-01-05T10:00:00.000Z']);
  });

  it('and so do gtd orders expire: the date is the last session', () => {
    const result = run(
      rows([{ ...first, order_type: 'limit', limit_price: 5, tif: 'gtd', gtd_until: '2024-01-04' }]),
      bars,
    );
    expect(result.artifacts.orders[0]).toMatchObject({
      status: 'expired',
      reason: 'gtd',
      updated_at: '2024-01-05T10:00:00.000Z',
    });
  });

  it('are posted at the slice of another exchange once their own session has opened', () => {
    const daily = (vtSymbol: string, dates: readonly string[]): InlineBar[] =>
      dates.map((time) => ({ vt_symbol: vtSymbol, time, open: 10, high: 10, low: 10, close: 10, volume: null }));
    const dates = SESSIONS.slice(0, 5);
    const mixed = (actions: CorporateAction[]): unknown[] =>
      posted(
        run(
          recipe({
            symbols: ['A.LSE', 'C.CME', 'X.NYSE'],
            execution: { class: 'ScheduledOrders', kwargs: { orders: [] } },
            kwargs: FREE,
          }),
          ['A.LSE', 'C.CME', 'X.NYSE'].flatMap((symbol) => daily(symbol, dates)),
          { actions },
        ),
      ).map((event) => `${event['t'] as string} ${event['vt_symbol'] as string}`);
    expect(
      mixed(
        ['A.LSE', 'C.CME', 'X.NYSE'].map((vt_symbol) => ({
          vt_symbol,
          ex_date: '2024-01-04',
          type: 'dividend',
          amount: 1,
        })),
      ),
    ).toEqual(['2024-01-04T16:30:00.000Z A.LSE', '2024-01-04T16:30:00.000Z C.CME', '2024-01-04T16:30:00.000Z X.NYSE']);
    // Saturday: the next own session; CME's opens on Sunday evening, no slice comes before London's Monday close.
    expect(mixed([{ vt_symbol: 'C.CME', ex_date: '2024-01-06', type: 'dividend', amount: 1 }])).toEqual([
      '2024-01-08T16:30:00.000Z C.CME',
    ]);
  });

  it('are history only where a slice before `start` came after the open of their session', () => {
    const dividends: CorporateAction[] = [SESSIONS[1], SESSIONS[2]].map((ex_date) => ({
      vt_symbol: 'X.SIM',
      ex_date,
      type: 'dividend',
      amount: 1,
    }));
    const result = run(orders([{ ...buy, bar: 3 }], { start: SESSIONS[2] }), flat('X.SIM', [10, 10, 10, 10]), {
      actions: dividends,
    });
    expect(posted(result).map((event) => event['t'])).toEqual([`${SESSIONS[2]}T21:00:00.000Z`]);
  });

  it('rescale what was known before their session, of weekly bars too', () => {
    const weeks = ['2024-01-02', '2024-01-08', '2024-01-16'].map((time, i) => ({
      vt_symbol: 'X.NYSE',
      time,
      open: [100, 100, 50][i]!,
      high: 100,
      low: 50,
      close: [100, 50, 50][i]!,
      volume: null,
    }));
    const document = recipe({
      symbols: ['X.NYSE'],
      execution: {
        class: 'ScheduledOrders',
        kwargs: {
          orders: [
            { time: '2024-01-02', vt_symbol: 'X.NYSE', side: 'buy', order_type: 'market_on_close', quantity: 10 },
          ],
        },
      },
      kwargs: { ...FREE, interval: '1w' },
    });
    const result = holdsTogether(
      run(document, weeks, { actions: [{ vt_symbol: 'X.NYSE', ex_date: '2024-01-10', type: 'split', ratio: 2 }] }),
    );
    expect(posted(result).map((event) => event['t'])).toEqual(['2024-01-12T21:00:00.000Z']);
    expect(result.rows.map((row) => row.equity)).toEqual([10_000, 10_000, 10_000]);
    // Among the bars before `start` the week of the split closed at its new price: only the week before is rescaled.
    const { recipe: normalised, specHash } = normaliseRecipe(
      recipe({
        symbols: ['X.NYSE'],
        execution: { class: 'ScheduledOrders', kwargs: { orders: [] } },
        kwargs: { ...FREE, interval: '1w', start: '2024-01-16' },
      }),
    );
    const seen: number[][] = [];
    const execution = { execute: (_targets: unknown, ctx: Ctx) => (seen.push([...ctx.history('X.NYSE', 3)]), []) };
    runStrategy(
      { ...buildModels(normalised), execution },
      {
        recipe: normalised,
        specHash,
        seed: 1,
        series: inlineBarsToSeries(weeks, '1w').series,
        actions: [{ vt_symbol: 'X.NYSE', ex_date: '2024-01-10', type: 'split', ratio: 2 }],
      },
    );
    expect(seen).toEqual([[50, 50, 50]]);
  });
});

describe('cases/backtests.py F9: what has no effect is told once per symbol', () => {
  it('a run of one symbol ends with it, whether its events are written or not', () => {
    const bars = flat('X.SIM', [10, 10, 11, 12, 13, 14, 15]);
    const actions: CorporateAction[] = [{ vt_symbol: 'X.SIM', ex_date: SESSIONS[3], type: 'delisting' }];
    const [told, quiet] = ['full', 'off'].map((log) => run(orders([buy], { event_log: log }), bars, { actions }));
    expect(quiet!.rows).toEqual(told!.rows);
    expect(quiet!.rows).toHaveLength(4);
  });

  it('F9: a delisting after the last bar posts nothing', () => {
    const result = run(orders([{ ...buy, quantity: 5 }]), flat('X.SIM', [10, 10, 10, 10, 10, 10]), {
      actions: [{ vt_symbol: 'X.SIM', ex_date: SESSIONS[6], type: 'delisting' }],
    });
    expect(ended(result)).toEqual({ 'X.SIM': { quantity: 5, avg_price: 10 } });
    expect(posted(result)).toEqual([]);
    expect(codes(result)).toEqual([['action_without_effect', 'X.SIM', 1]]);
    expect(result.warnings[0]!.message).toContain('no slice came after');
  });

  it('F9: actions of a symbol that has left the market, counted together', () => {
    const actions: CorporateAction[] = [
      { vt_symbol: 'X.SIM', ex_date: SESSIONS[2], type: 'delisting' },
      { vt_symbol: 'X.SIM', ex_date: SESSIONS[3], type: 'dividend', amount: 1 },
      { vt_symbol: 'X.SIM', ex_date: SESSIONS[8], type: 'dividend', amount: 1 },
    ];
    const result = run(
      orders([buy], {}, ['X.SIM', 'Z.SIM']),
      [...flat('X.SIM', [10, 10]), ...flat('Z.SIM', [10, 10, 10, 10, 10])],
      { actions },
    );
    expect(codes(result)).toEqual([['action_without_effect', 'X.SIM', 2]]);
    expect(posted(result).map((event) => event['kind'])).toEqual(['delisting']);
  });

  it('F9: actions and instrument rules of symbols that are not in the run, or that nobody traded', () => {
    const actions: CorporateAction[] = [1, 2, 8].map((n) => ({
      vt_symbol: 'Q.SIM',
      ex_date: SESSIONS[n]!,
      type: 'dividend',
      amount: 1,
    }));
    const idle: CorporateAction = { vt_symbol: 'Z.SIM', ex_date: SESSIONS[1], type: 'dividend', amount: 1 };
    const result = run(
      orders([buy], {}, ['X.SIM', 'Z.SIM']),
      [...flat('X.SIM', [10, 10, 10]), ...flat('Z.SIM', [10, 10, 10])],
      {
        actions: [...actions, idle],
        instruments: { 'Q.SIM': { lot_size: 1 }, 'R.SIM': { lot_size: 1 }, 'X.SIM': { lot_size: 1 } },
      },
    );
    expect(codes(result)).toEqual([
      ['action_without_symbol', 'Q.SIM', 3],
      ['action_without_symbol', 'R.SIM', 1],
      ['action_without_symbol', 'Z.SIM', 1],
    ]);
  });
});
