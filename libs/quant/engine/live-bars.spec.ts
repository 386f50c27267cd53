import { inlineBarsToSeries, type InlineBar, type Interval } from '../bars/index.ts';
import { normaliseRecipe } from '../recipe/index.ts';
import type { Ctx, OrderRequest, StrategyModels } from '../strategy/index.ts';
import { eventsOf, recipe, run } from '../testing/builders.ts';
import { buildModels, runStrategy } from './run.ts';
import type { BacktestInput, BacktestOutput } from './types.ts';

type Bar = readonly [time: string, open: number, high: number, low: number, close: number, volume?: number];
type Kwargs = Record<string, unknown>;

const bars = (vtSymbol: string, rows: readonly Bar[]): InlineBar[] =>
  rows.map(([time, open, high, low, close, volume]) => ({
    vt_symbol: vtSymbol,
    time,
    open,
    high,
    low,
    close,
    volume: volume ?? null,
  }));
const flat = (vtSymbol: string, rows: readonly (readonly [string, number])[]): InlineBar[] =>
  bars(
    vtSymbol,
    rows.map(([time, price]) => [time, price, price, price, price]),
  );
const FREE = { slippage_bps: 0, commission_pct: 0 };

/** A run whose models are replaced: orders by the instant of the deciding slice, whatever symbols have a bar in it. */
function decide(
  rows: readonly InlineBar[],
  replace: Partial<StrategyModels>,
  kwargs: Kwargs = {},
  options: Partial<BacktestInput> = {},
  execution?: { class: string; kwargs: Kwargs },
): BacktestOutput {
  const symbols = [...new Set(rows.map((row) => row.vt_symbol))].sort();
  const portfolio = { class: 'ScheduledTargets', kwargs: { targets: [] } };
  const { recipe: normalised, specHash } = normaliseRecipe(
    recipe({
      symbols,
      portfolio,
      execution: execution ?? { class: 'ScheduledOrders', kwargs: { orders: [] } },
      kwargs: { ...FREE, ...kwargs },
    }),
  );
  const { series } = inlineBarsToSeries(rows, normalised.backtest.kwargs.interval as Interval);
  return runStrategy(
    { ...buildModels(normalised), ...replace },
    { recipe: normalised, specHash, seed: 1, series, ...options },
  );
}

const ordersAt = (orders: Readonly<Record<string, readonly OrderRequest[]>>): Partial<StrategyModels> => ({
  execution: { execute: (_targets, ctx) => orders[new Date(ctx.now).toISOString().slice(0, 16)] ?? [] },
});
const fills = (output: BacktestOutput): string[] =>
  output.artifacts.fills.map(
    (fill) =>
      `${fill.ts.slice(0, 16)} ${fill.vt_symbol} ${fill.side} ${fill.quantity} @ ${fill.price} ${fill.liquidity}`,
  );
const told = (output: BacktestOutput, id = 'o-1'): unknown[] => {
  const order = output.artifacts.orders.find((row) => row.order_id === id)!;
  return [order.status, order.reason, order.updated_at.slice(0, 16), order.live_from?.slice(0, 16) ?? null];
};

