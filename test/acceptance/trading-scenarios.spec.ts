import { createHash } from 'node:crypto';
import { Client, type FinishedBacktest } from './support/client.ts';
import { SESSIONS, bars, market, recipe, scheduledOrders, scheduledTargets } from './support/recipes.ts';
import { Service } from './support/service.ts';

/** The worked scenarios of trading.md 11, through the public API alone. */
const A_BARS = bars([
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
]);
const A = {
  config: recipe({
    models: scheduledTargets([
      [1, 0.95],
      [6, 0],
      [8, 0.5],
    ]),
  }),
  data: { inline: A_BARS },
};

const prices = (run: FinishedBacktest) => run.fills.map((fill) => [fill['side'], fill['quantity'], fill['price']]);
const statuses = (run: FinishedBacktest) => run.orders.map((order) => order['status']);
const last = (run: FinishedBacktest, field: string) => run.equity.at(-1)?.[field];

describe('trading.md 11 over HTTP', () => {
  let service: Service;
  let ann: Client;
  let a: FinishedBacktest;

  beforeAll(async () => {
    service = await Service.start();
    ann = await Client.as(service.url, { user: 'ann', role: 'owner' });
    a = await ann.backtest(A);
  });

  afterAll(() => service.stop());

  describe('A: ten daily bars', () => {
    it('fills at the next open with slip and commission, to the last digit', () => {
      expect(
        a.fills.map((fill) => [fill['fill_id'], fill['side'], fill['quantity'], fill['price'], fill['commission']]),
      ).toEqual([
        ['f-1', 'buy', 950, 101.0202, 47.984595],
        ['f-2', 'sell', 950, 100.9798, 47.965405],
        ['f-3', 'buy', 499, 100.02, 24.95499],
      ]);
      expect(a.equity.map((row) => row['cash'])).toEqual([
        100000, 3982.825405, 3982.825405, 3982.825405, 3982.825405, 3982.825405, 99865.67, 99865.67, 49930.73501,
        49930.73501,
      ]);
    });

    it('marks equity at every close', () => {
      expect(a.equity.map((row) => row['equity'])).toEqual([
        100000, 100882.825405, 101832.825405, 103732.825405, 104682.825405, 100882.825405, 99865.67, 99865.67,
        101327.73501, 101826.73501,
      ]);
    });

    it('computes the metrics', () => {
      const expected = {
        total_return: 0.0182673501,
        sharpe: 2.0396745219,
        sortino: 2.7028282058,
        volatility_ann: 0.2641693377,
        max_drawdown: -0.0460166736,
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
      };
      for (const [key, value] of Object.entries(expected))
        expect([key, a.metrics[key]]).toEqual([key, expect.closeTo(value, 9)]);
      expect(a.metrics).toMatchObject({
        max_drawdown_duration: 5,
        n_round_trips: 1,
        win_rate: 0,
        n_trades: 3,
        n_bars: 10,
      });
      expect(a.roundTrips).toEqual([
        expect.objectContaining({
          pnl: -134.33,
          mae: expect.closeTo(-0.0298969909, 9),
          mfe: expect.closeTo(0.0591941018, 9),
        }),
      ]);
    });

    it('hashes the bars by their bytes', () => {
      expect(a.detail['dataset_hash']).toBe('bf2ca6eb28d3c7bb16237ead500c6640cb0c0df41fb1a704b789f1f755b5908c');
    });

    it('lets a client recompute the chain of the event log (M)', () => {
      let hash = '0'.repeat(64);
      for (const line of a.events)
        hash = createHash('sha256')
          .update(hash + line)
          .digest('hex');
      expect(hash).toBe(a.detail['event_log_hash']);
      expect(a.eventLogHash).toBe(hash);
      const first = createHash('sha256')
        .update(`${'0'.repeat(64)}{"seq":1,"t":"2024-01-02T21:00:00.000Z","type":"CLOCK"}`)
        .digest('hex');
      expect(first).toBe('14efecf08fb3f2983519faf1206822e956f6c18583462bf5d515e702d513cbb1');
      expect(JSON.parse(a.events[0] ?? '')).toEqual({ seq: 1, t: '2024-01-02T21:00:00.000Z', type: 'CLOCK' });
    });
  });

  describe('B: determinism', () => {
    it('gives equal hashes and equal artifacts twice, and another run_hash for another seed', async () => {
      const again = await ann.backtest(A);
      const other = await ann.backtest({ ...A, seed: 43 });
      for (const key of ['run_hash', 'event_log_hash', 'spec_hash', 'dataset_hash', 'artifacts'])
        expect([key, again.detail[key]]).toEqual([key, a.detail[key]]);
      expect(again.events).toEqual(a.events);
      expect(other.detail['run_hash']).not.toBe(a.detail['run_hash']);
      expect(prices(other)).toEqual(prices(a));
    });

    it('replays the log without strategy or bars', async () => {
      const started = await ann.post<{ task_id: string }>(`/backtests/${a.id}/replay`);
      expect(started.status).toBe(202);
      const job = await ann.settled(started.body.task_id);
      expect(job.result).toMatchObject({ identical: true, first_diff: null });
    });

    it('knows nothing of later bars: bars 1 to 7 alone give the same events up to the decision of bar 7', async () => {
      const short = await ann.backtest({ ...A, data: { inline: A_BARS.slice(0, 7) } });
      const decided = short.events.filter((line) => !/end_of_data|expired/.test(line));
      const common = decided.findIndex((line, index) => line !== a.events[index]);
      expect(common === -1 || common >= a.events.findIndex((line) => line.includes('2024-01-11'))).toBe(true);
    });

    it('answers a reused run instead of running it again', async () => {
      const reused = await ann.post('/backtests', { ...A, reuse: true });
      expect(reused.status).toBe(200);
      expect(reused.body['run_hash']).toBe(a.detail['run_hash']);
    });
  });

  describe('D: limits and stops', () => {
    const limit = { side: 'buy', order_type: 'limit', quantity: 10, limit_price: 99 };

    it.each([
      ['through', [['buy', 10, 98.5]]],
      ['touch', [['buy', 10, 99]]],
    ])('a buy limit at the low, %s', async (limitTouch, expected) => {
      const run = await ann.backtest({
        config: recipe({ models: scheduledOrders([[1, limit]]), kwargs: { limit_touch: limitTouch } }),
        data: {
          inline: bars([
            [100, 101, 99.5, 100],
            [100, 101, 99, 100],
            [98.5, 99, 98, 98.5],
          ]),
        },
      });
      expect(prices(run)).toEqual(expected);
    });

    it.each([
      ['a gap', { order_type: 'stop', stop_price: 95 }, [94, 96, 93, 95] as const, 93.9812],
      ['the path', { order_type: 'stop', stop_price: 95 }, [97, 98, 94.5, 96] as const, 94.981],
      [
        'a stop-limit',
        { order_type: 'stop_limit', stop_price: 95, limit_price: 94.8 },
        [94, 95.2, 93.5, 94.5] as const,
        94.8,
      ],
    ])('a sell stop by %s', async (_, order, quote, price) => {
      const run = await ann.backtest({
        config: recipe({
          models: scheduledOrders([
            [1, market('buy', 10)],
            [2, { side: 'sell', quantity: 10, ...order }],
          ]),
        }),
        data: { inline: bars([[100, 101, 99, 100], [100, 101, 99, 100], quote]) },
      });
      expect(prices(run).at(-1)).toEqual(['sell', 10, price]);
    });
  });

  describe('E: a bracket', () => {
    it.each([
      ['adverse_first', 96.9806],
      ['adaptive', 104],
    ])('%s', async (intrabar, price) => {
      const exits = [
        [2, { side: 'sell', order_type: 'stop', quantity: 100, stop_price: 97, contingency: 'oco', group_id: 'g' }],
        [2, { side: 'sell', order_type: 'limit', quantity: 100, limit_price: 104, contingency: 'oco', group_id: 'g' }],
      ] as [number, Record<string, unknown>][];
      const run = await ann.backtest({
        config: recipe({ models: scheduledOrders([[1, market('buy', 100)], ...exits]), kwargs: { intrabar } }),
        data: {
          inline: bars([
            [100, 101, 99, 100],
            [100, 101, 99, 100],
            [100, 104.1, 95.5, 101],
          ]),
        },
      });
      expect(prices(run).at(-1)).toEqual(['sell', 100, price]);
      expect(statuses(run).toSorted()).toEqual(['cancelled', 'filled', 'filled']);
    });
  });

  describe('F: participation', () => {
    const volumes = bars([
      [10, 10, 10, 10, 1_000],
      [10, 10, 10, 10, 2_000],
      [10, 10, 10, 10, 3_000],
      [10, 10, 10, 10, 10_000],
    ]);

    it.each([
      ['gtc', [200, 300, 400], 'filled'],
      ['fok', [], 'cancelled'],
    ])('%s', async (tif, quantities, status) => {
      const run = await ann.backtest({
        config: recipe({
          models: scheduledOrders([[1, { ...market('buy', 900), tif }]]),
          kwargs: { max_participation: 0.1 },
        }),
        data: { inline: volumes },
      });
      expect(run.fills.map((fill) => fill['quantity'])).toEqual(quantities);
      expect(statuses(run)).toEqual([status]);
    });
  });

  describe('G: insufficient cash', () => {
    const request = (kwargs: Record<string, unknown>) => ({
      config: recipe({ models: scheduledTargets([[1, 1]]), kwargs: { initial_cash: 10_000, ...kwargs } }),
      data: {
        inline: bars([
          [100, 100, 100, 100],
          [102, 103, 101, 102],
        ]),
      },
    });

    it('reduces at acceptance and again at the fill', async () => {
      const run = await ann.backtest(request({}));
      expect(run.orders[0]).toMatchObject({
        requested_quantity: 100,
        quantity: 99,
        filled_quantity: 97,
        status: 'cancelled',
        reason: 'reduced',
      });
      expect(run.fills[0]).toMatchObject({ quantity: 97, price: 102.0204, commission: 4.9479894 });
      expect(last(run, 'cash')).toBe(99.0732106);
    });

    it('denies where it must not reduce', async () => {
      const run = await ann.backtest(request({ on_insufficient: 'reject' }));
      expect(run.orders[0]).toMatchObject({
        status: 'denied',
        deny_codes: ['insufficient_buying_power'],
        quantity: 100,
      });
      expect(run.fills).toEqual([]);
    });
  });

  it('H: a short pays borrow and dividend', async () => {
    // Bar 2 is a Friday and bar 3 the Monday after: three days of borrow on the prior close.
    const sessions = ['2024-01-04', '2024-01-05', '2024-01-08', '2024-01-09'];
    const run = await ann.backtest({
      config: {
        ...recipe({
          models: {
            execution_model: {
              class: 'ScheduledOrders',
              kwargs: {
                orders: [
                  { time: '2024-01-04', vt_symbol: 'X.SIM', ...market('sell', 100) },
                  { time: '2024-01-08', vt_symbol: 'X.SIM', ...market('buy', 100) },
                ],
              },
            },
          },
          kwargs: { account: { type: 'margin' }, borrow_rate: 0.05, normalization: 'raw' },
        }),
      },
      data: {
        inline: bars(
          [
            [50, 50, 50, 50],
            [50, 52, 49, 51],
            [51, 51, 47, 48],
            [48, 48, 48, 48],
          ],
          'X.SIM',
          sessions,
        ),
        actions: [{ vt_symbol: 'X.SIM', ex_date: '2024-01-08', type: 'dividend', amount: 0.8 }],
      },
    });
    const cash = run.events
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((event) => event['type'] === 'CASH');
    expect(prices(run)).toEqual([
      ['sell', 100, 49.99],
      ['buy', 100, 48.0096],
    ]);
    expect(cash.filter((event) => event['kind'] === 'borrow').map((event) => event['amount'])[0]).toBe('-2.125');
    expect(cash.filter((event) => event['kind'] === 'dividend').map((event) => event['amount'])).toEqual(['-80']);
    expect(run.equity.map((row) => row['cash'])[1]).toBe(104996.5005);
  });

  describe('I: a split', () => {
    it('rescales position and orders and leaves equity alone', async () => {
      const run = await ann.backtest({
        config: recipe({
          models: scheduledOrders([
            [1, market('buy', 499)],
            [2, { side: 'sell', order_type: 'limit', quantity: 200, limit_price: 110 }],
          ]),
          kwargs: { normalization: 'raw' },
        }),
        data: {
          inline: bars([
            [100, 100, 100, 100],
            [100, 100, 100, 100],
            [50, 50, 50, 50],
          ]),
          actions: [{ vt_symbol: 'X.SIM', ex_date: SESSIONS[2], type: 'split', ratio: 2 }],
        },
      });
      expect(run.equity[2]?.['positions']).toEqual({ 'X.SIM': { quantity: 998, avg_price: 50.01 } });
      expect(run.orders[1]).toMatchObject({ quantity: 400, limit_price: 55 });
      expect(run.equity[2]?.['equity']).toBe(run.equity[1]?.['equity']);
    });

    it('refuses actions on adjusted data', async () => {
      const answer = await ann.post('/backtests', {
        ...A,
        data: { inline: A_BARS, actions: [{ vt_symbol: 'X.SIM', ex_date: SESSIONS[2], type: 'split', ratio: 2 }] },
      });
      expect([answer.status, answer.body['code']]).toEqual([422, 'double_adjustment']);
    });
  });

  it('J: a signal lives for its horizon', async () => {
    // Flat, then a step up: the fast average crosses once, on bar 6.
    const closes = [10, 10, 10, 10, 10, 12, ...Array.from({ length: 15 }, () => 12)];
    const run = await ann.backtest({
      config: recipe({
        models: {
          alpha_model: { class: 'EmaCross', kwargs: { fast: 2, slow: 4, mode: 'event', horizon_bars: 10 } },
          portfolio_model: { class: 'EqualWeight', kwargs: { max_positions: 1 } },
        },
        kwargs: { min_drift: 0.5 },
      }),
      data: {
        inline: bars([
          [11, 11, 11, 11],
          [10, 10, 10, 10],
          [10, 10, 10, 10],
          [10, 10, 10, 10],
          [10, 10, 10, 10],
          ...closes.slice(5).map((close): [number, number, number, number] => [close, close, close, close]),
        ]),
      },
    });
    const held = run.equity
      .map((row, index) => (Object.keys(row['positions'] as object).length > 0 ? index + 1 : 0))
      .filter(Boolean);
    const cross = (held[0] ?? 0) - 1;
    expect(held).toEqual(Array.from({ length: 10 }, (_, offset) => cross + 1 + offset));
    expect(run.fills.map((fill) => fill['side'])).toEqual(['buy', 'sell']);
  });

  describe('P: versions', () => {
    const yaml = (fast: number): string => `strategy:
  class: FrameworkAlgorithm
  kwargs:
    universe_model: {class: StaticUniverse, kwargs: {symbols: [SPX.CBOE]}}
    alpha_model:
      class: EmaCross
      kwargs:
        fast: ${fast}
        slow: 50
    portfolio_model: {class: EqualWeight, kwargs: {max_positions: 1}}
`;

    it('makes a version only when the hash changes, and goes back to a known one', async () => {
      const { body: created } = await ann.post('/strategies', { name: 'versions', config_yaml: yaml(20) });
      const put = (config_yaml: string) => ann.request('PUT', `/strategies/${created['id']}`, { config_yaml });
      const reordered = yaml(20).replace('fast: 20\n        slow: 50', 'slow: 50\n        fast: 20');
      expect((await put(reordered)).body).toMatchObject({ version: 1 });
      expect((await put(yaml(10))).body).toMatchObject({ version: 2 });
      const { body: diff } = await ann.get<{ diff: string }>(`/strategies/${created['id']}/versions/2/diff`);
      expect(diff.diff.split('\n').filter((line) => /^[-+](?![-+])/.test(line))).toEqual([
        '-        fast: 20',
        '+        fast: 10',
      ]);
      const back = await put(yaml(20));
      expect([back.status, back.body['version'], (back.body['versions'] as unknown[]).length]).toEqual([200, 1, 2]);
      const removed = await ann.request('DELETE', `/strategies/${created['id']}`);
      expect(removed.body).toEqual({ id: created['id'], status: 'archived' });
      expect((await ann.get(`/strategies/${created['id']}/versions/1`)).status).toBe(200);
      expect((await put(yaml(10))).body).toMatchObject({ code: 'archived' });
    });
  });

  describe('V: idempotency and tenancy', () => {
    it('runs a repeated request once and refuses another body under its key', async () => {
      const headers = { 'idempotency-key': 'scenario-v' };
      const first = await ann.post<{ task_id: string }>('/backtests', A, headers);
      const second = await ann.post<{ task_id: string }>('/backtests', A, headers);
      const third = await ann.post('/backtests', { ...A, seed: 7 }, headers);
      expect(second.body.task_id).toBe(first.body.task_id);
      expect(second.headers.get('idempotent-replayed')).toBe('true');
      expect([third.status, third.body['code']]).toEqual([422, 'idempotency_key_reused']);
      await ann.settled(first.body.task_id);
    });

    it("answers another organization's id like an unknown one", async () => {
      const bo = await Client.as(service.url, { user: 'bo', org: 'globex', role: 'owner' });
      const foreign = await bo.get(`/backtests/${a.id}`);
      const unknown = await bo.get('/backtests/018cc251-f400-7000-8000-0000000000ff');
      const strip = ({ instance: _, request_id: __, ...rest }: Record<string, unknown>) => rest;
      expect(foreign.status).toBe(404);
      expect(strip(foreign.body)).toEqual(strip(unknown.body));
    });
  });

  describe('W: bad input', () => {
    const good = recipe({ models: scheduledTargets([[1, 0.5]]) });
    const bomb = `a: &a [${'1,'.repeat(9)}1]\nb: &b [${'*a,'.repeat(9)}*a]\nc: [${'*b,'.repeat(9)}*b]`;

    it.each([
      ['a YAML bomb', '/strategies', { name: 'x', config_yaml: bomb }, 400, 'invalid_yaml'],
      [
        'a YAML function',
        '/strategies',
        { name: 'x', config_yaml: 'a: !!js/function "function(){}"' },
        400,
        'invalid_yaml',
      ],
      [
        'an unknown class',
        '/backtests',
        { config: recipe({ models: { alpha_model: { class: 'os.system', kwargs: {} } } }), data: { inline: A_BARS } },
        422,
        'unknown_component',
      ],
      [
        'NaN cash',
        '/backtests',
        JSON.stringify({ config: good, data: { inline: A_BARS } }).replace(
          '"kwargs":{}',
          '"kwargs":{"initial_cash":NaN}',
        ),
        400,
        'malformed_request',
      ],
      [
        'cash as text',
        '/backtests',
        {
          config: recipe({ models: scheduledTargets([[1, 0.5]]), kwargs: { initial_cash: 'NaN' } }),
          data: { inline: A_BARS },
        },
        422,
        'validation_failed',
      ],
      [
        'a bar with high below low',
        '/backtests',
        { config: good, data: { inline: bars([[100, 99, 101, 100]]) } },
        422,
        'bad_bar',
      ],
    ])('%s', async (_, path, body, status, code) => {
      const before = (await ann.get<{ data: unknown[] }>('/jobs?limit=200')).body.data.length;
      const answer = await ann.post(path, body);
      expect([answer.status, answer.body['code']]).toEqual([status, code]);
      expect((await ann.get<{ data: unknown[] }>('/jobs?limit=200')).body.data.length).toBe(before);
    });
  });

  describe('Z: warm-up', () => {
    it('decides first at the close of the last warm-up bar', async () => {
      const quotes = Array.from({ length: 21 }, (_, index): [number, number, number, number] => [
        100 + index,
        101 + index,
        99 + index,
        100 + index,
      ]);
      const run = await ann.backtest({
        config: recipe({
          models: {
            alpha_model: { class: 'EmaCross', kwargs: { fast: 3, slow: 10 } },
            portfolio_model: { class: 'EqualWeight', kwargs: { max_positions: 1 } },
          },
        }),
        data: { inline: bars(quotes) },
      });
      expect(run.metrics['n_bars']).toBe(21);
      expect(String(run.fills[0]?.['ts']).slice(0, 10)).toBe(SESSIONS[10]);
      expect(String(run.detail['first_decision']).slice(0, 10)).toBe(SESSIONS[9]);
    });

    it('has no ratios where nothing moves', async () => {
      const flat = Array.from({ length: 5 }, (): [number, number, number, number] => [100, 100, 100, 100]);
      const run = await ann.backtest({
        config: recipe({ models: scheduledTargets([[1, 0]]) }),
        data: { inline: bars(flat) },
      });
      expect(run.metrics).toMatchObject({ sharpe: null, sortino: null, calmar: null, max_drawdown: 0 });
    });
  });
});
