import { setTimeout as sleep } from 'node:timers/promises';
import { tableFromIPC } from 'apache-arrow';
import { InstrumentRegistry } from '#areas/data';
import { systemContext } from '#platform/context';
import { TestApi } from './support/index.ts';

const SESSIONS = ['2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05', '2024-01-08', '2024-01-09', '2024-01-10'];
const NORMALIZATIONS = ['raw', 'split_adjusted', 'adjusted', 'total_return'] as const;
const ENDED = new Set(['completed', 'succeeded', 'partially_succeeded', 'failed', 'cancelled']);

const flat = (symbol: string, rows: readonly (readonly [time: string, price: number])[]): object[] =>
  rows.map(([time, price]) => ({
    vt_symbol: symbol,
    time,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: null,
  }));
const recipe = (symbols: readonly string[], portfolio: object, kwargs: Record<string, unknown> = {}): object => ({
  strategy: {
    class: 'FrameworkAlgorithm',
    kwargs: { universe_model: { class: 'StaticUniverse', kwargs: { symbols } }, portfolio_model: portfolio },
  },
  backtest: { engine: 'event', kwargs: { slippage_bps: 0, commission_pct: 0, ...kwargs } },
});
const weights = (of: Record<string, number>): object => ({ class: 'FixedWeights', kwargs: { weights: of } });
const target = (time: string, symbol: string): object => ({
  class: 'ScheduledTargets',
  kwargs: { targets: [{ time, vt_symbol: symbol, weight: 1 }] },
});