describe('cases/backtests.py F1: an order meets bars of other exchanges that opened at its acceptance or later', () => {
  const a = bars('A.NYSE', [
    ['2024-05-07', 50, 50, 50, 50],
    ['2024-05-08', 50, 50, 50, 50],
    ['2024-05-09', 50, 100, 50, 100],
    ['2024-05-10', 100, 100, 100, 100],
  ]);
  const weights = {
    portfolio: { class: 'FixedWeights', kwargs: { weights: { 'A.NYSE': 0.1, 'C.BINANCE': 0.4 } } },
    symbols: ['A.NYSE', 'C.BINANCE'],
    kwargs: FREE,
  };

  it('F1 as printed: the next decision replaces it, and the sale fills at 300', () => {
    const c = bars('C.BINANCE', [
      ['2024-05-07', 100, 100, 100, 100],
      ['2024-05-08', 100, 100, 100, 100],
      ['2024-05-09', 100, 300, 100, 300],
      ['2024-05-10', 300, 300, 300, 300],
      ['2024-05-11', 300, 300, 300, 300],
    ]);
    const result = run(recipe(weights), [...a, ...c]);
    const late = result.artifacts.orders.find(
      (order) => order.submitted_at === '2024-05-09T20:00:00.000Z' && order.vt_symbol === 'C.BINANCE',
    )!;
    expect([late.order_id, late.side, late.status, late.reason, late.live_from]).toEqual([
      'o-4',
      'buy',
      'cancelled',
      'replaced',
      null,
    ]);
    expect(
      result.artifacts.fills
        .filter((fill) => fill.vt_symbol === 'C.BINANCE' && fill.ts > '2024-05-09T20')
        .map(({ side, price }) => [side, price]),
    ).toEqual([['sell', '300']]);
    expect(result.artifacts.fills.some((fill) => fill.quantity === '40')).toBe(false);
  });

  it('F1 with nothing that replaces it: it fills at 300, in the session of 2024-05-10', () => {
    const c = flat('C.BINANCE', [
      ['2024-05-07', 100],
      ['2024-05-08', 100],
      ['2024-05-09', 100],
      ['2024-05-10', 300],
      ['2024-05-11', 300],
    ]);
    const result = run(recipe(weights), [...a, ...c]);
    const late = result.artifacts.orders.find(
      (order) => order.submitted_at === '2024-05-09T20:00:00.000Z' && order.vt_symbol === 'C.BINANCE',
    )!;
    expect([late.order_id, late.quantity, late.status, late.live_from]).toEqual([
      'o-4',
      '40',
      'filled',
      '2024-05-10T00:00:00.000Z',
    ]);
    expect(result.artifacts.fills.find((fill) => fill.order_id === 'o-4')).toMatchObject({
      price: '300',
      ts: '2024-05-11T00:00:00.000Z',
    });
  });
});