describe('stamps and corporate actions', () => {
  let api: TestApi;
  let token: string;

  beforeAll(async () => {
    api = await TestApi.start({
      env: {
        ALPHASWARM_RATE_PRINCIPAL: '100000',
        ALPHASWARM_RATE_WRITE: '100000',
        ALPHASWARM_RATE_ORG: '100000',
        ALPHASWARM_RATE_IP: '100000',
      },
    });
    token = await api.token('ann', { role: 'owner' });
  });
  afterAll(() => api.stop());

  const get = async (path: string): Promise<any> => (await api.get(path, { token })).body;
  const ended = async (path: string): Promise<any> => {
    for (let i = 0; i < 400; i++) {
      const body = await get(path);
      if (ENDED.has(body.status)) return body;
      await sleep(25);
    }
    throw new Error('the run did not end');
  };
  const run = async (config: object, data?: Record<string, unknown>): Promise<any> => {
    const started = await api.post('/backtests', { config, ...(data ? { data } : {}) }, { token });
    expect([started.status, started.body.errors]).toEqual([202, undefined]);
    const result = await ended(`/backtests/${started.body.run_id}`);
    expect(result).toMatchObject({ status: 'completed' });
    return {
      ...result,
      equity: (await get(`/backtests/${result.id}/equity?limit=200`)).data,
      fills: (await get(`/backtests/${result.id}/fills?limit=200`)).data,
    };
  };
  const ingest = async (
    content: string,
    constants: Record<string, string>,
    extra: Record<string, unknown> = {},
  ): Promise<any> => {
    const uploaded = await api.post('/ingest/uploads', content, {
      token,
      headers: { 'content-type': 'application/octet-stream' },
    });
    const started = await api.post(
      '/ingest/runs',
      { source: { kind: 'upload', upload_id: uploaded.body.upload_id }, mapping: { constants }, ...extra },
      { token },
    );
    expect(started.status).toBe(202);
    const result = await ended(`/ingest/runs/${started.body.run_id}`);
    expect(result).toMatchObject({ status: 'succeeded' });
    return result;
  };
  const daily = (symbol: string, closes: readonly number[]): Promise<any> =>
    ingest(
      `Date,Open,High,Low,Close,Volume\n` +
        `${closes.map((close, i) => `${SESSIONS[i]},${close},${close},${close},${close},1000000\n`).join('')}`,
      { vt_symbol: symbol, interval: '1d' },
    );
  const say = (symbol: string, action: object): ReturnType<TestApi['post']> =>
    api.post(`/data/${symbol}/actions`, action, { token });

  describe('F10 daily bars', () => {
    it.each([
      ['T00:00:00-05:00', 'X.NASDAQ'],
      ['T05:00:00Z', 'X.NASDAQ'],
      ['T21:00:00Z', 'X.NASDAQ'],
      ['T16:00:00', 'X.NASDAQ'],
      ['T09:30:00-05:00', 'X.NYSE'],
      ['T00:00:00+08:00', 'X.NASDAQ'],
      ['T16:30:00Z', 'X.LSE'],
      ['T00:00:00Z', 'X.CME'],
      ['T22:00:00Z', 'X.CME'],
      ['T00:00:00Z', 'X.BINANCE'],
      ['', 'X.FX'],
    ])('stamped %s of %s are those of the date as written', async (suffix, symbol) => {
      const dates = SESSIONS.slice(1, 5);
      const prices = [100, 110, 121, 133.1];
      const { equity, warnings, fills } = await run(recipe([symbol], target(dates[0]! + suffix, symbol)), {
        inline: flat(
          symbol,
          dates.map((date, i) => [date + suffix, prices[i]!]),
        ),
      });
      expect(warnings).toEqual([]);
      expect(equity.map(({ session_date }: any) => session_date)).toEqual(dates);
      expect(fills).toMatchObject([{ side: 'buy', price: 110 }]);
    });

    it('that fit no session are shown with the session they missed', async () => {
      const refused = await api.post(
        '/backtests',
        {
          config: recipe(['X.NASDAQ'], weights({ 'X.NASDAQ': 1 })),
          data: {
            inline: flat('X.NASDAQ', [
              ['2024-01-02', 1],
              ['2024-01-06T15:00:00Z', 1],
            ]),
          },
        },
        { token },
      );
      expect(refused).toMatchObject({
        status: 422,
        body: {
          errors: [
            {
              pointer: '/data/inline/1/time',
              code: 'bad_time',
              message:
                '2024-01-06T15:00:00Z is neither a date nor in a session of NASDAQ; the nearest is 2024-01-05, ' +
                '2024-01-05T14:30:00Z to 2024-01-05T21:00:00Z',
            },
          ],
        },
      });
    });
  });

  describe('F9 bars of a request', () => {
    it('are told of when they have no effect, are moved or are left out', async () => {
      const inline = [
        ...flat(
          'X.SIM',
          SESSIONS.map((date) => [date, 10]),
        ),
        ...flat(
          'Y.SIM',
          SESSIONS.slice(0, 3).map((date) => [date, 10]),
        ),
        ...flat('X.SIM', [['2024-01-06', 10]]),
      ];
      Object.assign(inline[1]!, { high: 10 * (1 - 5e-7), low: 9 });
      const { warnings } = await run(recipe(['X.SIM'], weights({ 'X.SIM': 1 })), { inline, repair: 'clamp' });
      expect(warnings).toEqual([
        {
          code: 'bars_clamped',
          message: 'The high or low of 1 bar was moved to the open or close that it missed by rounding.',
          vt_symbol: 'X.SIM',
          count: 1,
        },
        {
          code: 'off_session',
          message: 'One bar lies outside the sessions of SIM and is left out.',
          vt_symbol: 'X.SIM',
          count: 1,
          example: '2024-01-06',
        },
        { code: 'bars_outside_universe', message: expect.any(String), vt_symbol: 'Y.SIM', count: 3 },
      ]);
      const refused = await api.post(
        '/backtests',
        { config: recipe(['X.SIM'], weights({ 'X.SIM': 1 })), data: { inline } },
        { token },
      );
      expect(refused).toMatchObject({
        status: 422,
        body: {
          code: 'bad_bar',
          detail: '1 bar is not acceptable.',
          errors: [{ pointer: '/data/inline/1', code: 'high_too_low' }],
        },
      });
    });

    it('of a benchmark beside the universe have one', async () => {
      const { warnings } = await run(recipe(['X.SIM'], weights({ 'X.SIM': 1 }), { benchmark: 'Y.SIM' }), {
        inline: [
          ...flat(
            'X.SIM',
            SESSIONS.map((date) => [date, 10]),
          ),
          ...flat(
            'Y.SIM',
            SESSIONS.map((date) => [date, 10]),
          ),
        ],
      });
      expect(warnings).toEqual([]);
    });
  });

  describe('inline actions', () => {
    const start = (action: object, normalization = 'adjusted'): ReturnType<TestApi['post']> =>
      api.post(
        '/backtests',
        {
          config: recipe(['X.SIM'], weights({ 'X.SIM': 1 }), { normalization }),
          data: {
            inline: flat(
              'X.SIM',
              SESSIONS.map((date) => [date, 10]),
            ),
            actions: [{ vt_symbol: 'X.SIM', ex_date: '2024-01-08', ...action }],
          },
        },
        { token },
      );

    it.each([
      [{ type: 'rename' }, '/data/actions/0/new_vt_symbol'],
      [{ type: 'rename', new_vt_symbol: 'x.sim' }, '/data/actions/0/new_vt_symbol'],
      [{ type: 'rename', new_vt_symbol: 'Y.SIM', ratio: 1 }, '/data/actions/0/ratio'],
      [{ type: 'merger' }, '/data/actions/0/amount'],
      [{ type: 'merger', ratio: 2 }, '/data/actions/0/new_vt_symbol'],
      [{ type: 'merger', amount: 2, new_vt_symbol: 'Y.SIM' }, '/data/actions/0/ratio'],
      [{ type: 'merger', amount: 0 }, '/data/actions/0/amount'],
      [{ type: 'delisting', new_vt_symbol: 'Y.SIM' }, '/data/actions/0/new_vt_symbol'],
      [{ type: 'split', ratio: 2, new_vt_symbol: 'Y.SIM' }, '/data/actions/0/new_vt_symbol'],
    ])('%j are refused', async (action, pointer) => {
      expect(await start(action)).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
    });

    it('that move no price are taken on every normalization, others on raw alone', async () => {
      for (const normalization of NORMALIZATIONS) {
        for (const action of [
          { type: 'delisting' },
          { type: 'rename', new_vt_symbol: 'Y.SIM' },
          { type: 'merger', amount: 12 },
          { type: 'merger', ratio: 1, new_vt_symbol: 'Y.SIM' },
        ])
          expect([action, (await start(action, normalization)).status]).toEqual([action, 202]);
        for (const action of [
          { type: 'split', ratio: 2 },
          { type: 'dividend', amount: 1 },
        ])
          expect((await start(action, normalization)).body.code).toBe(
            normalization === 'raw' ? undefined : 'double_adjustment',
          );
      }
    });
  });

  describe('stored actions', () => {
    it('need what their kind says', async () => {
      await daily('MRG.NASDAQ', [10, 10]);
      expect(await say('MRG.NASDAQ', { kind: 'merger', ex_date: '2024-02-01' })).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/cash_amount', code: 'required' }] },
      });
      expect(await say('MRG.NASDAQ', { kind: 'merger', ex_date: '2024-02-01', ratio: 0.5 })).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/new_vt_symbol', code: 'required' }] },
      });
      expect(
        await say('MRG.NASDAQ', { kind: 'rename', ex_date: '2024-02-01', new_vt_symbol: 'mrg.nasdaq' }),
      ).toMatchObject({ status: 422, body: { errors: [{ pointer: '/new_vt_symbol' }] } });
      for (const body of [
        { cash_amount: 12 },
        { ratio: 0.5, new_vt_symbol: 'NEW.NASDAQ' },
        { cash_amount: 1, ratio: 1, new_vt_symbol: 'NEW.NASDAQ' },
      ])
        expect((await say('MRG.NASDAQ', { kind: 'merger', ex_date: '2024-02-01', ...body })).status).toBe(201);
    });

    it('are not stored again while they stand', async () => {
      await daily('TWI.NASDAQ', [10, 10]);
      const first = await say('TWI.NASDAQ', {
        kind: 'dividend',
        ex_date: '2024-01-03',
        cash_amount: 0.1234567891,
        currency: 'USD',
      });
      const again = await say('TWI.NASDAQ', {
        kind: 'dividend',
        ex_date: '2024-01-03',
        cash_amount: 0.1234567891,
        currency: 'USD',
      });
      expect([first.status, again.status, again.body]).toEqual([201, 201, first.body]);
      await say('TWI.NASDAQ', { kind: 'dividend', ex_date: '2024-01-03', cash_amount: 0 });
      await say('TWI.NASDAQ', { kind: 'dividend', ex_date: '2024-01-03', cash_amount: 0.1234567891, currency: 'USD' });
      expect((await get('/data/TWI.NASDAQ/actions')).data.map(({ cash_amount }: any) => cash_amount)).toEqual([
        0.123456789, 0, 0.123456789,
      ]);
    });

    it('F7 of one ex-date leave a holder as rich in every normalization that knows dividends', async () => {
      await daily('SD.NASDAQ', [100, 100, 100, 49, 49, 49, 49]);
      await say('SD.NASDAQ', { kind: 'split', ex_date: SESSIONS[3], ratio: 2 });
      await say('SD.NASDAQ', { kind: 'dividend', ex_date: SESSIONS[3], cash_amount: 2, currency: 'USD' });
      for (const normalization of NORMALIZATIONS) {
        const { metrics } = await run(
          recipe(['SD.NASDAQ'], target(SESSIONS[0]!, 'SD.NASDAQ'), { normalization, lot_size: 1e-8 }),
        );
        // Split-adjusted prices leave dividends out.
        expect([normalization, metrics.total_return]).toEqual([
          normalization,
          normalization === 'split_adjusted' ? expect.closeTo(-0.02, 6) : expect.closeTo(0, 6),
        ]);
      }
    });

    it('F9 in another currency are told, and paid in none', async () => {
      await daily('CUR.NASDAQ', [10, 10, 10]);
      for (const day of [1, 2])
        await say('CUR.NASDAQ', { kind: 'dividend', ex_date: SESSIONS[day], cash_amount: 1, currency: 'EUR' });
      for (const normalization of ['raw', 'adjusted', 'total_return']) {
        const { warnings, metrics } = await run(
          recipe(['CUR.NASDAQ'], weights({ 'CUR.NASDAQ': 1 }), { normalization }),
        );
        expect([normalization, warnings, metrics.total_return]).toEqual([
          normalization,
          [
            {
              code: 'dividend_currency',
              message: expect.any(String),
              vt_symbol: 'CUR.NASDAQ',
              count: 2,
              example: SESSIONS[1],
            },
          ],
          0,
        ]);
      }
    });

    it('F8 renames and mergers keep a holder as rich in every normalization, whatever comes later', async () => {
      await daily('OLD.NASDAQ', [100, 100, 100]);
      await daily('TGT.NASDAQ', [50, 50, 50]);
      // The successor splits 2:1 on the sixth session.
      const successor = [100, 100, 100, 100, 100, 50, 50];
      await daily('NEW.NASDAQ', successor);
      await say('NEW.NASDAQ', { kind: 'split', ex_date: SESSIONS[5], ratio: 2 });
      await say('OLD.NASDAQ', { kind: 'rename', ex_date: SESSIONS[3], new_vt_symbol: 'NEW.NASDAQ' });
      await say('TGT.NASDAQ', {
        kind: 'merger',
        ex_date: SESSIONS[3],
        cash_amount: 10,
        ratio: 0.4,
        new_vt_symbol: 'NEW.NASDAQ',
      });
      for (const symbol of ['OLD.NASDAQ', 'TGT.NASDAQ']) {
        for (const normalization of NORMALIZATIONS) {
          const { equity, metrics, warnings, fills } = await run(
            recipe([symbol, 'NEW.NASDAQ'], target(SESSIONS[0]!, symbol), { normalization, initial_cash: 100_000 }),
          );
          expect(fills).toHaveLength(1);
          const shares = fills[0].quantity * (symbol === 'OLD.NASDAQ' ? 1 : 0.4) * 2;
          expect([symbol, normalization, metrics.total_return, Object.keys(equity.at(-1).positions), warnings]).toEqual(
            [symbol, normalization, expect.closeTo(0, 9), ['NEW.NASDAQ'], []],
          );
          expect(equity.at(-1).positions['NEW.NASDAQ'].quantity).toBe(
            normalization === 'total_return' ? shares / 2 : shares,
          );
        }
      }
    });

    it('F8 delistings end what is filled in and expected', async () => {
      await ingest(
        `Date,Open,High,Low,Close,Volume\n${[SESSIONS[0], SESSIONS[6]].map((date) => `${date},1,1,1,1,1\n`).join('')}`,
        { vt_symbol: 'END.NASDAQ', interval: '1d' },
      );
      const filled = async (): Promise<string[]> =>
        (await get('/data/END.NASDAQ/bars?fill=forward')).bars.map(({ session_date }: any) => session_date);
      expect(await filled()).toEqual(SESSIONS.slice(0, 7));
      await say('END.NASDAQ', { kind: 'delisting', ex_date: SESSIONS[3] });
      expect(await filled()).toEqual([...SESSIONS.slice(0, 3), SESSIONS[6]]);
      expect(await get('/data/END.NASDAQ/stats')).toMatchObject({ expected: 3, missing: 2, freshness: 0 });
    });

    it('of a file are recorded once', async () => {
      await daily('UPL.NASDAQ', [10, 10]);
      const { rows } = await api.database.owner.query(
        "SELECT org_id, workspace_id FROM lake_tables WHERE name = 'bars_daily'",
      );
      const ctx = {
        ...systemContext('test', 'test'),
        orgId: rows[0].org_id as string,
        workspaceId: rows[0].workspace_id as string,
      };
      const registry = api.app.get(InstrumentRegistry, { strict: false });
      const split = {
        vt_symbol: 'UPL.NASDAQ',
        kind: 'split' as const,
        ex_date: '2024-01-03',
        ratio: 1 / 3,
        cash_amount: null,
        currency: null,
        new_vt_symbol: null,
      };
      const dividend = { ...split, kind: 'dividend' as const, ratio: null, cash_amount: 0.25 };
      await say('UPL.NASDAQ', { kind: 'dividend', ex_date: '2024-01-03', cash_amount: 0.25, currency: 'USD' });
      expect(await registry.recordActions(ctx, [split, dividend])).toEqual({ recorded: 1 });
      expect(await registry.recordActions(ctx, [split, dividend, { ...dividend, ex_date: '2024-01-04' }])).toEqual({
        recorded: 1,
      });
      expect(
        (await get('/data/UPL.NASDAQ/actions')).data.map(({ kind, ex_date, source_id }: any) => [
          kind,
          ex_date,
          source_id,
        ]),
      ).toEqual([
        ['dividend', '2024-01-03', 'api'],
        ['split', '2024-01-03', 'upload'],
        ['dividend', '2024-01-04', 'upload'],
      ]);
      await expect(
        registry.recordActions(ctx, [
          { ...split, ratio: 2 },
          { ...split, ratio: 3 },
        ]),
      ).rejects.toMatchObject({ code: 'conflict' });
      await expect(registry.recordActions(ctx, [{ ...split, vt_symbol: 'NONE.NASDAQ' }])).rejects.toThrow(
        'NONE.NASDAQ is gone',
      );
    });

    it('F8 delistings pay out in every normalization, and are withdrawn by a ratio of 1', async () => {
      await daily('DEL.NASDAQ', [10, 10, 10, 20, 20, 20, 20]);
      await say('DEL.NASDAQ', { kind: 'delisting', ex_date: SESSIONS[5] });
      const held = async (normalization: string): Promise<any[]> => {
        const { equity, metrics } = await run(
          recipe(['DEL.NASDAQ'], target(SESSIONS[0]!, 'DEL.NASDAQ'), { normalization, initial_cash: 1_000 }),
        );
        return [Object.keys(equity.at(-1).positions), equity.at(-1).cash, metrics.total_return];
      };
      for (const normalization of NORMALIZATIONS)
        expect([normalization, ...(await held(normalization))]).toEqual([normalization, [], 2_000, 1]);
      await say('DEL.NASDAQ', { kind: 'delisting', ex_date: SESSIONS[5], ratio: 1 });
      expect((await held('adjusted'))[0]).toEqual(['DEL.NASDAQ']);
    });
  });

  describe('F8 reads of bars', () => {
    const hours = (stamps: readonly string[]): string =>
      `timestamp,open,high,low,close,volume,trade_count\n` +
      `${stamps.map((stamp, i) => `${stamp},1,1,1,1,1,${i === 0 ? '' : 40 + i}\n`).join('')}`;
    const warned = async (path: string): Promise<any[]> => {
      const { count, warnings } = await get(path);
      return [count, warnings];
    };

    it('tell how many bars the session leaves out', async () => {
      await ingest(hours(['2024-01-07T22:00:00Z', '2024-01-08T03:00:00Z']), { vt_symbol: 'FXA.SIM', interval: '1h' });
      expect(await warned('/data/FXA.SIM/bars?interval=1h')).toEqual([0, [{ code: 'off_session', count: 2 }]]);
      expect(await warned('/data/FXA.SIM/bars?interval=1h&session=all')).toEqual([2, []]);
      expect(await warned('/data/FXA.SIM/bars?interval=1h&start=2024-01-08T00:00:00Z')).toEqual([
        0,
        [{ code: 'off_session', count: 1 }],
      ]);
      expect(await warned('/data/FXA.SIM/bars?interval=1h&start=2024-02-01')).toEqual([0, []]);
      await ingest(hours(['2024-01-08T13:00:00Z', '2024-01-08T14:30:00Z', '2024-01-08T15:30:00Z']), {
        vt_symbol: 'PRE.NASDAQ',
        interval: '1h',
      });
      for (const extra of ['', '&limit=1', '&normalization=raw', '&resample=4h'])
        expect((await warned(`/data/PRE.NASDAQ/bars?interval=1h${extra}`))[1]).toEqual([
          { code: 'off_session', count: 1 },
        ]);
      expect(await warned('/data/PRE.NASDAQ/bars?interval=1h&session=extended')).toEqual([3, []]);
      for (const format of ['csv', 'ndjson', 'arrow', 'parquet'])
        expect([
          format,
          (await api.get(`/data/PRE.NASDAQ/bars?interval=1h&format=${format}`, { token })).headers.get(
            'x-off-session-bars',
          ),
        ]).toEqual([format, '1']);
    });

    it('give trade counts as integers in Arrow', async () => {
      const answer = await fetch(`${api.url}/data/PRE.NASDAQ/bars?interval=1h&session=all&format=arrow`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const table = tableFromIPC(new Uint8Array(await answer.arrayBuffer()));
      expect([
        String(table.schema.fields.find(({ name }) => name === 'trade_count')!.type),
        [...table.getChild('trade_count')!],
      ]).toEqual(['Int64', [null, 41n, 42n]]);
    });
  });

  describe('M8 the exchange FX', () => {
    it('trades from Sunday evening to Friday evening in New York', async () => {
      expect((await get('/data/calendars')).data).toContainEqual({
        exchange: 'FX',
        version: 1,
        timezone: 'America/New_York',
        rule_set: 'fx',
        sessions_per_year: 260,
        sessions: {
          1: ['17:00', '17:00'],
          2: ['17:00', '17:00'],
          3: ['17:00', '17:00'],
          4: ['17:00', '17:00'],
          5: ['17:00', '17:00'],
        },
      });
      expect((await get('/data/calendars/FX/sessions?start=2023-12-29&end=2024-01-02')).sessions).toEqual([
        { date: '2023-12-29', open: '2023-12-28T22:00:00Z', close: '2023-12-29T22:00:00Z', early: false },
        { date: '2024-01-02', open: '2024-01-01T22:00:00Z', close: '2024-01-02T22:00:00Z', early: false },
      ]);
      await ingest('timestamp,open,high,low,close\n2024-01-07T22:00:00Z,1,1,1,1\n2024-01-08T03:00:00Z,1,1,1,1\n', {
        vt_symbol: 'USDJPY.FX',
        interval: '1h',
      });
      const { bars, warnings } = await get('/data/USDJPY.FX/bars?interval=1h');
      expect([bars.map(({ session_date }: any) => session_date), warnings]).toEqual([['2024-01-08', '2024-01-08'], []]);
      expect(await get('/data/instruments/USDJPY.FX')).toMatchObject({
        asset_class: 'fx',
        currency: 'JPY',
        exchange: 'FX',
        lot_size: null,
      });
    });
  });

  it('refuses an abbreviation as time zone and names the place', async () => {
    const uploaded = await api.post('/ingest/uploads', 'timestamp,open,high,low,close\n2024-07-02 09:30,1,1,1,1\n', {
      token,
      headers: { 'content-type': 'application/octet-stream' },
    });
    const refused = await api.post(
      '/ingest/runs',
      {
        source: { kind: 'upload', upload_id: uploaded.body.upload_id },
        mapping: { constants: { vt_symbol: 'Z.NASDAQ', interval: '1m' } },
        timezone: 'EST',
      },
      { token },
    );
    expect(refused).toMatchObject({
      status: 422,
      body: {
        errors: [{ pointer: '/timezone', code: 'bad_timezone', message: expect.stringContaining('America/New_York') }],
      },
    });
  });
});