describe('a bar that straddles the acceptance is no bar for the order', () => {
  // London decides at 16:30Z of 01-03, two hours into New York's session.
  const NOW = '2024-01-03T16:30';
  const london = flat(
    'A.LSE',
    ['2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05', '2024-01-08'].map((date) => [date, 10]),
  );
  const york = bars('Y.NYSE', [
    ['2024-01-02', 100, 100, 100, 100],
    ['2024-01-03', 100, 150, 50, 104],
    ['2024-01-04', 110, 112, 95, 100],
    ['2024-01-05', 101, 145, 55, 102],
    ['2024-01-08', 103, 103, 103, 103],
  ]);
  const market: OrderRequest = { vtSymbol: 'Y.NYSE', side: 'buy', orderType: 'market', quantity: 1 };
  const send = (order: Partial<OrderRequest>): BacktestOutput =>
    decide([...london, ...york], ordersAt({ [NOW]: [{ ...market, ...order }] }), { account: { type: 'margin' } });

  it.each<[string, Partial<OrderRequest>, string]>([
    ['market', {}, '2024-01-04T21:00 Y.NYSE buy 1 @ 110 taker'],
    ['market_on_open', { orderType: 'market_on_open' }, '2024-01-04T21:00 Y.NYSE buy 1 @ 110 auction'],
    ['market_on_close', { orderType: 'market_on_close' }, '2024-01-04T21:00 Y.NYSE buy 1 @ 100 auction'],
    ['opg', { tif: 'opg' }, '2024-01-04T21:00 Y.NYSE buy 1 @ 110 auction'],
    ['cls', { tif: 'cls' }, '2024-01-04T21:00 Y.NYSE buy 1 @ 100 auction'],
    ['ioc', { tif: 'ioc' }, '2024-01-04T21:00 Y.NYSE buy 1 @ 110 taker'],
    ['fok', { tif: 'fok' }, '2024-01-04T21:00 Y.NYSE buy 1 @ 110 taker'],
    ['limit', { orderType: 'limit', limitPrice: 60 }, '2024-01-05T21:00 Y.NYSE buy 1 @ 60 maker'],
    ['limit at its first open', { orderType: 'limit', limitPrice: 120 }, '2024-01-04T21:00 Y.NYSE buy 1 @ 110 taker'],
    ['stop', { orderType: 'stop', stopPrice: 140 }, '2024-01-05T21:00 Y.NYSE buy 1 @ 140 taker'],
    [
      'stop_limit',
      { orderType: 'stop_limit', stopPrice: 140, limitPrice: 141 },
      '2024-01-05T21:00 Y.NYSE buy 1 @ 140 taker',
    ],
  ])('%s', (_name, order, fill) => {
    const output = send(order);
    expect(fills(output)).toEqual([fill]);
    expect(told(output)[3]).toBe('2024-01-04T14:30');
  });

  it('is no session of a day order, which lives in the next one', () => {
    expect(told(send({ orderType: 'limit', limitPrice: 60, tif: 'day' }))).toEqual([
      'expired',
      'day',
      '2024-01-04T21:00',
      '2024-01-04T14:30',
    ]);
  });

  it.each([
    ['ioc', '2024-01-04T21:00'],
    ['fok', '2024-01-04T21:00'],
    ['opg', '2024-01-04T21:00'],
    ['cls', '2024-01-04T21:00'],
  ] as const)('is not the one bar of %s', (tif, ended) => {
    expect(told(send({ orderType: 'limit', limitPrice: 1, tif })).slice(0, 3)).toEqual(['cancelled', tif, ended]);
  });

  it('is not the bar at whose open a post_only order would trade', () => {
    expect(told(send({ orderType: 'limit', limitPrice: 120, postOnly: true })).slice(0, 3)).toEqual([
      'cancelled',
      'post_only',
      '2024-01-04T21:00',
    ]);
  });

  it('moves the extreme of a trailing stop by its close only', () => {
    // 104 − 10 is below 01-04; its high of 112 then makes 102, which the open of 01-05 is below. The 150 of 01-03 may
    // be older than the order.
    expect(fills(send({ side: 'sell', orderType: 'trailing_stop', trailAmount: 10 }))).toEqual([
      '2024-01-05T21:00 Y.NYSE sell 1 @ 101 taker',
    ]);
    // 8 below the close of 104 is reached on the way down of 01-04.
    expect(fills(send({ side: 'sell', orderType: 'trailing_stop', trailAmount: 8 }))).toEqual([
      '2024-01-04T21:00 Y.NYSE sell 1 @ 96 taker',
    ]);
  });

  it('does not end a gtd order either: its date is the last session', () => {
    expect(told(send({ orderType: 'limit', limitPrice: 60, tif: 'gtd', gtdUntil: '2024-01-04' }))).toEqual([
      'expired',
      'gtd',
      '2024-01-05T16:30',
      '2024-01-04T14:30',
    ]);
  });

  it('is no bar of a ttl', () => {
    const targets = {
      portfolio: {
        construct: (_active: unknown, ctx: Ctx) =>
          new Date(ctx.now).toISOString().startsWith(NOW) ? [{ vtSymbol: 'Y.NYSE', weight: 0.5 }] : [],
      },
    };
    const output = decide(
      [...london, ...york],
      targets,
      {},
      {},
      { class: 'LimitOffset', kwargs: { bps: 5_000, ttl_bars: 1 } },
    );
    expect(told(output)).toEqual(['cancelled', 'ttl', '2024-01-04T21:00', '2024-01-04T14:30']);
  });

  it('waits through it as through a bar that is not there, and live_from stays null until one opens', () => {
    const part = [...london.slice(0, 2), ...york.slice(0, 2)];
    const output = decide(part, ordersAt({ [NOW]: [market] }));
    expect(told(output)).toEqual(['expired', 'end_of_data', '2024-01-03T21:00', null]);
  });
});

describe('live_from', () => {
  it('is the open of the next bar on one calendar, that instant included', () => {
    const output = decide(
      flat('C.BINANCE', [
        ['2024-01-02', 10],
        ['2024-01-03', 10],
        ['2024-01-04', 10],
      ]),
      ordersAt({ '2024-01-03T00:00': [{ vtSymbol: 'C.BINANCE', side: 'buy', orderType: 'market', quantity: 1 }] }),
    );
    expect(told(output)).toEqual(['filled', null, '2024-01-04T00:00', '2024-01-03T00:00']);
  });

  it('is null for what was denied, and for the three valuations that meet no bar', () => {
    const rows = flat('X.NYSE', [
      ['2024-01-02', 10],
      ['2024-01-03', 10],
    ]);
    const output = decide(
      rows,
      ordersAt({
        '2024-01-02T21:00': [
          { vtSymbol: 'X.NYSE', side: 'buy', orderType: 'market', quantity: 1 },
          { vtSymbol: 'X.NYSE', side: 'sell', orderType: 'market', quantity: 1 },
        ],
      }),
      { close_at_end: true },
    );
    expect(output.artifacts.orders.map(({ status, reference, live_from }) => [status, reference, live_from])).toEqual([
      ['filled', null, '2024-01-03T14:30:00.000Z'],
      ['denied', null, null],
      ['filled', 'end_of_data', null],
    ]);
  });

  it('stands in no event', () => {
    const output = decide(
      flat('X.NYSE', [
        ['2024-01-02', 10],
        ['2024-01-03', 10],
      ]),
      ordersAt({ '2024-01-02T21:00': [{ vtSymbol: 'X.NYSE', side: 'buy', orderType: 'market', quantity: 1 }] }),
    );
    expect(eventsOf(output).some((event) => 'live_from' in event)).toBe(false);
  });
});

describe('a margin call over several calendars', () => {
  const margin = { account: { type: 'margin' }, initial_cash: 10_000 };
  const calls = (output: BacktestOutput): string[] =>
    eventsOf(output)
      .filter((event) => event['action'] === 'margin_call')
      .map((event) => (event['t'] as string).slice(0, 16));

  it('closes a position in its first bar that opens at the call or later, whatever marks came between', () => {
    // Twice the equity in C; New York, where nothing is held, marks every day between two bars of C.
    const c = bars('C.BINANCE', [
      ['2024-01-02', 100, 100, 100, 100],
      ['2024-01-03', 100, 100, 100, 100],
      ['2024-01-04', 100, 100, 60, 60],
      ['2024-01-05', 61, 61, 61, 61],
      ['2024-01-06', 62, 62, 62, 62],
      ['2024-01-07', 63, 63, 63, 63],
    ]);
    const a = flat('A.NYSE', [
      ['2024-01-02', 10],
      ['2024-01-03', 10],
      ['2024-01-04', 10],
      ['2024-01-05', 10],
    ]);
    const output = decide(
      [...a, ...c],
      ordersAt({ '2024-01-03T00:00': [{ vtSymbol: 'C.BINANCE', side: 'buy', orderType: 'market', quantity: 199 }] }),
      margin,
    );
    expect(fills(output)).toEqual([
      '2024-01-04T00:00 C.BINANCE buy 199 @ 100 taker',
      '2024-01-06T00:00 C.BINANCE sell 199 @ 61 taker',
    ]);
    expect(calls(output)).toEqual(['2024-01-05T00:00', '2024-01-05T21:00']);
    expect(output.artifacts.orders[1]).toMatchObject({
      reference: 'margin_call',
      live_from: '2024-01-05T00:00:00.000Z',
    });
  });

  it('closes the largest of those that can: a bar that had begun before the call is not met', () => {
    // London's mark of 01-04 16:30Z is in breach. New York's larger position has a bar that opened at 14:30Z: it waits,
    // London's next bar comes first.
    const a = bars('A.LSE', [
      ['2024-01-02', 100, 100, 100, 100],
      ['2024-01-03', 100, 100, 100, 100],
      ['2024-01-04', 100, 100, 15, 15],
      ['2024-01-05', 16, 16, 16, 16],
      ['2024-01-08', 16, 16, 16, 16],
    ]);
    const y = bars('Y.NYSE', [
      ['2024-01-02', 100, 100, 100, 100],
      ['2024-01-03', 100, 100, 100, 100],
      ['2024-01-04', 100, 100, 100, 100],
      ['2024-01-05', 100, 100, 100, 100],
      ['2024-01-08', 100, 100, 100, 100],
    ]);
    const buy = (vtSymbol: string, quantity: number): OrderRequest => ({
      vtSymbol,
      side: 'buy',
      orderType: 'market',
      quantity,
    });
    const output = decide(
      [...a, ...y],
      ordersAt({ '2024-01-02T21:00': [buy('A.LSE', 90), buy('Y.NYSE', 100)] }),
      margin,
    );
    expect(fills(output).slice(2)).toEqual([
      '2024-01-05T16:30 A.LSE sell 90 @ 16 taker',
      '2024-01-05T21:00 Y.NYSE sell 100 @ 100 taker',
    ]);
    expect(calls(output)[0]).toBe('2024-01-04T16:30');
  });
});

describe('the start of a run over several calendars', () => {
  it('takes as history only what is known before its first slice', () => {
    // Pre- and post-market of 01-04 end at 01:00Z of 01-05; the run starts with crypto's first hour of 01-05 and CME's,
    // which is an hour earlier.
    const hours = (vtSymbol: string, from: string, count: number): InlineBar[] =>
      flat(
        vtSymbol,
        Array.from(
          { length: count },
          (_, i) => [new Date(Date.parse(from) + i * 3_600_000).toISOString(), 100 + i] as const,
        ),
      );
    const rows = [...hours('E.CME', '2024-01-04T23:00:00Z', 4), ...hours('X.NASDAQ', '2024-01-04T21:00:00Z', 4)];
    const seen: string[] = [];
    decide(
      rows,
      {
        execution: {
          execute: (_targets, ctx) => (
            seen.push(`${new Date(ctx.now).toISOString().slice(11, 16)} ${ctx.history('X.NASDAQ', 9).length}`),
            []
          ),
        },
      },
      { interval: '1h', extended_hours: true, start: '2024-01-05' },
    );
    expect(seen).toEqual(['00:00 3', '01:00 4', '02:00 4', '03:00 4']);
  });
});

describe('universes of five calendars', () => {
  const EXCHANGES = ['NASDAQ', 'NYSE', 'LSE', 'CME', 'BINANCE'] as const;
  const TYPES: readonly Partial<OrderRequest>[] = [
    { orderType: 'market' },
    { orderType: 'market_on_open' },
    { orderType: 'market_on_close' },
    { orderType: 'limit', limitPrice: 101 },
    { orderType: 'limit', limitPrice: 97 },
    { orderType: 'stop', stopPrice: 103 },
    { orderType: 'stop_limit', stopPrice: 103, limitPrice: 104 },
    { orderType: 'trailing_stop', trailPct: 0.02 },
    { orderType: 'market', tif: 'ioc' },
    { orderType: 'market', tif: 'opg' },
    { orderType: 'market', tif: 'cls' },
  ];

  it('no order meets a bar that opened before its acceptance, on any pair of calendars and with any type', () => {
    const sessions = [
      '2024-01-02',
      '2024-01-03',
      '2024-01-04',
      '2024-01-05',
      '2024-01-08',
      '2024-01-09',
      '2024-01-10',
      '2024-01-11',
    ];
    const wave = (i: number, j: number): Bar => {
      const open = 100 + ((i * 7 + j * 3) % 9) - 4;
      const close = 100 + ((i * 5 + j * 11) % 9) - 4;
      return [sessions[j]!, open, Math.max(open, close) + 2, Math.min(open, close) - 2, close];
    };
    const rows = EXCHANGES.flatMap((exchange, i) =>
      bars(
        `S${i}.${exchange}`,
        sessions.map((_, j) => wave(i, j)),
      ),
    );
    let slices = 0;
    const execution = {
      execute: (_targets: unknown, ctx: Ctx): readonly OrderRequest[] => {
        slices++;
        return EXCHANGES.map(
          (exchange, i) =>
            ({
              vtSymbol: `S${i}.${exchange}`,
              side: (slices + i) % 3 === 0 ? 'sell' : 'buy',
              quantity: 1,
              ...TYPES[(slices * 5 + i) % TYPES.length],
            }) as OrderRequest,
        ).filter((order) => ctx.portfolio.priceOf(ctx.idOf(order.vtSymbol)!) > 0);
      },
    };
    const output = decide(rows, { execution }, { account: { type: 'margin' }, initial_cash: 1e6 });
    const byId = new Map(output.artifacts.orders.map((order) => [order.order_id, order]));
    expect(output.artifacts.fills.length).toBeGreaterThan(60);
    for (const order of output.artifacts.orders)
      if (order.live_from !== null) expect(order.live_from >= order.submitted_at).toBe(true);
    for (const fill of output.artifacts.fills) expect(byId.get(fill.order_id)!.live_from! < fill.ts).toBe(true);
  });
});
